import Community
import Hub
import OpLog
import Store
import Wire

/// Shows the street and its replicas.
enum HubStatusCommand: Command {
  static let name = "hub status"
  static let summary = Words("街道和各站点的状态", "the street and its offices")
  static let usage = "linli hub status"

  /// One enrolled replica.
  private struct Row {
    let replica: ReplicaID
    let head: Head
    let community: OpID
    let label: String
    let lastReceived: Int64?
    let isRevoked: Bool
  }

  /// All that is shown, from one snapshot.
  private struct Status {
    let name: String
    let hub: Head
    let communities: [(id: OpID, name: String)]
    let rows: [Row]
    let invitations: [Invitation]
    let digest: Digest
  }

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 0)
    let store = try DataFolder(arguments).openHubStore()
    let status = try CommandError.wrap { () throws(StoreError) in
      try store.read { () throws(StoreError) -> Status in try Self.status(of: store) }
    }
    if arguments.console.isJSON {
      showJSON(status, store.identity.street, arguments.console)
    } else {
      show(status, arguments.console)
    }
    return ExitCode.ok
  }

  private static func status(of store: Store) throws(StoreError) -> Status {
    let hub = store.identity.replica
    var rows: [Row] = []
    let last = try store.lastReplica().rawValue
    for number in hub.rawValue...max(last, hub.rawValue) {
      guard let replica = ReplicaID(rawValue: number),
        let enrolment = try store.enrolment(of: replica)
      else { continue }
      let head = try store.storedHead(of: replica)
      rows.append(
        Row(
          replica: replica, head: head, community: enrolment.community, label: enrolment.label,
          lastReceived: try store.lastReceived(of: head), isRevoked: enrolment.isRevoked))
    }
    let communities = try store.communityNames().sorted { $0.key < $1.key }
    let name = String(decoding: try store.setting(.streetName) ?? [], as: UTF8.self)
    return Status(
      name: name, hub: try store.storedHead(of: hub),
      communities: communities.map { ($0.key, $0.value) }, rows: rows,
      invitations: try store.openInvitations(now: Machine.now()),
      digest: try store.stateDigest().value)
  }

  private static func show(_ status: Status, _ console: Console) {
    let titles = [
      Words("副本", "replica"), Words("社区", "community"), Words("名称", "label"),
      Words("记录", "ops"), Words("链头", "head"), Words("最近收到", "last received"), Words("状态", "state"),
    ]
    var table = Table(titles.map { console.language($0) })
    table.add([
      status.hub.replica.description, "", status.name, String(status.hub.seq),
      String(status.hub.hash.description.prefix(12)), "",
      console.language(Words("街道", "hub")),
    ])
    let names = Dictionary(uniqueKeysWithValues: status.communities.map { ($0.id, $0.name) })
    for row in status.rows {
      let state = row.isRevoked ? Words("已停用", "revoked") : Words("正常", "open")
      table.add([
        row.replica.description, names[row.community] ?? row.community.description, row.label,
        String(row.head.seq), String(row.head.hash.description.prefix(12)),
        row.lastReceived.map { BeijingTime.text($0) } ?? "", console.language(state),
      ])
    }
    for line in table.lines { console.out(line) }
    let communities = status.communities.map { "\($0.name) (\($0.id))" }.joined(separator: ", ")
    console.out(Words("社区 \(communities)", "communities \(communities)"))
    for invitation in status.invitations {
      let name = names[invitation.community] ?? invitation.community.description
      let end = BeijingTime.text(invitation.expiresAt)
      console.out(
        Words(
          "未用的入网码: \(name)，\(invitation.label)，到 \(end) 为止",
          "unused code for \(name), \(invitation.label), until \(end)"))
    }
    console.out(Words("摘要 \(status.digest)", "digest \(status.digest)"))
  }

  private static func showJSON(_ status: Status, _ street: StreetID, _ console: Console) {
    console.json { json in
      json.key("street")
      json.text(street.description)
      json.key("name")
      json.text(status.name)
      json.head(status.hub)
      json.key("digest")
      json.text(status.digest.description)
      json.key("communities")
      json.openArray()
      for community in status.communities {
        json.openObject()
        json.key("id")
        json.opID(community.id)
        json.key("name")
        json.text(community.name)
        json.closeObject()
      }
      json.closeArray()
      json.key("invitations")
      json.openArray()
      for invitation in status.invitations {
        json.openObject()
        json.key("community")
        json.opID(invitation.community)
        json.key("label")
        json.text(invitation.label)
        json.key("expires_at")
        json.integer(invitation.expiresAt)
        json.closeObject()
      }
      json.closeArray()
      json.key("replicas")
      json.openArray()
      for row in status.rows {
        json.openObject()
        json.head(row.head)
        json.key("community")
        json.opID(row.community)
        json.key("label")
        json.text(row.label)
        if let lastReceived = row.lastReceived {
          json.key("last_received")
          json.integer(lastReceived)
        }
        json.key("revoked")
        json.flag(row.isRevoked)
        json.closeObject()
      }
      json.closeArray()
    }
  }
}

extension JSONWriter {
  /// Writes the members `replica`, `ops`, and `head` of a log.
  mutating func head(_ head: Head) {
    key("replica")
    integer(Int64(head.replica.rawValue))
    key("ops")
    integer(Int64(head.seq))
    key("head")
    text(head.hash.description)
  }
}
