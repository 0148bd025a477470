import Community
import OpLog
import SQLite

/// Outcomes other than "posted", and the desk's entries.
struct DeskTable {
  private let insertEntry: Statement
  private let deleteEntry: Statement
  private let deleteOfOp: Statement
  private let setOutcome: Statement
  private let clearOutcome: Statement
  private let selectOutcome: Statement
  private let selectReasons: Statement
  private let selectEntry: Statement

  init(_ connection: Connection) throws(SQLiteFailure) {
    insertEntry = try connection.prepare("INSERT OR IGNORE INTO desk VALUES(?1, ?2, ?3)")
    deleteEntry = try connection.prepare(
      "DELETE FROM desk WHERE subject = ?1 AND detail = ?2 AND reason = ?3")
    deleteOfOp = try connection.prepare("DELETE FROM desk WHERE subject = ?1 AND detail = -1")
    setOutcome = try connection.prepare("REPLACE INTO outcome VALUES(?1, ?2)")
    clearOutcome = try connection.prepare("DELETE FROM outcome WHERE op = ?1")
    selectOutcome = try connection.prepare("SELECT outcome FROM outcome WHERE op = ?1")
    selectReasons = try connection.prepare(
      "SELECT reason FROM desk WHERE subject = ?1 AND detail = -1")
    selectEntry = try connection.prepare(
      "SELECT 1 FROM desk WHERE subject = ?1 AND max(detail, 0) = ?2 AND reason = ?3")
  }

  /// Whether an entry is there, an op's own or one that follows from a row.
  func holds(_ entry: DeskEntry) throws(SQLiteFailure) -> Bool {
    selectEntry.bind(1, entry.subject)
    selectEntry.bind(2, entry.detail)
    selectEntry.bind(3, entry.reason.rawValue)
    defer { selectEntry.reset() }
    return try selectEntry.step()
  }

  func insert(_ entry: DeskEntry) throws(SQLiteFailure) {
    insertEntry.bind(1, entry.subject)
    insertEntry.bind(2, entry.detail)
    insertEntry.bind(3, entry.reason.rawValue)
    try insertEntry.run()
  }

  func delete(_ entry: DeskEntry) throws(SQLiteFailure) {
    deleteEntry.bind(1, entry.subject)
    deleteEntry.bind(2, entry.detail)
    deleteEntry.bind(3, entry.reason.rawValue)
    try deleteEntry.run()
  }

  /// What was said of an op: posted without reasons unless said otherwise.
  func verdict(of id: OpID) throws(SQLiteFailure) -> Verdict {
    var verdict = Verdict.plain
    selectOutcome.bind(1, id.packed)
    if try selectOutcome.step() {
      verdict.outcome = Outcome(rawValue: selectOutcome.text(0)) ?? .pending
      selectOutcome.reset()
    }
    selectReasons.bind(1, id.packed)
    while try selectReasons.step() {
      if let reason = DeskReason(rawValue: selectReasons.text(0)) {
        verdict.reasons.append(reason)
      }
    }
    return verdict
  }

  /// Replaces an op's outcome and its reasons.
  ///
  /// An op's own entries have detail −1, which no entry that follows from a row has.
  func settle(_ id: OpID, _ verdict: Verdict, isFirst: Bool) throws(SQLiteFailure) {
    if !isFirst {
      deleteOfOp.bind(1, id.packed)
      try deleteOfOp.run()
    }
    if verdict.outcome != .posted {
      setOutcome.bind(1, id.packed)
      setOutcome.bind(2, verdict.outcome.rawValue)
      try setOutcome.run()
    } else if !isFirst {
      clearOutcome.bind(1, id.packed)
      try clearOutcome.run()
    }
    for reason in verdict.reasons {
      try insert(DeskEntry(reason, subject: id.packed, detail: -1))
    }
  }
}

/// The partitions' digests: small, so all of them are kept in memory.
struct DigestTable {
  private let upsert: Statement
  private let delete: Statement
  private let select: Statement
  /// What is in the table, by partition; nil until it is read.
  private var stored: [Int64: PartitionDigest]?

  init(_ connection: Connection) throws(SQLiteFailure) {
    upsert = try connection.prepare(
      """
      INSERT INTO digest VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE
       SET lane_a = excluded.lane_a, lane_b = excluded.lane_b, row_count = excluded.row_count
      """)
    delete = try connection.prepare("DELETE FROM digest WHERE tbl = ?1 AND replica = ?2")
    select = try connection.prepare("SELECT * FROM digest")
  }

  mutating func all() throws(SQLiteFailure) -> [PartitionDigest] { Array(try read().values) }

  /// Adds changes.
  ///
  /// SQLite's + on two 64-bit integers gives a float when it overflows, so the sums are made here.
  mutating func apply(_ changes: DigestChanges) throws(SQLiteFailure) {
    var sums = try read()
    stored = nil
    for (partition, change) in changes.changes.sorted(by: { $0.key < $1.key }) {
      var sum = sums[partition] ?? change.empty
      sum.add(change)
      guard sum.rows > 0 else {
        // A rebuilt table has no row for a partition that became empty.
        sums[partition] = nil
        delete.bind(1, Int64(sum.table))
        delete.bind(2, Int64(sum.replica))
        try delete.run()
        continue
      }
      sums[partition] = sum
      upsert.bind(1, Int64(sum.table))
      upsert.bind(2, Int64(sum.replica))
      upsert.bind(3, Int64(bitPattern: sum.a))
      upsert.bind(4, Int64(bitPattern: sum.b))
      upsert.bind(5, Int64(bitPattern: sum.rows))
      try upsert.run()
    }
    stored = sums
  }

  /// Forgets what is kept in memory.
  mutating func forget() { stored = nil }

  private mutating func read() throws(SQLiteFailure) -> [Int64: PartitionDigest] {
    if let stored { return stored }
    defer { select.reset() }
    var read: [Int64: PartitionDigest] = [:]
    while try select.step() {
      let part = PartitionDigest(
        table: Int(select.integer(0)), replica: UInt32(select.integer(1)),
        a: UInt64(bitPattern: select.integer(2)), b: UInt64(bitPattern: select.integer(3)),
        rows: UInt64(bitPattern: select.integer(4)))
      read[part.partition] = part
    }
    stored = read
    return read
  }
}
