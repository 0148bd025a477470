import Community
import OpLog
import Store

/// The hub's clock against its own log, and those of its lives before.
///
/// Offices may be wrong by years; what the hub stamps says which business dates lie in the future, so a
/// hub whose battery died would let every sale of today wait for its date. It writes nothing while its
/// clock is before what it wrote.
package enum HubClock {
  /// How far a clock may be set back, in ms: what a correction from a time server comes to.
  package static let slack: Int64 = 600_000

  /// When the street's hub wrote last, by its clock of then, in ms since 1970-01-01 UTC, where that is
  /// later than `now` allows; nil when the clock is well.
  ///
  /// Costs a row for each replica, and one more for each of its lives.
  package static func lead(
    over now: Int64, of store: Store
  ) throws(StoreError) -> Int64? {
    try ends(aheadOf: now, in: store).map(\.stamp).max()
  }

  /// Takes somebody's word that the clock is right now, and was wrong when the hub wrote last.
  ///
  /// Where the clock is well nothing is to be confirmed, and nothing changes.
  package static func confirm(_ now: Int64, in store: Store) throws(StoreError) {
    try store.write { () throws(StoreError) in
      guard try lead(over: now, of: store) != nil else { return }
      try store.setClockConfirmed(try ends(of: store).map(\.end))
    }
  }

  /// Keeps that a former hub's log was shown that the clock is before: nothing of it is here, and its end
  /// is what the clock is held to until it is set, or somebody says that it is right.
  static func noteShown(
    _ ends: [(end: OpID, stamp: Int64)], in store: Store
  ) throws(StoreError) {
    try store.write { () throws(StoreError) in try store.setClockShown(ends) }
  }

  /// The ends that are later than a clock allows, and of which nobody said that the clock was wrong then.
  static func ends(
    aheadOf now: Int64, in store: Store
  ) throws(StoreError) -> [(end: OpID, stamp: Int64)] {
    let confirmed = Set(try store.clockConfirmed())
    return try ends(of: store).filter { now < $0.stamp - slack && !confirmed.contains($0.end) }
  }

  /// Refuses to write by a clock that is before the hub's own log; inside a transaction.
  static func check(_ now: Int64, in store: Store) throws(StoreError) {
    if let written = try lead(over: now, of: store) { throw .clockBehind(written: written) }
  }

  /// The last op of each life that is held, and of those that were shown and not taken in.
  private static func ends(
    of store: Store
  ) throws(StoreError) -> [(end: OpID, stamp: Int64)] {
    var ends: [(end: OpID, stamp: Int64)] = []
    for hub in try store.replicas() where hub.isHub {
      let head = try store.foldedHead(of: hub)
      guard let end = OpID(head.replica, head.seq) else { continue }
      ends.append((end, try store.op(end).stamp))
    }
    for (end, stamp) in try store.clockShown()
    where try store.foldedHead(of: end.replica).seq < end.seq { ends.append((end, stamp)) }
    return ends
  }
}
