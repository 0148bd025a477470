import OpLog
import SQLite

/// What each receipt of a later hub covers beyond the earlier receipts of that same hub.
///
/// ``ReceiptTable`` knows the first receipt of each op, which after a rebuild is mostly one of a
/// former hub. Whoever follows a hub from its start needs that hub's own runs instead. Those of the
/// first hub are the same in both tables, and stand in that one only.
struct HubRunTable {
  private let insert: Statement
  private let last: Statement
  private let first: Statement

  init(_ connection: Connection) throws(SQLiteFailure) {
    insert = try connection.prepare("INSERT OR IGNORE INTO hub_run VALUES(?1, ?2, ?3, ?4)")
    last = try connection.prepare(
      "SELECT max(to_seq) FROM hub_run WHERE hub = ?1 AND replica = ?2")
    first = try connection.prepare(
      "SELECT from_seq FROM hub_run WHERE hub = ?1 AND replica = ?2 AND to_seq = ?3")
  }

  /// How far a hub's own receipts cover a log; 0 for none.
  func covered(_ replica: ReplicaID, by hub: ReplicaID) throws(SQLiteFailure) -> UInt64 {
    last.bind(1, Int64(hub.rawValue))
    last.bind(2, Int64(replica.rawValue))
    defer { last.reset() }
    return try last.step() ? UInt64(last.optionalInteger(0) ?? 0) : 0
  }

  /// Keeps the run of a receipt, unless the hub's earlier ones cover it.
  func add(_ upTo: Head, by hub: ReplicaID) throws(SQLiteFailure) {
    let covered = try covered(upTo.replica, by: hub)
    guard upTo.seq > covered else { return }
    insert.bind(1, Int64(hub.rawValue))
    insert.bind(2, Int64(upTo.replica.rawValue))
    insert.bind(3, Int64(upTo.seq))
    insert.bind(4, Int64(covered) + 1)
    try insert.run()
  }

  /// The first seq of the run that ends at a head; nil when this hub has no such run.
  func firstSeq(ofRunEndingAt head: Head, by hub: ReplicaID) throws(SQLiteFailure) -> UInt64? {
    first.bind(1, Int64(hub.rawValue))
    first.bind(2, Int64(head.replica.rawValue))
    first.bind(3, Int64(head.seq))
    defer { first.reset() }
    return try first.step() ? UInt64(first.integer(0)) : nil
  }
}
