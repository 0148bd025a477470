import OpLog
import SQLite

/// What is known of the ops of former ids while they are recorded again.
private struct SayingAgain {
  /// What was recorded again, earlier or now, and as what.
  var again: [OpID: OpID]
  /// What cannot be.
  var refused: Set<OpID>
  /// What is still to be said.
  var unsaid: Set<OpID>
}

/// Recording again, under the present id, what the hub turned out not to hold of the ops that were written
/// under former ids.
extension Store {
  /// Does so, each log in order; inside ``write(_:)``, with the hub's log held whole.
  ///
  /// What cannot be said again, and what names such an op, is left for somebody to look at
  /// (``refusedFormerOps()``). O(ops) for one former id; each further one may add a pass.
  ///
  /// - Throws: ``StoreError``; nothing is recorded then.
  package func recordAgain() throws(StoreError) {
    var pending = try unheldOps()
    var saying = SayingAgain(
      again: try recordedAgain(),
      refused: Set(
        try formerOps(
          "SELECT replica, seq, op, hash FROM former_op WHERE refused <> 'held'"
        ).map(\.op.id)),
      unsaid: Set(pending.map(\.op.id)))
    let before = saying.again.count
    while !pending.isEmpty {
      let count = pending.count
      pending = try say(pending, &saying)
      guard pending.count == count else { continue }
      // Such as what names itself: what a faulty program wrote.
      let first = pending.removeFirst().op.id
      saying.unsaid.remove(first)
      saying.refused.insert(first)
      try refuse(first, .namesRefused)
    }
    guard saying.again.count > before else { return }
    try StoreError.wrap { () throws(SQLiteFailure) in
      try connection.execute(
        """
        UPDATE request SET op = f.again FROM former_op f
         WHERE f.replica = request.op >> 32 AND f.seq = request.op & 4294967295
         AND f.again IS NOT NULL
        """)
    }
  }

  /// The pending ops in order, without those that the hub turns out to hold: they are marked so.
  private func unheldOps() throws(StoreError) -> [FormerOp] {
    var unheld: [FormerOp] = []
    let pending = try formerOps(
      """
      SELECT replica, seq, op, hash FROM former_op WHERE again IS NULL AND refused IS NULL
       ORDER BY replica, seq
      """)
    for former in pending {
      if try heldHash(former.op.id) == former.hash {
        try change(
          former.op.id, "UPDATE former_op SET refused = 'held' WHERE replica = ?1 AND seq = ?2")
      } else {
        unheld.append(former)
      }
    }
    return unheld
  }

  /// Records again what names nothing that is still to be said: a copy that wrote under a lower id may name
  /// what comes behind it here.
  ///
  /// - Returns: What has to wait, with all that stands behind it in its log.
  private func say(
    _ pending: [FormerOp], _ saying: inout SayingAgain
  ) throws(StoreError) -> [FormerOp] {
    var (later, logs): ([FormerOp], Set<ReplicaID>) = ([], [])
    for former in pending {
      let id = former.op.id
      guard !logs.contains(id.replica), saying.unsaid.isDisjoint(with: former.op.namedOps) else {
        logs.insert(id.replica)
        later.append(former)
        continue
      }
      saying.unsaid.remove(id)
      switch try fields(of: former, saying) {
      case .success(let fields): saying.again[id] = try say(former.op, as: fields)
      case .failure(let obstacle):
        saying.refused.insert(id)
        try refuse(id, obstacle)
      }
    }
    return later
  }

  private func say(_ op: Op, as fields: OpFields) throws(StoreError) -> OpID {
    if let body = op.body {
      try StoreError.wrap { () throws(SQLiteFailure) in try bodies.move(body, to: fields.id) }
    }
    _ = try append(fields, names: fields.names)
    try change(
      op.id, "UPDATE former_op SET again = ?3 WHERE replica = ?1 AND seq = ?2", to: fields.id)
    return fields.id
  }

  /// What a former op says under the next id, or why it cannot be said.
  private func fields(
    of former: FormerOp, _ saying: SayingAgain
  ) throws(StoreError) -> Result<OpFields, RecordingObstacle> {
    let own: Set<OpID>
    switch try ownNames(of: former) {
    case .success(let ids): own = ids
    case .failure(let obstacle): return .failure(obstacle)
    }
    // Others bear the ids of those that were not recorded again: it would name them.
    guard own.isDisjoint(with: saying.refused) else { return .failure(.namesRefused) }
    var names: [OpID: OpID] = [:]
    for id in own { names[id] = saying.again[id] }
    do throws(StoreError) {
      return .success(try fields(of: former, naming: names))
    } catch {
      guard let obstacle = RecordingObstacle(error) else { throw error }
      return .failure(obstacle)
    }
  }

  /// Of the ids that an op names those that are of ops of this PC that lost them, or why that cannot be said:
  /// neither they nor the log's are what its writer saw, or something beside them is not here to be looked at.
  ///
  /// Another log may have them now, of a hub that was set back or a PC that was copied.
  private func ownNames(
    of former: FormerOp
  ) throws(StoreError) -> Result<Set<OpID>, RecordingObstacle> {
    let named = former.op.namedOps
    var (kept, held): ([OpID: Digest], [OpID: Digest]) = ([:], [:])
    for id in named {
      held[id] = try heldHash(id)
      kept[id] = try formerHash(id)
      if kept[id] == held[id] { kept[id] = nil }
    }
    func fit(_ first: [OpID: Digest], _ second: [OpID: Digest]) -> Bool {
      Chain.names(of: named.compactMap { first[$0] ?? second[$0] }) == former.op.names
    }
    guard named.allSatisfy({ kept[$0] != nil || held[$0] != nil }) else {
      // Said under another id for one and with the old check value it would wait for good, everywhere.
      return kept.isEmpty ? .success([]) : .failure(.namesAbsent)
    }
    if fit(kept, held) { return .success(Set(kept.keys)) }
    guard fit(held, kept) else { return .failure(.namesChanged) }
    return .success(Set(kept.keys).subtracting(held.keys))
  }

  /// The chain hash of the op that the log has under an id; nil where it has none, or nobody said which hub
  /// issued the id.
  func heldHash(_ id: OpID) throws(StoreError) -> Digest? {
    guard try knowsLife(of: id.replica) else { return nil }
    return try head(of: id.replica, at: id.seq)?.hash
  }

  private func formerHash(_ id: OpID) throws(StoreError) -> Digest? {
    try StoreError.wrap { () throws(SQLiteFailure) -> Digest? in
      let select = try connection.prepare(
        "SELECT hash FROM former_op WHERE replica = ?1 AND seq = ?2")
      select.bind(1, Int64(id.replica.rawValue))
      select.bind(2, Int64(id.seq))
      return try select.step() ? Digest(select.bytes(0)) : nil
    }
  }

  /// What a former op says under the next id.
  private func fields(
    of former: FormerOp, naming again: [OpID: OpID]
  ) throws(StoreError) -> OpFields {
    guard var fields = former.op.naming({ again[$0] ?? $0 })?.fields else {
      throw .payload(.malformed(.unsupported))
    }
    fields.id = try nextID()
    fields.was = former.op.was ?? former.hash
    do throws(StoreError) {
      fields.names = nil
      fields.names = try names(of: try Self.encode(fields))
    } catch {
      // It names what is not admitted, and goes on to wait for it. What its writer saw of an op that
      // is not even here any more only its old check value tells; it is that of the old ids.
      guard case .unknownReference = error else { throw error }
      fields.names = try heldNames(of: fields) ?? former.op.names
    }
    _ = try Self.encode(fields)
    return fields
  }

  /// What was recorded again, and as what.
  private func recordedAgain() throws(StoreError) -> [OpID: OpID] {
    try StoreError.wrap { () throws(SQLiteFailure) in
      let select = try connection.prepare(
        "SELECT replica << 32 | seq, again FROM former_op WHERE again IS NOT NULL")
      var again: [OpID: OpID] = [:]
      while try select.step() {
        guard let former = OpID(packed: select.integer(0)) else { continue }
        again[former] = OpID(packed: select.integer(1))
      }
      return again
    }
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
}
