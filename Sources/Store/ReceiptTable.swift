import OpLog
import SQLite

/// One run that a receipt covers, as stored.
struct CoveredRun {
  let replica: ReplicaID
  let seqs: ClosedRange<UInt64>
  let receipt: OpID
  let index: Int
  let receivedAt: Int64
}

/// Which receipt covers which stretch of which log: of several the first in the canonical order.
///
/// Receipts of one hub come in their order. Those of a former hub may come after those of its
/// successor, and then take over what both cover.
struct ReceiptTable {
  private let insert: Statement
  private let select: Statement
  private let last: Statement
  private let before: Statement
  private let trim: Statement
  private let replaced: Statement

  init(_ connection: Connection) throws(SQLiteFailure) {
    insert = try connection.prepare(
      "INSERT OR IGNORE INTO receipt_run VALUES(?1, ?2, ?3, ?4, ?5, ?6)")
    select = try connection.prepare(
      """
      SELECT from_seq, to_seq, receipt, run, received_at FROM receipt_run
       WHERE replica = ?1 AND to_seq >= ?2 ORDER BY to_seq LIMIT 1
      """)
    last = try connection.prepare(
      """
      SELECT to_seq, receipt, received_at FROM receipt_run
       WHERE replica = ?1 ORDER BY to_seq DESC LIMIT 1
      """)
    before = try connection.prepare(
      "SELECT max(to_seq) FROM receipt_run WHERE replica = ?1 AND receipt < ?2")
    replaced = try connection.prepare(
      "DELETE FROM receipt_run WHERE replica = ?1 AND receipt > ?2 AND to_seq <= ?3")
    trim = try connection.prepare(
      """
      UPDATE receipt_run SET from_seq = ?3 + 1
       WHERE replica = ?1 AND receipt > ?2 AND from_seq <= ?3
      """)
  }

  /// How far a log has receipts that come before a new one, and whether later ones are here already.
  ///
  /// O(log n), or O(receipts of the log) behind later ones.
  func covered(
    _ replica: ReplicaID, before receipt: OpID
  ) throws(SQLiteFailure) -> (seq: UInt64, isLate: Bool) {
    last.bind(1, Int64(replica.rawValue))
    defer { last.reset() }
    guard try last.step() else { return (0, false) }
    guard last.integer(1) > receipt.packed else { return (UInt64(last.integer(0)), false) }
    before.bind(1, Int64(replica.rawValue))
    before.bind(2, receipt.packed)
    defer { before.reset() }
    return try before.step() ? (UInt64(before.optionalInteger(0) ?? 0), true) : (0, true)
  }

  /// Takes what a run covers away from later receipts.
  func makeRoom(for run: CoveredRun) throws(SQLiteFailure) {
    for statement in [replaced, trim] {
      statement.bind(1, Int64(run.replica.rawValue))
      statement.bind(2, run.receipt.packed)
      statement.bind(3, Int64(run.seqs.upperBound))
      try statement.run()
    }
  }

  func add(_ run: CoveredRun) throws(SQLiteFailure) {
    insert.bind(1, Int64(run.replica.rawValue))
    insert.bind(2, Int64(run.seqs.upperBound))
    insert.bind(3, Int64(run.seqs.lowerBound))
    insert.bind(4, run.receipt.packed)
    insert.bind(5, Int64(run.index))
    insert.bind(6, run.receivedAt)
    try insert.run()
  }

  /// The run that covers an op, or nil before its receipt; O(log n).
  func run(covering id: OpID) throws(SQLiteFailure) -> CoveredRun? {
    select.bind(1, Int64(id.replica.rawValue))
    select.bind(2, Int64(id.seq))
    defer { select.reset() }
    guard try select.step(), UInt64(select.integer(0)) <= id.seq,
      let receipt = OpID(packed: select.integer(2))
    else { return nil }
    return CoveredRun(
      replica: id.replica, seqs: UInt64(select.integer(0))...UInt64(select.integer(1)),
      receipt: receipt, index: Int(select.integer(3)), receivedAt: select.integer(4))
  }

  /// How far a log has receipts; 0 for none.
  func covered(_ replica: ReplicaID) throws(SQLiteFailure) -> UInt64 {
    last.bind(1, Int64(replica.rawValue))
    defer { last.reset() }
    return try last.step() ? UInt64(last.integer(0)) : 0
  }

  /// The last receipt of a log, packed, and its stamp in ms since 1970-01-01 UTC.
  ///
  /// O(log n); nil for none.
  func last(of replica: ReplicaID) throws(SQLiteFailure) -> (receipt: Int64, receivedAt: Int64)? {
    last.bind(1, Int64(replica.rawValue))
    defer { last.reset() }
    return try last.step() ? (last.integer(1), last.integer(2)) : nil
  }
}
