import Community
import OpLog

/// How far a hub's log is held while it comes in.
package struct EntryProgress: Comparable, Sendable {
  /// The last entry held whole, with all that it covers.
  package var whole: UInt64
  /// In the entry after it, the run that came last.
  package var run = 0
  /// In that run, the last op held; 0 for none.
  package var seq: UInt64 = 0

  /// Makes a progress.
  package init(whole: UInt64, run: Int = 0, seq: UInt64 = 0) {
    self.whole = whole
    self.run = run
    self.seq = seq
  }

  /// Whether no entry is held in part.
  package var isWhole: Bool { run == 0 && seq == 0 }

  package static func < (left: EntryProgress, right: EntryProgress) -> Bool {
    (left.whole, left.run, left.seq) < (right.whole, right.run, right.seq)
  }
}

/// Entries of a hub's log that come in, page by page; all of it runs inside ``write(_:)``.
extension Store {
  /// Stores entries in order, with the ops that they cover.
  ///
  /// - Parameters:
  ///   - entries: Entries that continue the log as held.
  ///   - isProved: Whether a seal vouches for them: then they are folded too, but for a run that is
  ///     not complete.
  ///   - hasMore: Whether the last entry may be held in part only.
  /// - Returns: How far the log is held now; nil without entries.
  /// - Throws: ``StoreError/gap(replica:held:)``, ``StoreError/fork(_:)``,
  ///   ``StoreError/hashMismatch(_:)``.
  package func take(
    _ entries: [HubEntry], isProved: Bool, hasMore: Bool
  ) throws(StoreError) -> EntryProgress? {
    guard let last = entries.last else { return nil }
    for (place, entry) in entries.enumerated() {
      try learnLives(in: entry.op, isProved: isProved)
      let end = try stage([entry.op])
      if isProved, let end { try fold(upTo: end, staged: [entry.op]) }
      guard entry.op.kind == Receipt.kind, let receipt = try? Receipt(entry.op) else { continue }
      let mayBePart = place == entries.count - 1 && hasMore
      for (index, run) in receipt.runs.enumerated() {
        let ops = entry.runs.first { $0.index == index }?.ops ?? []
        guard try take(run, ops, of: entry, isProved: isProved, mayBePart: mayBePart) else {
          let writer = run.upTo.replica
          guard mayBePart else {
            let held = try knowsLife(of: writer) ? try storedHead(of: writer).seq : 0
            throw .gap(replica: writer, held: held)
          }
          // Not what is held of the log: that may be another branch of it.
          return EntryProgress(
            whole: entry.op.id.seq - 1, run: index, seq: ops.last?.id.seq ?? 0)
        }
      }
    }
    return EntryProgress(whole: last.op.id.seq)
  }

  /// Stores the ops of one run; false when it is not complete yet.
  private func take(
    _ run: ReceiptRun, _ ops: [Op], of entry: HubEntry, isProved: Bool, mayBePart: Bool
  ) throws(StoreError) -> Bool {
    let writer = run.upTo.replica
    if writer == identity.replica {
      let isHeld = try holds(run.upTo)
      if isHeld || ops.isEmpty {
        // Others bear own ids, and the page had no room for the first of them.
        if !isHeld, mayBePart, try !isPutAway(run.upTo) { return false }
        // The hub vouches for own ops: they must be the ones held here, or known to be another's.
        if try !isPutAway(run.upTo) { try fold(upTo: run.upTo) }
        return true
      }
    }
    // The receipt vouches for nothing behind the run's end.
    guard ops.allSatisfy({ $0.id.replica == writer && $0.id.seq <= run.upTo.seq }) else {
      throw .hashMismatch(entry.op.id)
    }
    if let first = ops.first { try learnLives(in: first, isProved: isProved) }
    try stage(run: ops, through: run.upTo)
    // Without the first op of a hub that nobody has named, there is nothing to chain to yet.
    guard try knowsLife(of: writer) else { return false }
    if try isBeside(run.upTo) {
      if isProved { try settleBranches(endingAt: run.upTo) }
      return true
    }
    // Taken for the other branch than it is, or damaged: then it has to come again from its start.
    if let ends = try besideEnds(writer), ends.upperBound == run.upTo.seq, try !holds(run.upTo),
      try !moveIntoLog(ops: ends, through: run.upTo), let id = OpID(writer, run.upTo.seq)
    {
      throw .hashMismatch(id)
    }
    if try isOtherBranch(run.upTo) {
      let isKnown = try isPutAway(run.upTo)
      if isKnown, ops.isEmpty { return true }
      if mayBePart, ops.last?.id.seq != run.upTo.seq { return false }
    }
    guard try storedHead(of: writer).seq >= run.upTo.seq else { return false }
    if isProved {
      try fold(upTo: run.upTo, staged: ops)
    } else if try foldedHead(of: writer).seq < run.upTo.seq,
      try head(of: writer, at: run.upTo.seq) != run.upTo
    {
      throw .hashMismatch(entry.op.id)
    }
    return true
  }

  /// Folds the entries of a hub's log up to one that a seal vouches for, with what is held of what
  /// they cover.
  package func foldEntries(of hub: ReplicaID, through end: UInt64) throws(StoreError) {
    var seq = try foldedHead(of: hub).seq + 1
    while seq <= end {
      let batch = try ops(of: hub, in: seq...end, limit: 512)
      guard !batch.isEmpty else { throw .gap(replica: hub, held: seq - 1) }
      for op in batch {
        guard let upTo = try head(of: hub, at: op.id.seq) else { continue }
        try fold(upTo: upTo, staged: [op])
        guard op.kind == Receipt.kind, let receipt = try? Receipt(op) else { continue }
        for run in receipt.runs where run.upTo.replica != hub {
          if try isBeside(run.upTo) { try settleBranches(endingAt: run.upTo) }
          // What is not held, or another branch of it, comes from its writer.
          guard try holds(run.upTo) else { continue }
          try fold(upTo: run.upTo)
        }
      }
      seq += UInt64(batch.count)
    }
    // The receipts that are written next say which ops they are.
    try settleUndecided()
  }

  /// Drops everything that is held and that nobody vouched for.
  package func dropUnfolded() throws(StoreError) {
    for replica in try replicas() where replica != identity.replica {
      try dropUnfolded(of: replica)
    }
    try dropBeside(identity.replica)
  }

  /// How many ops of each log are held that nobody vouched for; logs without any are left out.
  package func unprovedOps() throws(StoreError) -> [(replica: ReplicaID, count: UInt64)] {
    var found: [(replica: ReplicaID, count: UInt64)] = []
    for replica in try replicas() {
      let head = try head(of: replica)
      guard head.stored.seq > head.folded.seq else { continue }
      found.append((replica, head.stored.seq - head.folded.seq))
    }
    return found + (try besideCounts())
  }
}
