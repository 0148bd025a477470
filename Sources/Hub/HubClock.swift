import Community
import OpLog
import Store

/// The hub's clock against its own log.
///
/// Offices may be wrong by years; what the hub stamps says which business dates lie in the future, so a
/// hub whose battery died would let every sale of today wait for its date. It writes nothing while its
/// clock is before what it wrote.
package enum HubClock {
  /// How far a clock may be set back, in ms: what a correction from a time server comes to.
  package static let slack: Int64 = 600_000

  /// When the hub wrote last, by its clock of then, in ms since 1970-01-01 UTC, where that is later than
  /// `now` allows; nil when the clock is well.
  ///
  /// Costs one row.
  package static func lead(
    over now: Int64, of store: Store
  ) throws(StoreError) -> Int64? {
    let end = try store.storedHead(of: store.identity.replica)
    guard Int64(end.seq) > (try store.number(.clockConfirmed) ?? 0),
      let newest = OpID(end.replica, end.seq)
    else { return nil }
    let written = try store.op(newest).stamp
    return now < written - slack ? written : nil
  }

  /// Takes somebody's word that the clock is right now, and was wrong when the hub wrote last.
  package static func confirm(in store: Store) throws(StoreError) {
    try store.write { () throws(StoreError) in
      try store.set(
        .clockConfirmed, Int64(try store.storedHead(of: store.identity.replica).seq))
    }
  }

  /// Refuses to write by a clock that is before the hub's own log; inside a transaction.
  static func check(_ now: Int64, in store: Store) throws(StoreError) {
    if let written = try lead(over: now, of: store) { throw .clockBehind(written: written) }
  }
}
