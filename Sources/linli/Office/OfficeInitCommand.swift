import Community
import HTTPClient
import Office
import OpLog
import Wire

/// Makes this folder an office of a street.
enum OfficeInitCommand: Command {
  static let name = "office init"
  static let summary = Words("用入网码把本机变成一个站点", "become an office with a one-time code")
  static let usage =
    "linli office init --hub URL --code CODE [--from FOLDER] [--label TEXT] [--attempts N]"
  static let example = "linli office init --hub http://127.0.0.1:8420 --code CODE --data office"

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 0)
    let hub = try arguments.required("hub")
    let code = InvitationCode.normalised(try arguments.required("code"))
    let attempts = try arguments.integer("attempts", in: 1...100) ?? 5
    let line = try HubLine.open(hub)
    let folder = OfficeFolder(arguments.dataFolder, as: Machine.edition)
    guard !folder.isEnrolled else {
      throw .refused(
        "enrolled", Words("这个文件夹已经是一个站点", "this folder is an office already"),
        advice: Words(
          "运行 linli office sync，或用 --data 指定另一个文件夹",
          "run linli office sync, or name another folder with --data"))
    }
    let former = try former(arguments)
    let office: OfficeCore
    do throws(OfficeError) {
      office = try await folder.enrol(
        code: code, hub: hub, label: arguments.option("label") ?? "", inPlaceOf: former,
        through: line, random: Machine.random)
    } catch { throw CommandError(error) }
    let console = arguments.console
    if !console.isJSON {
      console.out(
        Words("已入网: 副本 \(office.replica)", "enrolled as replica \(office.replica)"))
    }
    let summary = try await HubLine.sync(office, through: line, attempts: attempts, console)
    let again = former == nil ? nil : try RecordedAgain(office.store)
    console.answer(summary.words) { json in
      json.member("replica", office.replica.rawValue)
      json.member("community", office.community)
      again?.write(to: &json)
      json.summary(summary)
    }
    if let again, !console.isJSON { again.lines.forEach(console.out) }
    return ExitCode.ok
  }

  static func details(of words: [String], in language: Language) -> String {
    language(
      Words(
        """
        --from 指本社区一个不能再用的旧文件夹(例如街道用过旧数据、rejoin 说完成不了的): 那里登记过而街道没有的，
        历史到齐后用新编号补录；补不了的列在待处理里。旧文件夹里的数据都还在，从此不要再用它登记。
        旧号名下的账户和货架用 linli hub retire 旧号 --to 新号 转过来。在旧文件夹导入过的表，不要在这里再导入一次。
        """,
        """
        --from names an old folder of this community that cannot go on (such as one of which rejoin says that it
        could not end): what was recorded there and the hub lacks is recorded again under the new number once
        the history is here, and what cannot be is on the desk. The old folder keeps what it has; record
        nothing in it from then on. Its accounts and shelf come with linli hub retire OLD --to NEW. Do not
        import here once more what was imported there: it would be new here.
        """))
  }

  /// The folder that this one takes the place of.
  private static func former(_ arguments: Arguments) throws(CommandError) -> OfficeFolder? {
    guard let path = arguments.option("from") else { return nil }
    let former = OfficeFolder(path, as: Machine.edition)
    guard former.isEnrolled else {
      throw .usage(
        Words("\(path) 里没有站点数据", "there is no office in \(path)"),
        advice: Words("--from 要写旧文件夹", "--from names the old folder"))
    }
    return former
  }
}
