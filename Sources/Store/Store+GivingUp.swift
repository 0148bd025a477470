import Community
import OpLog
import SQLite

/// What an office gives up behind a new master key: what nobody could prove to the hub that has it.
///
/// The receipts of former hubs that are given up decide nothing any more. So a log of which they had put
/// a branch away is the one that the receipts that are left name first, as for whoever hears of it from
/// this hub alone.
extension Store {
  /// Whether two persons have ended the roll-call of the hub that is followed here, as far as its log is
  /// held.
  package var hasHubSucceeded: Bool {
    get throws(StoreError) { try hasSucceeded(try hub) }
  }

  /// Keeps of others' logs only what the receipts of the present hub name; inside ``write(_:)``, with that
  /// hub's log held whole.
  ///
  /// What nobody could prove to the new hub is in no other place any more, and nobody would ever hear of
  /// it. Own ops stay: they are pushed. What this PC wrote under a former id is kept apart, to be recorded
  /// again.
  package func dropUnknownToHub() throws(StoreError) {
    let hub = try hub
    let others = try replicas().filter { $0 != identity.replica && $0 != hub }
    // While the ops are here that the tables were folded from.
    try flush()
    try keepingFiles { () throws(StoreError) in try dropUnknown(to: hub, of: others) }
  }

  private func dropUnknown(
    to hub: ReplicaID, of others: [ReplicaID]
  ) throws(StoreError) {
    var isChanged = false
    // The hubs' logs first: of their receipts only those that stay decide between branches.
    for replica in others.filter(\.isHub) + others.filter({ !$0.isHub }) {
      try dropBeside(replica)
      let isCut =
        try branched().putAway.contains(replica)
        ? try dropBranches(of: replica, unknownTo: hub)
        : try drop(replica, behind: try receiptedSeq(of: replica, by: hub))
      isChanged = isChanged || isCut
    }
    guard isChanged else { return }
    try refoldAll { _ in }
  }

  /// Cuts a log that has no branches; false where nothing stands behind the seq.
  private func drop(_ replica: ReplicaID, behind known: UInt64) throws(StoreError) -> Bool {
    guard try storedHead(of: replica).seq > known, let end = try head(of: replica, at: known)
    else { return false }
    try keepFormer(replica, from: known + 1, through: try foldedHead(of: replica).seq)
    try StoreError.wrap { () throws(SQLiteFailure) in
      let delete = try connection.prepare("DELETE FROM log WHERE replica = ?1 AND seq > ?2")
      delete.bind(1, Int64(replica.rawValue))
      delete.bind(2, Int64(known))
      try delete.run()
    }
    try setEnd(end)
    return true
  }

  /// Of a log and what was put away of it keeps what the hub's receipts name, as one log again, or as log
  /// and branches; false where all is as it was.
  private func dropBranches(
    of replica: ReplicaID, unknownTo hub: ReplicaID
  ) throws(StoreError) -> Bool {
    let rows = try putAwayRows(of: replica)
    guard let parting = rows.first?.seq else { return false }
    var nodes = try branchNodes(of: replica, from: parting, rows)
    // How far both branches are known, and which ops behind that.
    var (base, known) = (UInt64(0), Set<Digest>())
    for head in try namedHeads(of: replica, from: 1, by: hub)
    where head.seq < parting || nodes.follow(head, &known) {
      base = max(base, min(head.seq, parting - 1))
    }
    nodes.keep(known)
    var chosen: [UInt64: Digest] = [:]
    for head in try namedHeads(of: replica, from: parting) { nodes.choose(head, &chosen) }
    let (first, ops) = try rest(of: chosen, from: base + 1, of: replica, rows)
    let isCut = try first <= storedHead(of: replica).seq || !ops.isEmpty
    if isCut {
      guard var end = try head(of: replica, at: first - 1) else {
        throw .gap(replica: replica, held: base)
      }
      try cutLog(replica, from: first)
      for placed in ops {
        try StoreError.wrap { () throws(SQLiteFailure) in
          try branches.takeBack(replica, placed.seq, placed.hash)
          try log.append(placed.op, hash: placed.hash)
        }
        end = Head(replica: replica, seq: placed.seq, hash: placed.hash)
      }
      try setEnd(end)
    }
    let unknown = try putAwayRows(of: replica).filter { !known.contains($0.hash) }
    for placed in unknown {
      try StoreError.wrap { () throws(SQLiteFailure) in
        try branches.takeBack(replica, placed.seq, placed.hash)
      }
    }
    branchedCache = nil
    return isCut || !unknown.isEmpty
  }

  private func setEnd(_ head: Head) throws(StoreError) {
    let ended = LogHead(stored: head, folded: head)
    set(ended)
    // Folding anew reads it from the table.
    try StoreError.wrap { () throws(SQLiteFailure) in try log.set(ended) }
  }

  /// Forgets what hubs before a life sealed; inside ``write(_:)``.
  package func dropSeals(before life: Int64) throws(StoreError) {
    try StoreError.wrap { () throws(SQLiteFailure) in
      let delete = try connection.prepare("DELETE FROM seal WHERE replica >> 12 < ?1")
      delete.bind(1, life)
      try delete.run()
    }
  }
}
