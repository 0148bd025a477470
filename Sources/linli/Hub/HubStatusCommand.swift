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
    let isRevoked: Bool
  }

  /// All that is shown, from one snapshot.
  private struct Status {
    let name: String
    let hub: Head
    let rows: [Row]
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
      rows.append(
        Row(
          replica: replica, head: try store.storedHead(of: replica),
          community: enrolment.community, label: enrolment.label, isRevoked: enrolment.isRevoked))
    }
    let name = String(decoding: try store.setting(.streetName) ?? [], as: UTF8.self)
    return Status(
      name: name, hub: try store.storedHead(of: hub), rows: rows,
      digest: try store.stateDigest().value)
  }

  private static func show(_ status: Status, _ console: Console) {
    let titles = [
      Words("副本", "replica"), Words("社区", "community"), Words("名称", "label"),
      Words("记录", "ops"), Words("链头", "head"), Words("状态", "state"),
    ]
    var table = Table(titles.map { console.language($0) })
    table.add([
      status.hub.replica.description, "", status.name, String(status.hub.seq),
      String(status.hub.hash.description.prefix(12)),
      console.language(Words("街道", "hub")),
    ])
    for row in status.rows {
      let state = row.isRevoked ? Words("已停用", "revoked") : Words("正常", "open")
      table.add([
        row.replica.description, row.community.description, row.label, String(row.head.seq),
        String(row.head.hash.description.prefix(12)), console.language(state),
      ])
    }
    for line in table.lines { console.out(line) }
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
      json.key("replicas")
      json.openArray()
      for row in status.rows {
        json.openObject()
        json.head(row.head)
        json.key("community")
        json.opID(row.community)
        json.key("label")
        json.text(row.label)
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
