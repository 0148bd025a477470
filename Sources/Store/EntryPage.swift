import OpLog

/// Entries of a hub's log for somebody who lacks them, filled up to a budget of bytes.
package struct EntryPage {
  /// What a page may hold.
  package struct Limits: Sendable {
    /// Bytes as `byteCount` measures them; the first entry always fits, and the first op.
    package var bytes: Int
    /// Entries of the hub's log.
    package var entries: Int
    /// Ops that they cover.
    package var ops: Int

    /// Makes limits.
    package init(bytes: Int, entries: Int, ops: Int) {
      self.bytes = bytes
      self.entries = entries
      self.ops = ops
    }
  }

  /// The entries so far.
  package private(set) var entries: [HubEntry] = []
  private let store: Store
  private let hub: ReplicaID
  private let asker: ReplicaID?
  private let held: [ReplicaID: UInt64]
  private let byteCount: (Op) -> Int
  private var limits: Limits
  private var opCount = 0

  /// Makes an empty page.
  ///
  /// - Parameters:
  ///   - hub: Whose log it is of.
  ///   - asker: Whose own ops are left out.
  ///   - held: How far the asker holds other logs.
  ///   - store: Where the log is.
  ///   - limits: How much fits.
  ///   - byteCount: What an op takes of it.
  package init(
    of hub: ReplicaID, for asker: ReplicaID? = nil, holding held: [ReplicaID: UInt64] = [:],
    from store: Store, limits: Limits, byteCount: @escaping (Op) -> Int
  ) {
    self.hub = hub
    self.asker = asker
    self.held = held
    self.store = store
    self.limits = limits
    self.byteCount = byteCount
  }

  /// Adds the entries after what is held, up to one.
  ///
  /// - Returns: Whether something is left for the next page.
  package mutating func fill(
    after progress: HubProgress, through end: UInt64
  ) throws(StoreError) -> Bool {
    var seq = progress.seq + 1
    while seq <= end {
      for op in try store.ops(of: hub, in: seq...end, limit: 128) {
        let isFirst = op.id.seq == progress.seq + 1
        let bytes = byteCount(op)
        guard isFirst || hasRoom(for: bytes) else { return true }
        limits.bytes -= bytes
        entries.append(HubEntry(op: op, runs: []))
        let part = isFirst ? (run: progress.run, upTo: progress.upTo) : (run: 0, upTo: 0)
        guard try addRuns(of: op, from: part) else { return true }
      }
      seq = (entries.last?.op.id.seq ?? end) + 1
    }
    return false
  }

  /// Adds the ops that a receipt covers; false when the budget ended before the receipt did.
  private mutating func addRuns(
    of op: Op, from part: (run: Int, upTo: UInt64)
  ) throws(StoreError) -> Bool {
    guard op.kind == Receipt.kind, let receipt = try? Receipt(op) else { return true }
    for (index, run) in receipt.runs.enumerated() where index >= part.run {
      let putAway = try store.putAwayRun(endingAt: run.upTo, in: op.id)
      var seq: UInt64
      if let putAway {
        // Whoever follows this hub has to see that these ops lost their ids, their writer too.
        seq = putAway.first
      } else {
        guard run.upTo.replica != asker,
          let first = try store.firstSeq(ofRunEndingAt: run.upTo, by: hub)
        else { continue }
        seq = max(first, (held[run.upTo.replica] ?? 0) + 1)
      }
      if index == part.run { seq = max(seq, part.upTo + 1) }
      guard seq <= run.upTo.seq else { continue }
      entries[entries.count - 1].runs.append(EntryRun(index: index, ops: []))
      while seq <= run.upTo.seq {
        let batch = try store.ops(
          of: run.upTo.replica, in: seq...run.upTo.seq, limit: 128, asIn: putAway)
        // An office may have met its hub's last receipt before what it covers.
        if batch.isEmpty { break }
        for op in batch {
          // Whatever the budget, each page brings at least one op further.
          let bytes = byteCount(op)
          guard opCount == 0 || hasRoom(for: bytes) else { return false }
          limits.bytes -= bytes
          opCount += 1
          let entry = entries.count - 1
          entries[entry].runs[entries[entry].runs.count - 1].ops.append(op)
          seq = op.id.seq + 1
        }
      }
    }
    return true
  }

  private func hasRoom(for bytes: Int) -> Bool {
    entries.count < limits.entries && opCount < limits.ops && limits.bytes >= bytes
  }
}
