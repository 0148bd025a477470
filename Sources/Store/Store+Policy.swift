import Community
import OpLog
import SQLite

/// What stands open in a community when its rules change.
extension Store {
  /// How many records of a community's offices wait for somebody.
  package func pendingCount(of community: OpID) throws(StoreError) -> Int64 {
    try count(
      """
      SELECT count(*) FROM outcome o JOIN replica r ON r.id = o.op >> 32
       WHERE o.outcome = 'pending' AND r.community = ?1
      """, community)
  }

  /// The points that a community's offices gave on trust and nobody has covered yet.
  package func uncoveredPoints(of community: OpID) throws(StoreError) -> Int64 {
    try count(
      """
      SELECT coalesce(sum(o.uncovered), 0) FROM office o JOIN replica r ON r.id = o.replica
       WHERE r.community = ?1
      """, community)
  }

  /// How many residents of a community hold more than so many points.
  package func accounts(of community: OpID, above cap: Int64) throws(StoreError) -> Int64 {
    try StoreError.wrap { () throws(SQLiteFailure) in
      let select = try connection.prepare(
        """
        SELECT count(*) FROM account a JOIN resident r ON r.id = a.resident
         WHERE r.community = ?1 AND a.balance > ?2
        """)
      select.bind(1, community.packed)
      select.bind(2, cap)
      defer { select.reset() }
      return try select.step() ? select.integer(0) : 0
    }
  }

  private func count(_ sql: StaticString, _ community: OpID) throws(StoreError) -> Int64 {
    try StoreError.wrap { () throws(SQLiteFailure) in
      let select = try connection.prepare(sql)
      select.bind(1, community.packed)
      defer { select.reset() }
      return try select.step() ? select.integer(0) : 0
    }
  }
}
