import Community
import HTTPClient
import Office
import OpLog
import Wire

/// Makes this folder an office of a street.
enum OfficeInitCommand: Command {
  static let name = "office init"
  static let summary = Words("用入网码把本机变成一个站点", "become an office with a one-time code")
  static let usage = "linli office init --hub URL --code CODE [--label TEXT] [--attempts N]"
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
    let office: OfficeCore
    do throws(OfficeError) {
      office = try await folder.enrol(
        code: code, hub: hub, label: arguments.option("label") ?? "", through: line,
        random: Machine.random)
    } catch { throw CommandError(error) }
    let console = arguments.console
    if !console.isJSON {
      console.out(
        Words("已入网: 副本 \(office.replica)", "enrolled as replica \(office.replica)"))
    }
    let summary = try await HubLine.sync(office, through: line, attempts: attempts, console)
    console.answer(summary.words) { json in
      json.member("replica", office.replica.rawValue)
      json.member("community", office.community)
      json.summary(summary)
    }
    return ExitCode.ok
  }
}
