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

/// Going on under a new id, after another PC wrote other ops under the old one.
///
/// First the ops that nobody vouched for leave the log for `former_op`, and the hub's ops under the old
/// id come like those of any other. Then it is known where the two logs part, and what stands behind
/// that is recorded again. Each step is one transaction.
extension Store {
  /// The own ops that no receipt covers, in order.
  package func uncoveredOps() throws(StoreError) -> [FormerOp] {
    try formerOps(
      "SELECT replica, seq, op, hash FROM log WHERE replica = ?1 AND seq > ?2 ORDER BY seq",
      Int64(identity.replica.rawValue), Int64(try receiptedSeq(of: identity.replica)))
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
  private func formerIDs() throws(StoreError) -> Set<ReplicaID> {
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

  /// Keeps ops that lose their ids, to be recorded again, where this PC may have written them; inside
  /// ``write(_:)``.
  func keepFormer(
    _ replica: ReplicaID, from first: UInt64, through last: UInt64
  ) throws(StoreError) {
    guard try formerIDs().contains(replica) else { return }
    try StoreError.wrap { () throws(SQLiteFailure) in
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
        let select = try connection.prepare("SELECT 1 FROM former_op WHERE again IS NULL LIMIT 1")
        return try select.step()
      }
    }
  }

  /// Records again, under the present id and in order, what the hub turned out not to hold of the ops
  /// that were written under former ids; inside ``write(_:)``, with the hub's log held whole.
  ///
  /// - Throws: ``StoreError``, ``StoreError/payload(_:)`` for an op that has no room for the new ids;
  ///   nothing is recorded then.
  package func recordAgain() throws(StoreError) {
    var again: [OpID: OpID] = [:]
    let pending = try formerOps(
      "SELECT replica, seq, op, hash FROM former_op WHERE again IS NULL ORDER BY replica, seq")
    for former in pending {
      let op = former.op
      guard try head(of: op.id.replica, at: op.id.seq)?.hash != former.hash else {
        try change(op.id, "DELETE FROM former_op WHERE replica = ?1 AND seq = ?2")
        continue
      }
      let id = try nextID()
      guard var fields = op.naming({ again[$0] ?? $0 })?.fields else {
        throw .payload(.malformed(.unsupported))
      }
      fields.id = id
      fields.was = op.was ?? former.hash
      if let body = op.body {
        try StoreError.wrap { () throws(SQLiteFailure) in try bodies.move(body, to: id) }
      }
      do throws(StoreError) {
        _ = try append(fields)
      } catch {
        // It names what is not admitted, and goes on to wait for it. What its writer saw of an op that
        // is not even here any more only its old check value tells; it is that of the old ids.
        guard case .unknownReference = error else { throw error }
        _ = try append(fields, names: try heldNames(of: fields) ?? op.names)
      }
      again[op.id] = id
      try change(
        op.id, "UPDATE former_op SET again = ?3 WHERE replica = ?1 AND seq = ?2", to: id)
    }
    guard !again.isEmpty else { return }
    try StoreError.wrap { () throws(SQLiteFailure) in
      try connection.execute(
        """
        UPDATE request SET op = f.again FROM former_op f
         WHERE f.replica = request.op >> 32 AND f.seq = request.op & 4294967295
        """)
    }
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
    while let id = next {
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

  private func change(
    _ id: OpID, _ sql: StaticString, to other: OpID? = nil
  ) throws(StoreError) {
    try StoreError.wrap { () throws(SQLiteFailure) in
      let statement = try connection.prepare(sql)
      statement.bind(1, Int64(id.replica.rawValue))
      statement.bind(2, Int64(id.seq))
      if let other { statement.bind(3, other.packed) }
      try statement.run()
    }
  }

  private func formerOps(
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
