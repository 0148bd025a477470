import Community
import OpLog
import SQLite

/// An own op that the hub does not hold, as far as this PC knows.
package struct FormerOp: Sendable {
  /// The op, under the id that it was written with.
  package let op: Op
  /// Its chain hash.
  package let hash: Digest

  /// Puts it together.
  package init(op: Op, hash: Digest) {
    self.op = op
    self.hash = hash
  }
}

/// Why an op cannot be recorded again under another id.
package enum RecordingObstacle: String, Error {
  /// It was as long as an op may be, and has no room for the hash of the original.
  case tooLong = "too-long"
  /// It says what no op may say, or not with other ids.
  case unfit = "not-valid"
  /// It names an op that cannot be recorded again.
  case namesRefused = "names-another"
  /// What it names is another record now.
  case namesChanged = "names-changed"
  /// Beside a record of this PC it names one that is not here: its check value is over both.
  case namesAbsent = "names-absent"
  /// One that somebody looked after.
  case noted

  /// Nil for an error that says nothing about the op, such as a full disk.
  init?(_ error: StoreError) {
    switch error {
    case .envelope(.tooLarge): self = .tooLong
    case .envelope, .payload: self = .unfit
    default: return nil
    }
  }
}

/// Going on under a new id, after another PC wrote other ops under the old one.
///
/// First the ops that nobody vouched for leave the log for `former_op`, and the hub's ops under the old
/// id come like those of any other. Then it is known where the two logs part, and what stands behind
/// that is recorded again. Each step is one transaction.
extension Store {
  /// The own ops behind a seq, in order.
  package func ownOps(behind seq: UInt64) throws(StoreError) -> [FormerOp] {
    try formerOps(
      "SELECT replica, seq, op, hash FROM log WHERE replica = ?1 AND seq > ?2 ORDER BY seq",
      Int64(identity.replica.rawValue), Int64(seq))
  }

  /// The own ops that no receipt covers, in order.
  package func uncoveredOps() throws(StoreError) -> [FormerOp] {
    try ownOps(behind: try receiptedSeq(of: identity.replica))
  }

  /// How far the own log has receipts that stand whatever a roll-call still brings.
  ///
  /// A hub that calls the roll may have taken this log before another office gives it the former hub's, whose
  /// receipts come first and may be for what another PC wrote under the same ids. So its receipts, and those of
  /// the lives before it whose roll-call nobody ended either, tell nothing until its end is here.
  package func surelyReceiptedSeq() throws(StoreError) -> UInt64 {
    var calling: ReplicaID?
    for life in try incarnations().reversed() where life.number > 1 {
      guard try !hasSucceeded(life.hub) else { break }
      calling = life.hub
    }
    guard let calling, let first = OpID(calling, 1) else {
      return try receiptedSeq(of: identity.replica)
    }
    return try StoreError.wrap { () throws(SQLiteFailure) in
      try receipts.covered(identity.replica, before: first).seq
    }
  }

  /// Goes on under another id; inside ``write(_:)``.
  package func begin(as identity: StoreIdentity) throws(StoreError) {
    let former = self.identity.replica
    let proved = try receiptedSeq(of: former)
    guard let end = try head(of: former, at: proved) else {
      throw .gap(replica: former, held: 0)
    }
    try StoreError.wrap { () throws(SQLiteFailure) in
      for sql: StaticString in [
        """
        INSERT INTO former_op(replica, seq, hash, op) SELECT replica, seq, hash, op FROM log
         WHERE replica = ?1 AND seq > ?2
        """,
        "DELETE FROM log WHERE replica = ?1 AND seq > ?2",
      ] {
        let statement = try connection.prepare(sql)
        statement.bind(1, Int64(former.rawValue))
        statement.bind(2, Int64(proved))
        try statement.run()
      }
    }
    set(LogHead(stored: end, folded: end))
    try noteFormer(former)
    try adopt(identity)
    mustRefold = true
  }

  /// The ids that this PC wrote under before.
  func formerIDs() throws(StoreError) -> Set<ReplicaID> {
    let bytes = try setting(.formerIDs) ?? []
    let ids = stride(from: 0, to: bytes.count - 3, by: 4).compactMap { start in
      ReplicaID(rawValue: bytes[start..<start + 4].reduce(0) { $0 << 8 | UInt32($1) })
    }
    return Set(ids)
  }

  private func noteFormer(_ former: ReplicaID) throws(StoreError) {
    var bytes: [UInt8] = []
    for id in try formerIDs().union([former]).sorted() { bytes.appendBigEndian(id.rawValue) }
    try set(.formerIDs, bytes)
  }

  /// Keeps ops that lose their ids, to be recorded again, where this PC may have written them, or did as
  /// its former folder says; inside ``write(_:)``.
  func keepFormer(
    _ replica: ReplicaID, from first: UInt64, through last: UInt64
  ) throws(StoreError) {
    let isFormer = try formerIDs().contains(replica)
    try StoreError.wrap { () throws(SQLiteFailure) in
      let update = try connection.prepare(
        """
        UPDATE former_op SET refused = NULL
         WHERE replica = ?1 AND seq BETWEEN ?2 AND ?3 AND refused = 'held'
        """)
      update.bind(1, Int64(replica.rawValue))
      update.bind(2, Int64(first))
      update.bind(3, Int64(last))
      try update.run()
      guard isFormer else { return }
      let insert = try connection.prepare(
        """
        INSERT OR IGNORE INTO former_op(replica, seq, hash, op)
         SELECT replica, seq, hash, op FROM log
         WHERE replica = ?1 AND seq BETWEEN ?2 AND ?3
        """)
      insert.bind(1, Int64(replica.rawValue))
      insert.bind(2, Int64(first))
      insert.bind(3, Int64(last))
      try insert.run()
    }
  }

  /// Whether something is still to be recorded again.
  package var mustRecordAgain: Bool {
    get throws(StoreError) {
      try StoreError.wrap { () throws(SQLiteFailure) in
        let select = try connection.prepare(Self.isPending)
        return try select.step()
      }
    }
  }

  /// Each sync asks it.
  static let isPending: StaticString = """
    SELECT 1 FROM former_op WHERE again IS NULL AND refused IS NULL LIMIT 1
    """

  /// Notes why an op cannot be recorded again, or that somebody looked after it.
  func refuse(_ id: OpID, _ reason: RecordingObstacle) throws(StoreError) {
    try StoreError.wrap { () throws(SQLiteFailure) in
      let update = try connection.prepare(
        "UPDATE former_op SET refused = ?3 WHERE replica = ?1 AND seq = ?2")
      update.bind(1, Int64(id.replica.rawValue))
      update.bind(2, Int64(id.seq))
      update.bind(3, reason.rawValue)
      try update.run()
    }
  }

  /// What could not be recorded again, and why; without those that somebody looked after, and those
  /// that the hub got after all.
  package func refusedFormerOps() throws(StoreError) -> [(op: Op, reason: RecordingObstacle)] {
    let rows = try StoreError.wrap { () throws(SQLiteFailure) in
      let select = try connection.prepare(
        "SELECT op, hash, refused FROM former_op WHERE refused <> 'held' ORDER BY replica, seq")
      var rows: [(op: [UInt8], hash: Digest?, reason: RecordingObstacle?)] = []
      while try select.step() {
        rows.append(
          (select.bytes(0), Digest(select.bytes(1)), RecordingObstacle(rawValue: select.text(2))))
      }
      return rows
    }
    var found: [(op: Op, reason: RecordingObstacle)] = []
    for row in rows {
      guard let reason = row.reason, reason != .noted, let op = try? Op(decoding: row.op),
        try heldHash(op.id) != row.hash
      else { continue }
      found.append((op, reason))
    }
    return found
  }

  /// Every op that was written under former ids and that the hub did not hold.
  package func allFormerOps() throws(StoreError) -> [OpID: Op] {
    let ops = try formerOps(
      "SELECT replica, seq, op, hash FROM former_op WHERE refused IS NOT 'held'"
    ).map(\.op)
    return Dictionary(ops.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// Says that what could not be recorded again is looked after; inside ``write(_:)``.
  ///
  /// A file of somebody that went with it and that no other op names is deleted: no erasure would find it.
  ///
  /// - Returns: Whether it was to be.
  package func noteRefused(_ id: OpID) throws(StoreError) -> Bool {
    guard let refused = try refusedFormerOps().first(where: { $0.op.id == id }) else {
      return false
    }
    try refuse(id, .noted)
    guard let digest = refused.op.body else { return true }
    let isDeleted = try StoreError.wrap { () throws(SQLiteFailure) in
      let delete = try connection.prepare(
        """
        DELETE FROM body WHERE digest = ?1 AND digest NOT IN (SELECT digest FROM body_link)
         RETURNING 1
        """)
      delete.bind(1, digest.bytes)
      defer { delete.reset() }
      return try delete.step()
    }
    if isDeleted { try askForScrub() }
    return true
  }

  /// How many ops of former ids were recorded again.
  package func recordedAgainCount() throws(StoreError) -> Int64 {
    try StoreError.wrap { () throws(SQLiteFailure) in
      try connection.scalar("SELECT count(*) FROM former_op WHERE again IS NOT NULL") ?? 0
    }
  }

  /// The op that says now what this PC wrote under a former id; nil where it did not.
  ///
  /// O(copies).
  package func recordedAgain(_ former: OpID) throws(StoreError) -> OpID? {
    var found: OpID?
    var next: OpID? = former
    var seen: Set<OpID> = []
    while let id = next, seen.insert(id).inserted {
      next = try StoreError.wrap { () throws(SQLiteFailure) in
        let select = try connection.prepare(
          "SELECT again FROM former_op WHERE replica = ?1 AND seq = ?2")
        select.bind(1, Int64(id.replica.rawValue))
        select.bind(2, Int64(id.seq))
        return try select.step() ? select.optionalInteger(0).flatMap(OpID.init) : nil
      }
      found = next ?? found
    }
    return found
  }

  /// The ops that a query finds: replica, seq, op, hash.
  func formerOps(
    _ sql: StaticString, _ parameters: Int64...
  ) throws(StoreError) -> [FormerOp] {
    let rows = try StoreError.wrap { () throws(SQLiteFailure) in
      let select = try connection.prepare(sql)
      for (index, parameter) in parameters.enumerated() {
        select.bind(Int32(index + 1), parameter)
      }
      var rows: [(id: Int64, op: [UInt8], hash: [UInt8])] = []
      while try select.step() {
        rows.append(
          (select.integer(0) << 32 | select.integer(1), select.bytes(2), select.bytes(3)))
      }
      return rows
    }
    var ops: [FormerOp] = []
    for row in rows {
      guard let op = try? Op(decoding: row.op), let hash = Digest(row.hash) else {
        guard let id = OpID(packed: row.id) else { continue }
        throw .damaged(op: id)
      }
      ops.append(FormerOp(op: op, hash: hash))
    }
    return ops
  }
}
