import Community
import OpLog
import SQLite

/// Deciding anew between a log and what was put away of it, where a receipt is folded that names the
/// latter.
///
/// Receipts of a former hub may come behind those of later ones, which named another branch: in the
/// log of a hub in between, or when an office gives them. By the canonical order they are the first.
extension Store {
  /// Notes that a receipt names ops that were put away.
  func noteUndecided(_ head: Head) throws(StoreError) {
    guard head.replica != identity.replica, try isPutAway(head) else { return }
    undecided.insert(head.replica)
  }

  /// Decides anew where receipts that were folded name what was put away, and folds all logs anew where
  /// that changes a log; inside ``write(_:)``.
  func settleUndecided() throws(StoreError) {
    // Folding anew notes all of it again; receipts are the same then.
    while let replica = undecided.min() {
      undecided.remove(replica)
      guard let branch = try otherBranch(of: replica) else { continue }
      let rest = undecided
      try goOver(to: branch)
      undecided = rest
    }
  }

  /// The ops that the log should have in place of its own, as the receipts that were folded say; nil
  /// where it has the right ones.
  private func otherBranch(of replica: ReplicaID) throws(StoreError) -> [PlacedOp]? {
    let rows = try putAwayRows(of: replica)
    guard let parting = rows.first?.seq else { return nil }
    var nodes = try branchNodes(of: replica, from: parting, rows)
    var chosen: [UInt64: Digest] = [:]
    for head in try namedHeads(of: replica, from: parting) {
      nodes.choose(head, &chosen)
    }
    let branch = try rest(of: chosen, from: parting, of: replica, rows).ops
    return branch.isEmpty ? nil : branch
  }

  /// From where on a log has other ops than those chosen, and which it should have there of those that
  /// were put away.
  func rest(
    of chosen: [UInt64: Digest], from first: UInt64, of replica: ReplicaID, _ rows: [PlacedOp]
  ) throws(StoreError) -> (first: UInt64, ops: [PlacedOp]) {
    let stored = try storedHead(of: replica).seq
    var first = first
    while let hash = chosen[first], first <= stored,
      try head(of: replica, at: first)?.hash == hash
    {
      first += 1
    }
    let byHash = Dictionary(rows.map { ($0.hash, $0) }, uniquingKeysWith: { first, _ in first })
    var ops: [PlacedOp] = []
    while let hash = chosen[first + UInt64(ops.count)] {
      guard let op = byHash[hash] else { return (first, []) }
      ops.append(op)
    }
    return (first, ops)
  }

  /// Puts the log's ops away for others that were, and folds all logs anew.
  private func goOver(to branch: [PlacedOp]) throws(StoreError) {
    guard let first = branch.first, let last = branch.last else { return }
    let replica = first.op.id.replica
    try flush()
    try dropBeside(replica)
    try cutLog(replica, from: first.seq)
    for placed in branch {
      try StoreError.wrap { () throws(SQLiteFailure) in
        try branches.takeBack(replica, placed.seq, placed.hash)
        try log.append(placed.op, hash: placed.hash)
      }
    }
    branchedCache = nil
    let end = Head(replica: replica, seq: last.seq, hash: last.hash)
    try go(onWith: LogHead(stored: end, folded: end))
    // What came in part went with the rest, and comes again from the start of its run.
    let progress = try entryProgress()
    if !progress.isWhole { try set(EntryProgress(whole: progress.whole)) }
  }

  /// The heads of a log that folded receipts name, from a seq on, in the canonical order; those of one
  /// hub, or of all.
  func namedHeads(
    of replica: ReplicaID, from first: UInt64, by only: ReplicaID? = nil
  ) throws(StoreError) -> [Head] {
    var heads: [Head] = []
    for hub in try replicas() where only.map({ hub == $0 }) ?? hub.isHub {
      let end = try foldedHead(of: hub).seq
      var seq: UInt64 = 0
      while seq < end {
        let batch = try receiptOps(of: hub, in: (seq + 1)...end)
        for run in batch.flatMap({ (try? Receipt($0))?.runs ?? [] })
        where run.upTo.replica == replica && run.upTo.seq >= first { heads.append(run.upTo) }
        seq = batch.last?.id.seq ?? end
      }
    }
    return heads
  }

  /// The ops of a log that were put away, ascending.
  func putAwayRows(of replica: ReplicaID) throws(StoreError) -> [PlacedOp] {
    try StoreError.wrap { () throws(SQLiteFailure) in
      let select = try connection.prepare(
        "SELECT seq, hash, op FROM put_away WHERE replica = ?1 ORDER BY seq, hash")
      select.bind(1, Int64(replica.rawValue))
      var rows: [PlacedOp] = []
      while try select.step() {
        guard let hash = Digest(select.bytes(1)), let op = try? Op(decoding: select.bytes(2)) else {
          continue
        }
        rows.append(PlacedOp(op: op, hash: hash))
      }
      return rows
    }
  }

  /// Which op stands before each, of the log and of what was put away.
  func branchNodes(
    of replica: ReplicaID, from first: UInt64, _ putAway: [PlacedOp]
  ) throws(StoreError) -> BranchNodes {
    var nodes = BranchNodes(first: first)
    var known: [UInt64: [Digest]] = [:]
    var before = try head(of: replica, at: first - 1)?.hash
    try StoreError.wrap { () throws(SQLiteFailure) in
      let select = try connection.prepare(
        "SELECT seq, hash FROM log WHERE replica = ?1 AND seq >= ?2 ORDER BY seq")
      select.bind(1, Int64(replica.rawValue))
      select.bind(2, Int64(first))
      while try select.step() {
        guard let hash = Digest(select.bytes(1)) else { continue }
        nodes.before[hash] = before
        known[UInt64(select.integer(0)), default: []].append(hash)
        before = hash
      }
    }
    for row in putAway {
      var candidates = known[row.seq - 1] ?? []
      if row.seq == first, let base = try head(of: replica, at: first - 1) {
        candidates.append(base.hash)
      }
      nodes.before[row.hash] = candidates.first {
        Chain.next(after: $0, row.op.bytes) == row.hash
      }
      known[row.seq, default: []].append(row.hash)
    }
    return nodes
  }
}
