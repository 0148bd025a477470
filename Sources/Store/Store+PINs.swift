import Community
import OpLog
import SQLite

/// A PIN as an office keeps it: a slow hash, and how often somebody guessed wrong.
package struct KeptPIN: Equatable, Sendable {
  /// Random bytes of this PIN alone.
  package let salt: [UInt8]
  /// How often it was hashed.
  package let rounds: Int
  /// What the PIN hashes to.
  package let hash: Digest
  /// How many resets of the person's PINs were known when it was set; it ends with the next.
  package let resets: Int
  /// Wrong tries since the last right one.
  package var failures = 0
  /// When the last try began, in ms since 1970-01-01 UTC.
  package var triedAt: Int64 = 0

  /// Makes one that nobody has tried.
  package init(salt: [UInt8], rounds: Int, hash: Digest, resets: Int) {
    self.salt = salt
    self.rounds = rounds
    self.hash = hash
    self.resets = resets
  }
}

/// PINs stay in this database: they are in no op, in no message, and in no digest.
extension Store {
  /// The PIN of a member of staff here; nil where none is set, or it was reset since.
  package func pin(of staff: OpID) throws(StoreError) -> KeptPIN? {
    let resets = try pinResets(of: staff)
    return try StoreError.wrap { () throws(SQLiteFailure) -> KeptPIN? in
      let select = try connection.prepare(
        """
        SELECT salt, rounds, hash, resets, failures, tried_at FROM pin
         WHERE staff = ?1 AND resets = ?2
        """)
      select.bind(1, staff.packed)
      select.bind(2, Int64(resets))
      guard try select.step(), let hash = Digest(select.bytes(2)) else { return nil }
      var pin = KeptPIN(
        salt: select.bytes(0), rounds: Int(select.integer(1)), hash: hash,
        resets: Int(select.integer(3)))
      pin.failures = Int(select.integer(4))
      pin.triedAt = select.integer(5)
      return pin
    }
  }

  /// Keeps a member of staff's PIN in place of an earlier one; inside ``write(_:)``.
  package func keep(_ pin: KeptPIN, of staff: OpID) throws(StoreError) {
    try StoreError.wrap { () throws(SQLiteFailure) in
      let replace = try connection.prepare(
        "REPLACE INTO pin VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)")
      replace.bind(1, staff.packed)
      replace.bind(2, pin.salt)
      replace.bind(3, Int64(pin.rounds))
      replace.bind(4, pin.hash.bytes)
      replace.bind(5, Int64(pin.resets))
      replace.bind(6, Int64(pin.failures))
      replace.bind(7, pin.triedAt)
      try replace.run()
    }
  }

  /// How often somebody's PINs were reset, as far as known here; it never falls.
  package func pinResets(of staff: OpID) throws(StoreError) -> Int {
    try rows(Tables.pinReset, under: [staff.packed]).count
  }
}
