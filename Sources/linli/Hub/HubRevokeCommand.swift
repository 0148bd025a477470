import Community
import Hub
import OpLog
import Store
import Wire

/// Shuts an office's door.
enum HubRevokeCommand: Command {
  static let name = "hub revoke"
  static let summary = Words("停用一个站点，已记录的仍然有效", "revoke an office; what it recorded stays")
  static let usage = "linli hub revoke REPLICA [--reason lost|replaced|misused|closed]"
  static let example = "linli hub revoke 4098 --reason replaced --data hub"

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 1)
    let replica = try arguments.replica()
    let reason = try reason(arguments.option("reason") ?? "lost")
    let store = try DataFolder(arguments).openHubStore()
    let isKnown = try CommandError.wrap { () throws(StoreError) in
      try HubAdmin.revoke(replica, reason: reason, in: store, now: Machine.now())
    }
    guard isKnown else {
      throw .refused(
        "unknown-replica", Words("没有副本 \(replica)", "no replica \(replica) is enrolled"),
        advice: Words("linli hub status 会列出编号", "linli hub status lists the numbers"))
    }
    arguments.console.answer(
      Words(
        "已停用 \(replica)；它还没有送来的记录，此后收不到",
        "revoked \(replica); what it had not sent yet is not taken any more")
    ) { json in
      json.member("revoked", replica.rawValue)
    }
    return ExitCode.ok
  }

  private static func reason(_ text: String) throws(CommandError) -> Int64 {
    let field = Catalogue.kind(named: "replica.revoke")?.schema.fields.first { $0.name == "reason" }
    guard let field, case .choice(let names) = field.type else {
      preconditionFailure("replica.revoke has a choice of reasons")
    }
    guard case .integer(let index)? = FieldText.parse(text, as: field.type) else {
      throw .badValue(option: "reason", text, names.joined(separator: " | "))
    }
    return index
  }
}
