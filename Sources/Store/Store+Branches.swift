import Community
import OpLog
import SQLite

/// Two branches of one log: other ops under the same ids, by a PC whose database was copied or set back.
///
/// A hub takes one branch only. But one that lost everything may take the other branch before an office
/// gives it the log of the hub that took the first. Then the ops are those whose receipt is the first in
/// the canonical order. The others are put away: they are kept, under their hashes, and count for
/// nothing, nor does a receipt that names one of them.
///
/// What comes in and is not what the log has stands beside it until a receipt proves it.
extension Store {
  /// The logs that have, or had, two branches.
  func branched() throws(StoreError) -> BranchedLogs {
    if let known = branchedCache { return known }
    let known = try StoreError.wrap { () throws(SQLiteFailure) in try branches.branched() }
    branchedCache = known
    return known
  }

  /// From where to where something is held beside a log; nil for nothing.
  package func besideEnds(_ replica: ReplicaID) throws(StoreError) -> ClosedRange<UInt64>? {
    guard try branched().beside.contains(replica) else { return nil }
    return try StoreError.wrap { () throws(SQLiteFailure) in try branches.besideEnds(replica) }
  }

  /// Whether a head is of what is held beside its log.
  func isBeside(_ head: Head) throws(StoreError) -> Bool {
    guard try branched().beside.contains(head.replica) else { return false }
    return try besideOp(head.replica, head.seq)?.hash == head.hash
  }

  /// Whether a receipt that names a head speaks of other ops than the log has, or will have.
  func isOtherBranch(_ head: Head) throws(StoreError) -> Bool {
    guard !head.replica.isHub, try knowsLife(of: head.replica) else { return false }
    guard try head.seq <= storedHead(of: head.replica).seq else { return try isPutAway(head) }
    return try self.head(of: head.replica, at: head.seq) != head
  }

  /// Adds the ops of a run that comes in: to the log, or beside it from the first that is another op than
  /// the log has.
  ///
  /// - Throws: ``StoreError/gap(replica:held:)``; ``StoreError/fork(_:)`` for a third branch.
  func stage(run ops: [Op], through end: Head) throws(StoreError) {
    guard let first = ops.first else { return }
    let replica = first.id.replica
    guard !replica.isHub, try knowsLife(of: replica) else {
      try stage(ops)
      return
    }
    if let ends = try besideEnds(replica) {
      if try goesOn(ops, beside: ends, through: end) { return try append(ops, beside: ends) }
    } else if let place = try firstOther(in: ops), let base = try base(of: ops[place].id) {
      return try append(ops[place...], besideAfter: base)
    }
    guard replica != identity.replica else {
      throw .gap(replica: replica, held: try storedHead(of: replica).seq)
    }
    try stage(ops)
  }

  /// The place of the first op that is another one than the log has under its id.
  private func firstOther(in ops: [Op]) throws(StoreError) -> Int? {
    guard let first = ops.first else { return nil }
    let stored = try storedHead(of: first.id.replica).seq
    for (place, op) in ops.enumerated() {
      guard op.id.seq <= stored else { return nil }
      guard try loggedOp(op.id)?.bytes == op.bytes else { return place }
    }
    return nil
  }

  /// Whether ops are those beside a log, or go on behind them.
  private func goesOn(
    _ ops: [Op], beside ends: ClosedRange<UInt64>, through end: Head
  ) throws(StoreError) -> Bool {
    let first = ops[0].id
    if let op = ops.first(where: { ends.contains($0.id.seq) }) {
      return try besideOp(first.replica, op.id.seq)?.bytes == op.bytes
    }
    guard first.seq == ends.upperBound + 1 else { return false }
    let stored = try storedHead(of: first.replica)
    guard stored.seq == ends.upperBound else {
      return try loggedOp(first)?.bytes != ops[0].bytes
    }
    // They fit behind both; where the run is whole, its hash tells, and else at its end.
    guard ops.last?.id.seq == end.seq else { return true }
    return ops.reduce(stored.hash) { Chain.next(after: $0, $1.bytes) } != end.hash
  }

  private func append(_ ops: [Op], beside ends: ClosedRange<UInt64>) throws(StoreError) {
    var new = ops[...]
    while let op = new.first, op.id.seq <= ends.upperBound {
      let held =
        try op.id.seq < ends.lowerBound
        ? loggedOp(op.id)?.bytes : besideOp(op.id.replica, op.id.seq)?.bytes
      guard held == op.bytes else { throw .fork(op.id) }
      new = new.dropFirst()
    }
    guard let first = new.first, let tail = try besideOp(first.id.replica, ends.upperBound) else {
      return
    }
    try append(
      new,
      besideAfter: Head(replica: first.id.replica, seq: ends.upperBound, hash: tail.hash))
  }

  /// Moves what was filed beside a log while its run came in parts, and goes on behind the log as its
  /// hash shows now; false where it does not.
  func moveIntoLog(
    ops ends: ClosedRange<UInt64>, through upTo: Head
  ) throws(StoreError) -> Bool {
    let stored = try storedHead(of: upTo.replica)
    guard (ends.lowerBound..<upTo.seq).contains(stored.seq) else { return false }
    var ops: [Op] = []
    for seq in stored.seq + 1...upTo.seq {
      guard let held = try besideOp(upTo.replica, seq), let op = try? Op(decoding: held.bytes)
      else { return false }
      ops.append(op)
    }
    guard ops.reduce(stored.hash, { Chain.next(after: $0, $1.bytes) }) == upTo.hash else {
      return false
    }
    try dropBeside(upTo.replica, behind: stored.seq)
    try stage(ops)
    return true
  }

  private func append(
    _ ops: ArraySlice<Op>, besideAfter base: Head
  ) throws(StoreError) {
    var end = base
    for op in ops {
      guard op.id.seq == end.seq + 1 else { throw .gap(replica: end.replica, held: end.seq) }
      let hash = Chain.next(after: end.hash, op.bytes)
      try StoreError.wrap { () throws(SQLiteFailure) in
        try branches.appendBeside(op, hash: hash)
      }
      end = Head(replica: end.replica, seq: op.id.seq, hash: hash)
    }
    branchedCache = nil
  }

  /// Drops what is held beside a log, or what of it stands behind a seq; inside ``write(_:)``.
  package func dropBeside(_ replica: ReplicaID, behind seq: UInt64 = 0) throws(StoreError) {
    guard try branched().beside.contains(replica) else { return }
    try StoreError.wrap { () throws(SQLiteFailure) in
      try branches.dropBeside(replica, behind: seq)
    }
    branchedCache = nil
  }

  /// How many ops are held beside each log.
  func besideCounts() throws(StoreError) -> [(replica: ReplicaID, count: UInt64)] {
    var found: [(replica: ReplicaID, count: UInt64)] = []
    for replica in try branched().beside.sorted() {
      guard let ends = try besideEnds(replica) else { continue }
      found.append((replica, UInt64(ends.count)))
    }
    return found
  }

  /// Decides between a log and what is held beside it, now that a receipt proves it up to a head: the
  /// branch that the first receipt names is the log, the other is put away.
  ///
  /// The tables are folded anew where what was folded is put away, which a street sees once in years. An
  /// own log gives way to none: what another PC wrote under its ids is put away, and where the hub holds
  /// that one, it says so itself.
  func settleBranches(endingAt upTo: Head) throws(StoreError) {
    let replica = upTo.replica
    guard let ends = try besideEnds(replica) else { return }
    if replica != identity.replica, try isBesideFirst(replica, from: ends.lowerBound) {
      return try replace(replica, by: ends, provedTo: upTo)
    }
    let isNew = try StoreError.wrap { () throws(SQLiteFailure) in
      try branches.putAwayBeside(replica, through: upTo.seq)
    }
    branchedCache = nil
    if upTo.seq == ends.upperBound { try dropBeside(replica) }
    // Its receipt may have come before its ops, and been taken for one of what the log has there.
    if isNew { mustRefoldLater = true }
  }

  /// Whether the first receipt that tells a log from what is beside it names the latter.
  ///
  /// O(receipts before that one).
  private func isBesideFirst(
    _ replica: ReplicaID, from first: UInt64
  ) throws(StoreError) -> Bool {
    for hub in try replicas() where hub.isHub {
      let end = try foldedHead(of: hub).seq
      var seq: UInt64 = 0
      while seq < end {
        let batch = try receiptOps(of: hub, in: (seq + 1)...end)
        for op in batch {
          for run in (try? Receipt(op))?.runs ?? []
          where run.upTo.replica == replica && run.upTo.seq >= first {
            if try isBeside(run.upTo) { return true }
            if try holds(run.upTo) { return false }
          }
        }
        seq = batch.last?.id.seq ?? end
      }
    }
    return false
  }

  func receiptOps(
    of hub: ReplicaID, in seqs: ClosedRange<UInt64>
  ) throws(StoreError) -> [Op] {
    let rows = try StoreError.wrap { () throws(SQLiteFailure) in
      let select = try connection.prepare(
        """
        SELECT op FROM log WHERE replica = ?1 AND seq BETWEEN ?2 AND ?3 AND kind = ?4
         ORDER BY seq LIMIT 512
        """)
      select.bind(1, Int64(hub.rawValue))
      select.bind(2, Int64(seqs.lowerBound))
      select.bind(3, Int64(seqs.upperBound))
      select.bind(4, Int64(Receipt.kind))
      var rows: [[UInt8]] = []
      while try select.step() { rows.append(select.bytes(0)) }
      return rows
    }
    return rows.compactMap { try? Op(decoding: $0) }
  }

  /// Puts a log's ops away for those that are held beside it, and folds all logs anew.
  private func replace(
    _ replica: ReplicaID, by ends: ClosedRange<UInt64>, provedTo upTo: Head
  ) throws(StoreError) {
    // While the ops are here that the tables were folded from.
    try flush()
    try cutLog(replica, from: ends.lowerBound)
    try StoreError.wrap { () throws(SQLiteFailure) in try branches.takeBack(replica) }
    var tail = upTo
    for seq in ends {
      guard let id = OpID(replica, seq), let held = try besideOp(replica, seq),
        let op = try? Op(decoding: held.bytes)
      else { throw .gap(replica: replica, held: seq) }
      try StoreError.wrap { () throws(SQLiteFailure) in try log.append(op, hash: held.hash) }
      tail = Head(replica: replica, seq: id.seq, hash: held.hash)
    }
    try dropBeside(replica)
    try go(onWith: LogHead(stored: tail, folded: upTo))
  }

  /// Puts a log's ops away from a seq on, those too that came in and were not folded yet: a receipt that
  /// follows may name them.
  func cutLog(_ replica: ReplicaID, from first: UInt64) throws(StoreError) {
    try keepFormer(replica, from: first, through: try foldedHead(of: replica).seq)
    let stored = try storedHead(of: replica).seq
    try StoreError.wrap { () throws(SQLiteFailure) in
      try branches.cutLog(replica, from: first, through: stored)
    }
    branchedCache = nil
  }

  /// Folds all logs anew, one of which has other ops now.
  func go(onWith head: LogHead) throws(StoreError) {
    try StoreError.wrap { () throws(SQLiteFailure) in
      try log.set(head)
      // What its writer sealed is what was put away.
      let delete = try connection.prepare("DELETE FROM seal WHERE replica = ?1")
      delete.bind(1, Int64(head.stored.replica.rawValue))
      try delete.run()
    }
    try refoldAll { _ in }
  }

  private func base(of id: OpID) throws(StoreError) -> Head? {
    try head(of: id.replica, at: id.seq - 1)
  }

  private func loggedOp(_ id: OpID) throws(StoreError) -> (bytes: [UInt8], hash: Digest)? {
    try StoreError.wrap { () throws(SQLiteFailure) in try log.op(id) }
  }

  private func besideOp(
    _ replica: ReplicaID, _ seq: UInt64
  ) throws(StoreError) -> BranchOp? {
    try StoreError.wrap { () throws(SQLiteFailure) in try branches.beside(replica, at: seq) }
  }
}
