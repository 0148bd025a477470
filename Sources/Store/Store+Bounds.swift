import Community
import OpLog
import SQLite

/// How far logs bind, and folding anew when that is learned too late.
extension Store {
  /// Whether an op stands behind the bound of its log.
  package func isLate(_ id: OpID) throws(StoreError) -> Bool { try logBounds().isLate(id) }

  /// Takes in an op that bounds logs; what was folded behind a new bound is folded anew before the
  /// transaction ends.
  func bound(by op: Op) throws(StoreError) {
    let before = try logBounds()
    try StoreError.wrap { () throws(SQLiteFailure) in
      let insert = try connection.prepare("INSERT OR IGNORE INTO bounding VALUES(?1)")
      insert.bind(1, op.id.packed)
      try insert.run()
    }
    logBoundsCache = nil
    for change in try logBounds().changes(from: before)
    where try head(of: change.replica).folded.seq > change.seq { mustRefold = true }
  }

  /// Finds the ops that bound logs before any is folded: a rebuild knows all bounds from its start.
  func findBounds(in folded: [Head]) throws(StoreError) {
    let kinds = LogBounds.kinds.sorted().map(String.init).joined(separator: ", ")
    for hub in folded where hub.replica.isHub {
      try StoreError.wrap { () throws(SQLiteFailure) in
        let insert = try connection.prepare(
          text: """
            INSERT INTO bounding SELECT replica << 32 | seq FROM log
             WHERE replica = ?1 AND seq <= ?2 AND kind IN (\(kinds))
            """)
        insert.bind(1, Int64(hub.replica.rawValue))
        insert.bind(2, Int64(hub.seq))
        try insert.run()
      }
    }
    logBoundsCache = nil
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
