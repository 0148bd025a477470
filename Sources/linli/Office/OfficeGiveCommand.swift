import Community
import Office
import OpLog

/// Hands an account to another office of the community.
enum OfficeGiveCommand: Command {
  static let name = "office give"
  static let summary = Words("把居民账户转到本社区另一站点", "hand an account to another office of the community")
  static let usage =
    "linli office give --resident ID --to REPLICA --as STAFF [--on DATE] [--pin-file FILE]"
  static let example = "linli office give --resident 4097-1 --to 4098 --as 4096-4 --data office"

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 0)
    let (account, to) = (try arguments.required("resident"), try arguments.required("to"))
    let office = try DataFolder(arguments).openOffice()
    try office.signIn(arguments)
    let request = RecordRequest(
      kind: "custody.give", fields: ["account": account, "to": to],
      actor: try arguments.required("as"), occurredOn: arguments.option("on"))
    let acknowledgement = try office.acknowledge(request)
    arguments.console.answer(
      Words(
        "已把 \(account) 转到 \(to)；对方同步后即可兑换",
        "gave \(account) to \(to); it can redeem there once that office has synced")
    ) { $0.members(of: acknowledgement) }
    return ExitCode.ok
  }
}
