import Community
import HTTPClient
import Office
import OpLog
import Store
import Wire

/// Lets a PC whose database was copied go on under a new id.
enum OfficeRejoinCommand: Command {
  static let name = "office rejoin"
  static let summary = Words(
    "数据被复制或用旧备份恢复后，用新入网码继续", "go on after the data was copied, with a new code")
  static let usage =
    "linli office rejoin --code CODE [--hub URL] [--label TEXT] [--attempts N] [--yes]"
  static let example = "linli office rejoin --code CODE --data office"

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 0)
    let code = InvitationCode.normalised(try arguments.required("code"))
    let attempts = try arguments.integer("attempts", in: 1...100) ?? 5
    let (office, console) = (try DataFolder(arguments).openOffice(), arguments.console)
    let isBegun = try CommandError.wrap { () throws(OfficeError) in try office.stop == .rejoining }
    if !isBegun {
      let plan = try CommandError.wrap { () throws(OfficeError) in try office.rejoinPlan() }
      guard arguments.flag("yes") else {
        show(plan, console)
        return ExitCode.ok
      }
    }
    let known = try CommandError.wrap { () throws(OfficeError) in try office.hubAddress }
    let hub = arguments.option("hub") ?? known
    let line = try HubLine.open(hub)
    let (folder, label) = (
      OfficeFolder(arguments.dataFolder, as: Machine.edition), arguments.option("label") ?? ""
    )
    var joined: OfficeCore
    do throws(OfficeError) {
      joined = try await folder.rejoin(
        code: code, hub: hub, label: label, through: line, random: Machine.random)
    } catch { throw CommandError(error) }
    tell(joined, console)
    let summary: SyncSummary
    do throws(CommandError) {
      summary = try await HubLine.sync(joined, through: line, attempts: attempts, console)
    } catch {
      // The hub lost its data before anybody heard of the new id: it takes another, by another code.
      guard error.code == ProblemKind.unauthorized.rawValue,
        try CommandError.wrap({ () throws(OfficeError) in try joined.isForgotten })
      else { throw error }
      do throws(OfficeError) {
        joined = try await folder.rejoinAgain(
          code: code, label: label, through: line, random: Machine.random)
      } catch { throw CommandError(error) }
      tell(joined, console)
      summary = try await HubLine.sync(joined, through: line, attempts: attempts, console)
    }
    let again = try RecordedAgain(joined.store)
    let former = try CommandError.wrap { () throws(StoreError) in try FormerIDs(of: joined.store) }
    console.answer(summary.words) { json in
      json.member("replica", joined.replica.rawValue)
      again.write(to: &json)
      json.summary(summary)
      former.write(to: &json)
    }
    if !console.isJSON { for line in again.lines + former.words { console.out(line) } }
    return ExitCode.ok
  }

  static func details(of words: [String], in language: Language) -> String {
    language(
      Words(
        """
        不加 --yes 只列出可能要补录的记录，什么也不改。中途断电或断网，原样再运行一次即可。
        旧凭证上的编号用 linli explain 仍能查到。
        旧号名下的账户和货架不会自己转过来: 没有别的电脑再用旧号时，由两位审核人员在街道运行
        linli hub retire 旧号 --to 新号 --by A,B --reason copied；办完以前 office status 和 hub status 都会提醒。
        """,
        """
        Without --yes it lists what may be recorded again and changes nothing. If the power or the line
        fails, run it again as it was. linli explain still finds the numbers on old receipts.
        The accounts and the shelf of the former id do not come along: once no other PC goes on with it, two
        approvers run linli hub retire OLD --to NEW --by A,B --reason copied at the hub. Until then
        office status and hub status say so.
        """))
  }

  private static func tell(_ joined: OfficeCore, _ console: Console) {
    guard !console.isJSON else { return }
    console.out(
      Words("已重新入网: 副本 \(joined.replica)", "rejoined as replica \(joined.replica)"))
  }

  /// Shows what may be recorded again, by kind.
  private static func show(_ plan: RejoinPlan, _ console: Console) {
    let kinds = Dictionary(grouping: plan.ops, by: \.kind).sorted { $0.key < $1.key }
    guard !console.isJSON else {
      return console.json { json in
        json.member("replica", plan.former.rawValue)
        json.member("proved", Int64(plan.proved))
        json.member("unproved", Int64(plan.ops.count))
        json.member("kinds", each: kinds) { json, group in
          json.member("kind", Catalogue.kind(group.key)?.name)
          json.member("count", Int64(group.value.count))
        }
      }
    }
    console.out(
      Words(
        "街道肯定有 \(plan.former) 的前 \(plan.proved) 条；其后 \(plan.ops.count) 条，街道没有的会用新编号补录，最多这些:",
        "the hub surely has the first \(plan.proved) ops of \(plan.former); of the \(plan.ops.count) behind "
          + "them, those that it lacks are recorded again under a new id, at most:"))
    for group in kinds {
      let words = Catalogue.kind(group.key)?.words ?? Words("其他", "other")
      console.out(
        Words(
          "  \(words.chinese)  \(group.value.count)", "  \(words.english)  \(group.value.count)"))
    }
    console.out(
      Words(
        "还没有做任何更改；确认后加 --yes",
        "nothing is changed yet: add --yes to go on"))
  }
}
