import OpLog
import SQLite

/// How far one log is held and how far it was folded.
struct LogHead: Equatable {
  /// The last op held.
  var stored: Head
  /// The last op that was vouched for and folded; never after `stored`.
  var folded: Head
}

/// The op log and its heads: the only SQL that touches them.
struct LogTable {
  private enum SQL {
    /// ?1 replica, ?2 seq, ?3 kind, ?4 occurred_on, ?5 hash, ?6 op.
    static let insert: StaticString = "INSERT INTO log VALUES(?1, ?2, ?3, ?4, ?5, ?6)"
    /// ?1 replica, ?2 seq.
    static let op: StaticString = "SELECT op, hash FROM log WHERE replica = ?1 AND seq = ?2"
    /// ?1 replica, ?2 seq.
    static let hash: StaticString = "SELECT hash FROM log WHERE replica = ?1 AND seq = ?2"
    /// ?1 replica, ?2 first seq, ?3 last seq, ?4 row limit.
    static let range: StaticString = """
      SELECT op FROM log WHERE replica = ?1 AND seq BETWEEN ?2 AND ?3 ORDER BY seq LIMIT ?4
      """
    /// ?1 replica.
    static let head: StaticString = """
      SELECT stored, stored_hash, folded, folded_hash FROM head WHERE replica = ?1
      """
    /// ?1 replica, ?2 stored, ?3 its hash, ?4 folded, ?5 its hash.
    static let setHead: StaticString = "REPLACE INTO head VALUES(?1, ?2, ?3, ?4, ?5)"
    static let replicas: StaticString = "SELECT replica FROM head ORDER BY replica"
  }

  private let insert: Statement
  private let selectOp: Statement
  private let selectHash: Statement
  private let selectRange: Statement
  private let selectHead: Statement
  private let setHead: Statement
  private let selectReplicas: Statement

  init(_ connection: Connection) throws(SQLiteFailure) {
    insert = try connection.prepare(SQL.insert)
    selectOp = try connection.prepare(SQL.op)
    selectHash = try connection.prepare(SQL.hash)
    selectRange = try connection.prepare(SQL.range)
    selectHead = try connection.prepare(SQL.head)
    setHead = try connection.prepare(SQL.setHead)
    selectReplicas = try connection.prepare(SQL.replicas)
  }

  /// Adds an op behind the stored head; O(log n).
  func append(_ op: Op, hash: Digest) throws(SQLiteFailure) {
    insert.bind(1, Int64(op.id.replica.rawValue))
    insert.bind(2, Int64(op.id.seq))
    insert.bind(3, Int64(op.kind))
    insert.bind(4, Int64(op.occurredOn.day))
    insert.bind(5, hash.bytes)
    try insert.run(binding: op.bytes, at: 6)
  }

  /// The bytes and chain hash of an op, or nil.
  func op(_ id: OpID) throws(SQLiteFailure) -> (bytes: [UInt8], hash: Digest)? {
    bind(id, to: selectOp)
    defer { selectOp.reset() }
    guard try selectOp.step() else { return nil }
    return (selectOp.bytes(0), Digest(selectOp.bytes(1)) ?? .zero)
  }

  /// The chain hash after an op, or nil.
  func hash(_ id: OpID) throws(SQLiteFailure) -> Digest? {
    bind(id, to: selectHash)
    defer { selectHash.reset() }
    guard try selectHash.step() else { return nil }
    return Digest(selectHash.bytes(0))
  }

  /// The canonical bytes of at most `limit` ops, in order.
  func ops(
    of replica: ReplicaID, in seqs: ClosedRange<UInt64>, limit: Int
  ) throws(SQLiteFailure) -> [[UInt8]] {
    selectRange.bind(1, Int64(replica.rawValue))
    selectRange.bind(2, Int64(clamping: seqs.lowerBound))
    selectRange.bind(3, Int64(clamping: seqs.upperBound))
    selectRange.bind(4, Int64(limit))
    defer { selectRange.reset() }
    var ops: [[UInt8]] = []
    while try selectRange.step() { ops.append(selectRange.bytes(0)) }
    return ops
  }

  /// The heads of one log, or nil when nothing of it is held.
  func head(of replica: ReplicaID) throws(SQLiteFailure) -> LogHead? {
    selectHead.bind(1, Int64(replica.rawValue))
    defer { selectHead.reset() }
    guard try selectHead.step() else { return nil }
    let stored = Head(
      replica: replica, seq: UInt64(selectHead.integer(0)),
      hash: Digest(selectHead.bytes(1)) ?? .zero)
    let folded = Head(
      replica: replica, seq: UInt64(selectHead.integer(2)),
      hash: Digest(selectHead.bytes(3)) ?? .zero)
    return LogHead(stored: stored, folded: folded)
  }

  /// Keeps the heads of one log.
  func set(_ head: LogHead) throws(SQLiteFailure) {
    setHead.bind(1, Int64(head.stored.replica.rawValue))
    setHead.bind(2, Int64(head.stored.seq))
    setHead.bind(3, head.stored.hash.bytes)
    setHead.bind(4, Int64(head.folded.seq))
    setHead.bind(5, head.folded.hash.bytes)
    try setHead.run()
  }

  /// The writers of all logs held, ascending.
  func replicas() throws(SQLiteFailure) -> [ReplicaID] {
    defer { selectReplicas.reset() }
    var replicas: [ReplicaID] = []
    while try selectReplicas.step() {
      guard let id = ReplicaID(rawValue: UInt32(selectReplicas.integer(0))) else { continue }
      replicas.append(id)
    }
    return replicas
  }

  private func bind(_ id: OpID, to statement: Statement) {
    statement.bind(1, Int64(id.replica.rawValue))
    statement.bind(2, Int64(id.seq))
  }
}
