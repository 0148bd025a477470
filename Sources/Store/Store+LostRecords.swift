import Community
import OpLog
import SQLite

/// An op that lost its id to another one, and that nobody recorded again.
package struct LostRecord: Sendable {
  /// The op, under the id that another bears now.
  package let op: Op
  /// Its chain hash.
  package let hash: Digest
}

/// Ops of one log that were put away, one behind the other.
package struct LostBranch: Sendable {
  /// Whose ids they bear.
  package let replica: ReplicaID
  /// Those that nobody recorded again or looked after, in order.
  package fileprivate(set) var records: [LostRecord] = []
  /// All of them: what they name under their own ids is among them.
  package fileprivate(set) var ops: [OpID: Op] = [:]
  fileprivate var hashes: [UInt64: Digest] = [:]

  /// Whether an op goes on behind one of them.
  fileprivate func goesOn(_ row: PutAwayRow) -> Bool {
    guard row.head.replica == replica, let before = hashes[row.head.seq - 1] else { return false }
    return Chain.next(after: before, row.bytes) == row.head.hash
  }

  /// The same up to an op, as another branch has it.
  fileprivate func prefix(through seq: UInt64) -> LostBranch {
    var prefix = LostBranch(replica: replica)
    prefix.ops = ops.filter { $0.key.seq <= seq }
    prefix.hashes = hashes.filter { $0.key <= seq }
    return prefix
  }
}

private struct PutAwayRow {
  let head: Head
  let bytes: [UInt8]
  let isNoted: Bool
}

/// What was put away and is missing: points and goods that somebody was given on a receipt, which count
/// nowhere until the PC that wrote it rejoins, or somebody looks after it on paper.
extension Store {
  /// The branches with records that are missing; on almost every street none.
  ///
  /// O(ops that were put away), and O(all ops) once where one of those was recorded anew from another;
  /// runs inside ``read(_:)`` or ``write(_:)``.
  package func lostBranches() throws(StoreError) -> [LostBranch] {
    guard try !branched().putAway.isEmpty else { return [] }
    let again = try rerecordings()
    let rows = try putAwayRows()
    let originals = try logged(among: Set(rows.compactMap { try? Op(decoding: $0.bytes).was }))
    var branches: [LostBranch] = []
    for row in rows {
      guard let op = try? Op(decoding: row.bytes) else { continue }
      var place = branches.firstIndex { $0.goesOn(row) }
      if let found = place, branches[found].hashes[row.head.seq] != nil {
        // Two PCs went on behind it.
        branches.append(branches[found].prefix(through: row.head.seq - 1))
        place = branches.count - 1
      }
      if place == nil { branches.append(LostBranch(replica: row.head.replica)) }
      let index = place ?? branches.count - 1
      branches[index].ops[op.id] = op
      branches[index].hashes[row.head.seq] = row.head.hash
      guard !row.isNoted, try !isRecorded(op, row.head.hash, again, originals)
      else { continue }
      branches[index].records.append(LostRecord(op: op, hash: row.head.hash))
    }
    return branches.filter { !$0.records.isEmpty }
  }

  /// Says that what the ops under an id did that lost it is looked after; inside ``write(_:)``.
  ///
  /// - Returns: Whether one was missing.
  package func noteLost(_ id: OpID, at now: Int64) throws(StoreError) -> Bool {
    let before = connection.totalChanges
    try StoreError.wrap { () throws(SQLiteFailure) in
      let update = try connection.prepare(
        "UPDATE put_away SET noted_at = ?3 WHERE replica = ?1 AND seq = ?2 AND noted_at IS NULL")
      update.bind(1, Int64(id.replica.rawValue))
      update.bind(2, Int64(id.seq))
      update.bind(3, now)
      try update.run()
    }
    return connection.totalChanges > before
  }

  /// Whether an op that was put away was recorded again, or was itself a record of one that is here.
  private func isRecorded(
    _ op: Op, _ hash: Digest, _ again: Rerecordings, _ originals: Set<Digest>
  ) throws(StoreError) -> Bool {
    guard let community = try Standing.community(of: op.id.replica, in: self) else { return false }
    if again.hold(op.was ?? hash, community: community) { return true }
    return op.was.map(originals.contains) ?? false
  }

  /// Those of the hashes that ops of the logs have; O(all ops), as hashes have no index.
  private func logged(among hashes: Set<Digest>) throws(StoreError) -> Set<Digest> {
    guard !hashes.isEmpty else { return [] }
    return try StoreError.wrap { () throws(SQLiteFailure) in
      let select = try connection.prepare("SELECT hash FROM log")
      var found: Set<Digest> = []
      while try select.step() {
        if let hash = Digest(select.bytes(0)), hashes.contains(hash) { found.insert(hash) }
      }
      return found
    }
  }

  private func putAwayRows() throws(StoreError) -> [PutAwayRow] {
    try StoreError.wrap { () throws(SQLiteFailure) in
      let select = try connection.prepare(
        "SELECT replica, seq, hash, op, noted_at FROM put_away ORDER BY replica, seq, hash")
      var rows: [PutAwayRow] = []
      while try select.step() {
        guard let replica = ReplicaID(rawValue: UInt32(select.integer(0))),
          let hash = Digest(select.bytes(2))
        else { continue }
        rows.append(
          PutAwayRow(
            head: Head(replica: replica, seq: UInt64(select.integer(1)), hash: hash),
            bytes: select.bytes(3), isNoted: select.optionalInteger(4) != nil))
      }
      return rows
    }
  }
}
