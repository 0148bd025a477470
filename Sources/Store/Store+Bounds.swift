import Community
import OpLog
import SQLite

/// How far logs bind, and folding anew when that is learned too late.
extension Store {
  /// Whether an op stands behind the bound of its log.
  package func isLate(_ id: OpID) throws(StoreError) -> Bool { try logBounds().isLate(id) }

  /// Whether an op is the last of its log that binds.
  func isBounded(at id: OpID) throws(StoreError) -> Bool { try logBounds().end(at: id) }

  /// Takes in an op that bounds logs; what was folded behind a new bound is folded anew before the
  /// transaction ends.
  func bound(by op: Op) throws(StoreError) {
    let before = try logBounds()
    try note(bounding: op.id)
    logBoundsCache = nil
    for change in try logBounds().changes(from: before)
    where try knowsLife(of: change.replica) {
      if try head(of: change.replica).folded.seq > change.seq { mustRefold = true }
    }
  }

  /// Finds the ops that bound logs before any is folded: a rebuild knows all bounds from its start.
  func findBounds(in folded: [Head]) throws(StoreError) {
    let ends = Dictionary(uniqueKeysWithValues: folded.map { ($0.replica, $0.seq) })
    let kinds = LogBounds.kinds.sorted().map(String.init).joined(separator: ", ")
    for hub in folded where hub.replica.isHub {
      let ids = try StoreError.wrap { () throws(SQLiteFailure) in
        let select = try connection.prepare(
          text: """
            SELECT replica << 32 | seq FROM log
             WHERE replica = ?1 AND seq <= ?2 AND kind IN (\(kinds)) ORDER BY seq
            """)
        select.bind(1, Int64(hub.replica.rawValue))
        select.bind(2, Int64(hub.seq))
        var ids: [OpID] = []
        while try select.step() { ids += OpID(packed: select.integer(0)).map { [$0] } ?? [] }
        return ids
      }
      for id in ids where try waitsForNothing(id, in: ends) { try note(bounding: id) }
    }
    logBoundsCache = nil
  }

  /// Whether an op is admitted once logs are folded up to their `ends`: all that it names is there and
  /// is what its writer had seen, and so on with what that names.
  private func waitsForNothing(
    _ id: OpID, in ends: [ReplicaID: UInt64]
  ) throws(StoreError) -> Bool {
    var (open, seen) = ([id], Set([id]))
    while let next = open.popLast() {
      let op = try storedOp(next)
      var hashes: [Digest] = []
      for named in op.namedOps {
        let hash = try StoreError.wrap { () throws(SQLiteFailure) in try log.hash(named) }
        guard let hash, named.seq <= ends[named.replica] ?? 0 else { return false }
        hashes.append(hash)
        if seen.insert(named).inserted { open.append(named) }
      }
      guard checkValues.value(of: hashes) == op.names else { return false }
    }
    return true
  }

  private func note(bounding id: OpID) throws(StoreError) {
    try StoreError.wrap { () throws(SQLiteFailure) in
      let insert = try connection.prepare("INSERT OR IGNORE INTO bounding VALUES(?1)")
      insert.bind(1, id.packed)
      try insert.run()
    }
  }

  private func logBounds() throws(StoreError) -> LogBounds {
    if let known = logBoundsCache { return known }
    let ids = try StoreError.wrap { () throws(SQLiteFailure) in
      let select = try connection.prepare("SELECT op FROM bounding ORDER BY op")
      var ids: [OpID] = []
      while try select.step() { ids += OpID(packed: select.integer(0)).map { [$0] } ?? [] }
      return ids
    }
    var ops: [Op] = []
    for id in ids { ops.append(try op(id)) }
    let bounds = try LogBounds(ops) { (id) throws(StoreError) in try op(id) }
    logBoundsCache = bounds
    return bounds
  }
}
