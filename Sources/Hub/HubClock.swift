import Community
import OpLog
import Store

/// The hub's clock against its own log, and those of its lives before.
///
/// Offices may be wrong by years; what the hub stamps says which business dates lie in the future, so a
/// hub whose battery died would let every sale of today wait for its date. It writes nothing while its
/// clock is before what it wrote.
package enum HubClock {
  /// The last op of a hub's log, and when the hub wrote it, by its clock of then, in ms since 1970-01-01
  /// UTC.
  typealias End = (end: OpID, stamp: Int64)

  /// How far a clock may be set back, in ms: what a correction from a time server comes to.
  package static let slack: Int64 = 600_000

  /// When the street's hub wrote last, by its clock of then, in ms since 1970-01-01 UTC, where that is
  /// later than `now` allows; nil when the clock is well.
  ///
  /// Costs two settings, a row for each replica, and one more for each of the hub's lives; every op that
  /// the hub writes asks.
  package static func lead(
    over now: Int64, of store: Store
  ) throws(StoreError) -> Int64? {
    let words = try words(in: store)
    var ends = try heldEnds(aheadOf: now, words, in: store)
    let shown = try shownEnds(aheadOf: now, words, in: store)
    // A hub that was rebuilt on nothing has nothing else to be held to; once its roll-call is over it has a
    // log of its own, and one late office is no reason to stop all others.
    if !shown.isEmpty, try store.isRollCallOpen { ends += shown }
    return ends.map(\.stamp).max()
  }

  /// When a former hub wrote what an office gave behind the roll-call's end, by the clock of then, in ms
  /// since 1970-01-01 UTC, where that is later than `now` allows; nil for none.
  ///
  /// It is not taken until the clock is set or somebody says that it is right; the hub goes on.
  package static func lateLead(
    over now: Int64, of store: Store
  ) throws(StoreError) -> Int64? {
    let shown = try shownEnds(aheadOf: now, words(in: store), in: store)
    guard !shown.isEmpty, try !store.isRollCallOpen else { return nil }
    return shown.map(\.stamp).max()
  }

  /// Takes somebody's word that the clock is right now, and was wrong when the hub wrote last.
  ///
  /// Where the clock is well nothing is to be confirmed, and nothing changes. A word about the present life
  /// holds for its log up to now; one about a former life for all of that log, which grows no more: each
  /// office may have another part of it to give.
  package static func confirm(_ now: Int64, in store: Store) throws(StoreError) {
    try store.write { () throws(StoreError) in
      let ahead = try ends(aheadOf: now, in: store)
      guard !ahead.isEmpty else { return }
      var words = try words(in: store)
      for (end, _) in ahead {
        let isPresent = end.replica == store.identity.replica
        words[end.replica] = isPresent ? end : OpID(end.replica, EnvelopeLimits.seqMax)
      }
      try store.setClockConfirmed(words.values.sorted())
    }
  }

  /// Refuses to write by a clock that is before the hub's own log; inside a transaction.
  static func check(_ now: Int64, in store: Store) throws(StoreError) {
    if let written = try lead(over: now, of: store) { throw .clockBehind(written: written) }
  }

  /// Refuses to fold a former hub's log up to an end where that would be taken back for certain: the hub
  /// writes nothing now, or the clock was before that end already.
  static func check(
    _ now: Int64, before end: Head, in store: Store
  ) throws(StoreError) {
    try check(now, in: store)
    for shown in try shownEnds(aheadOf: now, words(in: store), in: store)
    where shown.end == OpID(end.replica, end.seq) { throw .clockBehind(written: shown.stamp) }
  }

  /// Runs a transaction that takes in what former hubs wrote.
  ///
  /// Where the clock is before an end of that, nothing of it stays; but the end is kept, proved as it was:
  /// `hub clock` names it, and the clock is held to it until it is set or somebody says that it is right.
  ///
  /// - Parameters:
  ///   - now: The hub's clock in ms since 1970-01-01 UTC.
  ///   - store: The hub's database.
  ///   - body: What is done; it calls its argument when all is folded and nothing written yet.
  /// - Returns: What the body returns.
  /// - Throws: What the body throws, ``StoreError/clockBehind(written:)`` with it.
  static func take<R>(
    by now: Int64, in store: Store,
    _ body: (_ check: () throws(StoreError) -> Void) throws(StoreError) -> R
  ) throws(StoreError) -> R {
    var ahead: [End] = []
    do throws(StoreError) {
      return try store.write { () throws(StoreError) in
        try body { () throws(StoreError) in
          ahead = try ends(aheadOf: now, in: store)
          try check(now, in: store)
          ahead = []
        }
      }
    } catch {
      guard case .clockBehind = error, !ahead.isEmpty else { throw error }
      try store.write { () throws(StoreError) in try store.setClockShown(latest(of: ahead)) }
      throw error
    }
  }

  /// Of each life the end with the highest stamp: there are no more of them than lives.
  private static func latest(of ends: [End]) -> [End] {
    var latest: [ReplicaID: End] = [:]
    for end in ends where end.stamp >= latest[end.end.replica]?.stamp ?? .min {
      latest[end.end.replica] = end
    }
    return latest.values.sorted { $0.end < $1.end }
  }

  /// The ends that are later than a clock allows, and of which nobody said that the clock was wrong then.
  private static func ends(aheadOf now: Int64, in store: Store) throws(StoreError) -> [End] {
    let words = try words(in: store)
    return try heldEnds(aheadOf: now, words, in: store) + shownEnds(aheadOf: now, words, in: store)
  }

  /// The same of what is held.
  private static func heldEnds(
    aheadOf now: Int64, _ words: [ReplicaID: OpID], in store: Store
  ) throws(StoreError) -> [End] {
    var ends: [End] = []
    for hub in try store.replicas() where hub.isHub {
      let head = try store.foldedHead(of: hub)
      guard let end = OpID(head.replica, head.seq), !isSaid(of: end, words) else { continue }
      let stamp = try store.op(end).stamp
      if now < stamp - slack { ends.append((end, stamp)) }
    }
    return ends
  }

  /// The same of what was shown and not taken in.
  private static func shownEnds(
    aheadOf now: Int64, _ words: [ReplicaID: OpID], in store: Store
  ) throws(StoreError) -> [End] {
    var ends: [End] = []
    for (end, stamp) in try store.clockShown()
    where now < stamp - slack && !isSaid(of: end, words) {
      // That life may have been heard of only in what was taken back.
      if try store.knowsLife(of: end.replica),
        try store.foldedHead(of: end.replica).seq >= end.seq
      {
        continue
      }
      ends.append((end, stamp))
    }
    return ends
  }

  /// Whether somebody said that the clock was wrong when this was written.
  private static func isSaid(of end: OpID, _ words: [ReplicaID: OpID]) -> Bool {
    words[end.replica].map { end <= $0 } ?? false
  }

  /// Up to where the log of each life says nothing about the clock.
  private static func words(in store: Store) throws(StoreError) -> [ReplicaID: OpID] {
    var words: [ReplicaID: OpID] = [:]
    for word in try store.clockConfirmed() {
      words[word.replica] = max(words[word.replica] ?? word, word)
    }
    return words
  }
}
