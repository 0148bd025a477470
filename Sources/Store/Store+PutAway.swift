import Community
import OpLog
import SQLite

/// The ops that lost their ids to another branch of their log: kept under their hashes, given with the
/// runs that name them, and counted nowhere.
extension Store {
  /// Whether a head is of ops that were put away.
  package func isPutAway(_ head: Head) throws(StoreError) -> Bool {
    guard try branched().putAway.contains(head.replica) else { return false }
    return try putAwayOps(head.replica, head.seq).contains { $0.hash == head.hash }
  }

  /// How many ops of each log were put away, because others bear their ids; logs without any are left out.
  package func putAwayCounts() throws(StoreError) -> [(replica: ReplicaID, count: Int64)] {
    try StoreError.wrap { () throws(SQLiteFailure) in
      let select = try connection.prepare(
        "SELECT replica, count(*) FROM put_away GROUP BY replica ORDER BY replica")
      var found: [(replica: ReplicaID, count: Int64)] = []
      while try select.step() {
        guard let replica = ReplicaID(rawValue: UInt32(select.integer(0))) else { continue }
        found.append((replica, select.integer(1)))
      }
      return found
    }
  }

  /// The chain hashes of all ops that were put away.
  package func putAwayHashes() throws(StoreError) -> Set<Digest> {
    guard try !branched().putAway.isEmpty else { return [] }
    return try StoreError.wrap { () throws(SQLiteFailure) in
      let select = try connection.prepare("SELECT hash FROM put_away")
      var found: Set<Digest> = []
      while try select.step() {
        if let hash = Digest(select.bytes(0)) { found.insert(hash) }
      }
      return found
    }
  }

  /// The ends of the branches that were put away and that no receipt of this hub names yet.
  ///
  /// Whoever follows it from its start hears of a former hub's receipts that name them, and has to have
  /// the same of them as others.
  package func unsaidBranches() throws(StoreError) -> [Head] {
    guard try !branched().putAway.isEmpty else { return [] }
    let rows = try StoreError.wrap { () throws(SQLiteFailure) in
      let select = try connection.prepare(
        "SELECT replica, seq, hash, op FROM put_away ORDER BY replica, seq, hash")
      var rows: [(head: Head, op: [UInt8])] = []
      while try select.step() {
        guard let replica = ReplicaID(rawValue: UInt32(select.integer(0))),
          let hash = Digest(select.bytes(2))
        else { continue }
        let head = Head(replica: replica, seq: UInt64(select.integer(1)), hash: hash)
        rows.append((head, select.bytes(3)))
      }
      return rows
    }
    var ends: Set<Head> = []
    for row in rows {
      // Ascending: what it goes on behind came before it, and is no end.
      for end in ends
      where end.replica == row.head.replica && end.seq + 1 == row.head.seq
        && Chain.next(after: end.hash, row.op) == row.head.hash
      {
        ends.remove(end)
      }
      ends.insert(row.head)
    }
    let own = identity.replica
    let last = try foldedHead(of: own).seq
    var seq: UInt64 = 0
    while seq < last, !ends.isEmpty {
      let batch = try receiptOps(of: own, in: (seq + 1)...last)
      for op in batch {
        for run in (try? Receipt(op))?.runs ?? [] { ends.remove(run.upTo) }
      }
      seq = batch.last?.id.seq ?? last
    }
    return ends.sorted { ($0.replica, $0.seq) < ($1.replica, $1.seq) }
  }

  /// A run of a hub's receipt whose ops were put away, for whoever follows that hub; nil for any other.
  ///
  /// It begins behind what that hub's receipts before said of the log up to where the branch left it.
  func putAwayRun(
    endingAt head: Head, in receipt: OpID
  ) throws(StoreError) -> PutAwayRun? {
    guard try isPutAway(head) else { return nil }
    let path = try path(to: head)
    var (covered, seq) = (UInt64(0), UInt64(0))
    while seq < receipt.seq {
      let batch = try receiptOps(of: receipt.replica, in: (seq + 1)...receipt.seq)
      for run in batch.flatMap({ (try? Receipt($0))?.runs ?? [] })
      where run.upTo.replica == head.replica && covered + 1 < path.first {
        if run.upTo == head { return PutAwayRun(covered, path) }
        let isOther = try isOtherBranch(run.upTo)
        guard run.upTo.seq < path.first || !isOther else { continue }
        covered = max(covered, min(run.upTo.seq, path.first - 1))
      }
      seq = batch.last?.id.seq ?? receipt.seq
    }
    return PutAwayRun(covered, path)
  }

  /// At most `limit` ops of a log, in order, or of a run that was put away.
  func ops(
    of replica: ReplicaID, in seqs: ClosedRange<UInt64>, limit: Int, asIn run: PutAwayRun?
  ) throws(StoreError) -> [Op] {
    guard let run else { return try ops(of: replica, in: seqs, limit: limit) }
    guard seqs.lowerBound >= run.parting else {
      let end = min(seqs.upperBound, run.parting - 1)
      return try ops(of: replica, in: seqs.lowerBound...end, limit: limit)
    }
    var found: [Op] = []
    for bytes in run.ops.dropFirst(Int(seqs.lowerBound - run.parting)).prefix(limit) {
      guard let op = try? Op(decoding: bytes) else {
        throw .gap(replica: replica, held: seqs.lowerBound)
      }
      found.append(op)
    }
    return found
  }

  /// The first op of a branch that was put away where ops of one log, which end at a head, go on behind
  /// it; nil where they do not.
  package func putAwayStart(before ops: [Op], endingAt end: Head) throws(StoreError) -> OpID? {
    guard let first = ops.first?.id, try branched().putAway.contains(first.replica) else {
      return nil
    }
    for base in try putAwayOps(first.replica, first.seq - 1)
    where ops.reduce(base.hash, { Chain.next(after: $0, $1.bytes) }) == end.hash {
      let head = Head(replica: first.replica, seq: first.seq - 1, hash: base.hash)
      return OpID(first.replica, try path(to: head).first)
    }
    return nil
  }

  /// The ops that lead from where a branch left the log to a head of it that was put away.
  private func path(to head: Head) throws(StoreError) -> (first: UInt64, ops: [[UInt8]]) {
    var (seq, hash) = (head.seq, head.hash)
    var ops: [[UInt8]] = []
    while let op = try putAwayOps(head.replica, seq).first(where: { $0.hash == hash }) {
      ops.append(op.bytes)
      seq -= 1
      guard
        let before = try putAwayOps(head.replica, seq).first(where: { before in
          Chain.next(after: before.hash, op.bytes) == hash
        })
      else { break }
      hash = before.hash
    }
    return (seq + 1, ops.reversed())
  }

  /// Checks that what was put away goes on behind the log, or behind what else was put away.
  func checkPutAway(_ report: inout VerifyReport) throws(StoreError) {
    for replica in try branched().putAway.sorted() {
      let rows = try StoreError.wrap { () throws(SQLiteFailure) in
        let select = try connection.prepare(
          "SELECT seq, hash, op FROM put_away WHERE replica = ?1 ORDER BY seq, hash")
        select.bind(1, Int64(replica.rawValue))
        var rows: [(seq: UInt64, hash: Digest?, op: [UInt8])] = []
        while try select.step() {
          rows.append((UInt64(select.integer(0)), Digest(select.bytes(1)), select.bytes(2)))
        }
        return rows
      }
      for row in rows {
        guard let id = OpID(replica, row.seq) else { continue }
        var before = try putAwayOps(replica, row.seq - 1).map(\.hash)
        if let base = try head(of: replica, at: row.seq - 1) { before.append(base.hash) }
        let isRight = before.contains { Chain.next(after: $0, row.op) == row.hash }
        guard isRight, (try? Op(decoding: row.op))?.id == id else {
          report.note("what was put away under \(id) is not what was written", at: id)
          continue
        }
      }
    }
  }

  private func putAwayOps(
    _ replica: ReplicaID, _ seq: UInt64
  ) throws(StoreError) -> [BranchOp] {
    try StoreError.wrap { () throws(SQLiteFailure) in try branches.putAway(replica, at: seq) }
  }
}

/// A run of a receipt whose ops were put away.
struct PutAwayRun {
  /// The first seq of the run.
  let first: UInt64
  /// The first seq that is not the log's.
  let parting: UInt64
  /// The ops from there.
  let ops: [[UInt8]]

  fileprivate init(_ covered: UInt64, _ path: (first: UInt64, ops: [[UInt8]])) {
    (first, parting, ops) = (covered + 1, path.first, path.ops)
  }
}
