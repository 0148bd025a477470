import Community
import Hub
import OpLog
import Store
import Wire

/// Shuts an office's door.
enum HubRevokeCommand: Command {
  static let name = "hub revoke"
  static let summary = Words("停用一个站点，已记录的仍然有效", "revoke an office; what it recorded stays")
  static let usage = "linli hub revoke REPLICA [--reason lost|replaced|misused|closed] [--yes]"
  static let example = "linli hub revoke 4098 --reason replaced --data hub"

  /// The office that is meant.
  private struct Office {
    let replica: ReplicaID
    let label: String
    let community: String
    let lastReceived: Int64?
    let isRevoked: Bool
    /// Whether another office of its community is in use, which could take its place.
    let hasHeir: Bool
  }

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 1)
    let replica = try arguments.replica()
    let reason = try reason(arguments.option("reason") ?? "lost")
    let store = try DataFolder(arguments).openHubStore()
    let (office, isForgotten) = try CommandError.wrap { () throws(StoreError) in
      try store.read { () throws(StoreError) in
        (try found(replica, in: store), try store.isForgotten(replica))
      }
    }
    guard let office else {
      guard !isForgotten else { throw .notEnrolled(replica) }
      throw .refused(
        "unknown-replica", Words("没有副本 \(replica)", "no replica \(replica) is enrolled"),
        advice: Words("linli hub status 会列出编号", "linli hub status lists the numbers"))
    }
    let isDone = arguments.flag("yes")
    if isDone {
      // Revoked before, it is revoked again: that shuts the door that `hub readmit` opened.
      _ = try CommandError.wrap { () throws(StoreError) in
        try HubAdmin.revoke(replica, reason: reason, in: store, now: Machine.now())
      }
    }
    let console = arguments.console
    guard !console.isJSON else {
      show(office, isDone, console)
      return ExitCode.ok
    }
    if isDone {
      console.out(
        Words(
          "已停用 \(replica)；它还没有送来的记录，此后收不到",
          "revoked \(replica); what it had not sent yet is not taken any more"))
    } else {
      for line in preview(of: office) { console.out(line) }
    }
    return ExitCode.ok
  }

  static func details(of words: [String], in language: Language) -> String {
    language(
      Words(
        "不加 --yes 只显示要停用哪一站。停用只关门，账户和库存不动；要由另一台接替，用 linli hub retire。",
        """
        Without --yes it only shows which office is meant. It shuts the door and moves nothing: linli hub
        retire puts another PC in its place.
        """))
  }

  private static func found(
    _ replica: ReplicaID, in store: Store
  ) throws(StoreError) -> Office? {
    guard let row = try store.row(Tables.replica, id: Int64(replica.rawValue)) else { return nil }
    let community = row[2].id
    let name = try community.flatMap { (id) throws(StoreError) in
      try store.row(Tables.community, id: id.packed)?[1].text
    }
    return Office(
      replica: replica, label: row[3].text, community: name ?? "",
      lastReceived: try store.lastReceived(of: store.storedHead(of: replica)),
      isRevoked: row[4] != .null,
      hasHeir: try store.rows(of: Tables.replica).contains {
        $0[0] != row[0] && $0[2].id == community && $0[4] == .null
      })
  }

  private static func preview(of office: Office) -> [Words] {
    let (replica, received) = (office.replica, office.lastReceived.map { BeijingTime.text($0) })
    let who = "\(replica) \(office.label)"
    var lines = [
      Words(
        "\(who) (\(office.community))，最近送来记录: \(received ?? "从未")",
        "\(who) (\(office.community)), sent records last: \(received ?? "never")")
    ]
    if office.isRevoked {
      lines.append(
        Words(
          "它已经停用；再停用一次，会关上 linli hub readmit 打开的门",
          "it is revoked already; once more shuts the door that linli hub readmit opened"))
    }
    if !office.hasHeir {
      lines.append(
        Words(
          "它是本社区唯一在用的站点: 停用后本社区没有地方登记，要先用 linli hub invite 邀请一台才能接替",
          "it is the only office of its community in use: nobody there can record then, and another PC has "
            + "to be invited before it can take its place"))
    }
    lines.append(
      Words(
        "它还没有送来的记录将收不到，除非注销(linli hub retire)以后用 linli hub readmit 再放行。还没有停用；确认后加 --yes",
        "what it has not sent yet will not be taken, unless it is retired (linli hub retire) and then let in "
          + "again by linli hub readmit. Nothing is done yet: add --yes to go on"))
    return lines
  }

  private static func show(_ office: Office, _ isDone: Bool, _ console: Console) {
    console.json { json in
      json.member(isDone ? "revoked" : "office", office.replica.rawValue)
      json.member("label", office.label)
      json.member("community", office.community)
      json.member("last_received", office.lastReceived)
      json.member("revoked_before", office.isRevoked)
    }
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
