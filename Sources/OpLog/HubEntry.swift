/// Some ops of one run of a receipt, without those that the asker holds.
package struct EntryRun: Equatable, Sendable {
  /// The run's place in the receipt.
  package var index: Int
  /// Its ops in order; a chunk may end or go on inside a run.
  package var ops: [Op]

  /// Makes a run.
  package init(index: Int, ops: [Op]) {
    self.index = index
    self.ops = ops
  }
}

/// An op of a hub's log, with the ops that it covers if it is a receipt.
package struct HubEntry: Equatable, Sendable {
  /// The hub's op.
  package var op: Op
  /// The runs of a receipt that have ops for the asker, by index.
  package var runs: [EntryRun]

  /// Makes an entry.
  package init(op: Op, runs: [EntryRun]) {
    self.op = op
    self.runs = runs
  }
}

/// How much of a hub's log somebody holds.
package struct HubProgress: Hashable, Sendable {
  /// The last hub entry held whole, with all ops that it covers; 0 at the start.
  package let seq: UInt64
  /// The chain hash there.
  package let hash: Digest
  /// In the entry after it, the index of the run that came last.
  package let run: Int
  /// In that run, the last op held; 0 for none.
  package let upTo: UInt64

  /// Makes a progress; without a part of the next entry `run` and `upTo` are 0.
  package init(seq: UInt64, hash: Digest, run: Int = 0, upTo: UInt64 = 0) {
    self.seq = seq
    self.hash = hash
    self.run = run
    self.upTo = upTo
  }
}
