import OpLog
import SQLite

extension Store {
  /// The invitations that nobody used and that still hold, the first to end first.
  ///
  /// - Parameter now: The hub's clock in ms since 1970-01-01 UTC.
  /// - Returns: The invitations, the first to end first.
  /// - Throws: ``StoreError/database(_:)``.
  package func openInvitations(now: Int64) throws(StoreError) -> [Invitation] {
    try StoreError.wrap { () throws(SQLiteFailure) in
      let select = try connection.prepare(
        """
        SELECT code_hash, community, label, expires_at FROM invitation
         WHERE replica IS NULL AND expires_at > ?1 ORDER BY expires_at, label
        """)
      select.bind(1, now)
      var open: [Invitation] = []
      while try select.step() {
        guard let hash = Digest(select.bytes(0)), let community = OpID(packed: select.integer(1))
        else { continue }
        open.append(
          Invitation(
            codeHash: hash, community: community, label: select.text(2),
            expiresAt: select.integer(3)))
      }
      return open
    }
  }
}
