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

/// Which receipt covers which stretch of which log.
struct ReceiptTable {
  private let insert: Statement
  private let select: Statement
  private let last: Statement

  init(_ connection: Connection) throws(SQLiteFailure) {
    insert = try connection.prepare(
      "INSERT OR IGNORE INTO receipt_run VALUES(?1, ?2, ?3, ?4, ?5, ?6)")
    select = try connection.prepare(
      """
      SELECT from_seq, to_seq, receipt, run, received_at FROM receipt_run
       WHERE replica = ?1 AND to_seq >= ?2 ORDER BY to_seq LIMIT 1
      """)
    last = try connection.prepare("SELECT max(to_seq) FROM receipt_run WHERE replica = ?1")
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
}
