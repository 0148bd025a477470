import OpLog
import SQLite

/// One op of a branch, as stored.
struct BranchOp {
  let bytes: [UInt8]
  let hash: Digest
}

/// The logs that have, or had, two branches; on almost every street none.
struct BranchedLogs {
  /// Those with ops that come in beside what the log has.
  var beside: Set<ReplicaID>
  /// Those of which ops were put away.
  var putAway: Set<ReplicaID>
}

/// The tables `beside` and `put_away`: what is written to them, and what every sync reads.
struct BranchTable {
  private let connection: Connection
  private let insertBeside: Statement
  private let selectBeside: Statement
  private let ends: Statement
  private let deleteBeside: Statement
  private let selectPutAway: Statement
  private let putAwayBeside: Statement
  private let putAwayLog: Statement
  private let takeBack: Statement
  private let takeOneBack: Statement
  private let cutLog: Statement
  private let logs: Statement

  init(_ connection: Connection) throws(SQLiteFailure) {
    self.connection = connection
    insertBeside = try connection.prepare("INSERT INTO beside VALUES(?1, ?2, ?3, ?4)")
    selectBeside = try connection.prepare(
      "SELECT op, hash FROM beside WHERE replica = ?1 AND seq = ?2")
    ends = try connection.prepare("SELECT min(seq), max(seq) FROM beside WHERE replica = ?1")
    deleteBeside = try connection.prepare("DELETE FROM beside WHERE replica = ?1 AND seq > ?2")
    selectPutAway = try connection.prepare(
      "SELECT op, hash FROM put_away WHERE replica = ?1 AND seq = ?2 ORDER BY hash")
    putAwayBeside = try connection.prepare(
      """
      INSERT OR IGNORE INTO put_away(replica, seq, hash, op)
       SELECT replica, seq, hash, op FROM beside
       WHERE replica = ?1 AND seq <= ?2
      """)
    putAwayLog = try connection.prepare(
      """
      INSERT OR IGNORE INTO put_away(replica, seq, hash, op)
       SELECT replica, seq, hash, op FROM log
       WHERE replica = ?1 AND seq BETWEEN ?2 AND ?3
      """)
    takeBack = try connection.prepare(
      """
      DELETE FROM put_away WHERE replica = ?1 AND EXISTS (SELECT 1 FROM beside b
       WHERE b.replica = put_away.replica AND b.seq = put_away.seq AND b.hash = put_away.hash)
      """)
    takeOneBack = try connection.prepare(
      "DELETE FROM put_away WHERE replica = ?1 AND seq = ?2 AND hash = ?3")
    cutLog = try connection.prepare("DELETE FROM log WHERE replica = ?1 AND seq >= ?2")
    logs = try connection.prepare(
      "SELECT DISTINCT replica, 0 FROM beside UNION ALL SELECT DISTINCT replica, 1 FROM put_away")
  }

  /// The logs of which there is something; O(what is there).
  func branched() throws(SQLiteFailure) -> BranchedLogs {
    defer { logs.reset() }
    var found = BranchedLogs(beside: [], putAway: [])
    while try logs.step() {
      guard let replica = ReplicaID(rawValue: UInt32(logs.integer(0))) else { continue }
      if logs.integer(1) == 0 {
        found.beside.insert(replica)
      } else {
        found.putAway.insert(replica)
      }
    }
    return found
  }

  /// Adds an op to what is beside a log.
  func appendBeside(_ op: Op, hash: Digest) throws(SQLiteFailure) {
    bind(insertBeside, op.id.replica, op.id.seq)
    insertBeside.bind(3, hash.bytes)
    try insertBeside.run(binding: op.bytes, at: 4)
  }

  /// An op beside a log, or nil.
  func beside(_ replica: ReplicaID, at seq: UInt64) throws(SQLiteFailure) -> BranchOp? {
    bind(selectBeside, replica, seq)
    defer { selectBeside.reset() }
    guard try selectBeside.step(), let hash = Digest(selectBeside.bytes(1)) else { return nil }
    return BranchOp(bytes: selectBeside.bytes(0), hash: hash)
  }

  /// From where to where something is held beside a log; nil for nothing.
  func besideEnds(_ replica: ReplicaID) throws(SQLiteFailure) -> ClosedRange<UInt64>? {
    ends.bind(1, Int64(replica.rawValue))
    defer { ends.reset() }
    guard try ends.step(), let first = ends.optionalInteger(0), let last = ends.optionalInteger(1)
    else { return nil }
    return UInt64(first)...UInt64(last)
  }

  /// Drops what is beside a log behind a seq.
  func dropBeside(_ replica: ReplicaID, behind seq: UInt64) throws(SQLiteFailure) {
    bind(deleteBeside, replica, seq)
    try deleteBeside.run()
  }

  /// The ops that were put away under an id.
  func putAway(_ replica: ReplicaID, at seq: UInt64) throws(SQLiteFailure) -> [BranchOp] {
    bind(selectPutAway, replica, seq)
    defer { selectPutAway.reset() }
    var found: [BranchOp] = []
    while try selectPutAway.step() {
      guard let hash = Digest(selectPutAway.bytes(1)) else { continue }
      found.append(BranchOp(bytes: selectPutAway.bytes(0), hash: hash))
    }
    return found
  }

  /// Puts away what is beside a log up to a seq; it stays there too.
  ///
  /// - Returns: Whether any of it was not put away before.
  func putAwayBeside(_ replica: ReplicaID, through seq: UInt64) throws(SQLiteFailure) -> Bool {
    let before = connection.totalChanges
    bind(putAwayBeside, replica, seq)
    try putAwayBeside.run()
    return connection.totalChanges > before
  }

  /// Takes ops out of a log, and puts them away.
  func cutLog(
    _ replica: ReplicaID, from seq: UInt64, through end: UInt64
  ) throws(SQLiteFailure) {
    bind(putAwayLog, replica, seq)
    putAwayLog.bind(3, Int64(end))
    try putAwayLog.run()
    bind(cutLog, replica, seq)
    try cutLog.run()
  }

  /// Puts nothing away any more of what is beside a log and about to be it.
  func takeBack(_ replica: ReplicaID) throws(SQLiteFailure) {
    takeBack.bind(1, Int64(replica.rawValue))
    try takeBack.run()
  }

  /// Takes one op back that was put away.
  func takeBack(
    _ replica: ReplicaID, _ seq: UInt64, _ hash: Digest
  ) throws(SQLiteFailure) {
    bind(takeOneBack, replica, seq)
    takeOneBack.bind(3, hash.bytes)
    try takeOneBack.run()
  }

  private func bind(_ statement: Statement, _ replica: ReplicaID, _ seq: UInt64) {
    statement.bind(1, Int64(replica.rawValue))
    statement.bind(2, Int64(clamping: seq))
  }
}
