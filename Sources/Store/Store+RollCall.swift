import Community
import OpLog
import SQLite

/// What a rebuilt hub keeps while offices give back what it lost.
extension Store {
  /// Whether this is a rebuilt hub whose roll-call nobody has ended: it takes and gives ops and decides
  /// nothing.
  package var isRollCallOpen: Bool {
    get throws(StoreError) {
      guard identity.replica.isHub, identity.incarnation.number > 1 else { return false }
      return try !hasSucceeded(identity.replica)
    }
  }

  /// Whether the log of a hub, as far as it is held, has an op that ends its roll-call.
  func hasSucceeded(_ hub: ReplicaID) throws(StoreError) -> Bool {
    try StoreError.wrap { () throws(SQLiteFailure) in
      let select = try connection.prepare(
        """
        SELECT 1 FROM bounding b JOIN log l ON l.replica = b.op >> 32 AND l.seq = b.op & 4294967295
         WHERE l.replica = ?1 AND l.kind = ?2 LIMIT 1
        """)
      select.bind(1, Int64(hub.rawValue))
      select.bind(2, Int64(HubSucceedFold.kind))
      return try select.step()
    }
  }

  /// Refuses a decision while the roll-call is open.
  ///
  /// - Throws: ``StoreError/rollCall``.
  package func checkMayDecide() throws(StoreError) {
    guard try isRollCallOpen else { return }
    throw .rollCall
  }

  /// The former hubs that this one knows of, the newest first.
  package func formerHubs() throws(StoreError) -> [ReplicaID] {
    try provedLives().map(\.hub).filter { $0 < identity.replica }.reversed()
  }

  /// The former hub's log that is being given in parts, and how far; nil for none.
  package func givenLog() throws(StoreError) -> (hub: ReplicaID, progress: EntryProgress)? {
    guard let number = try number(.givenLog), let hub = ReplicaID(rawValue: UInt32(number)) else {
      return nil
    }
    return (hub, try entryProgress())
  }

  /// Keeps how far a former hub's log was given; inside ``write(_:)``.
  package func setGiven(
    _ hub: ReplicaID, _ progress: EntryProgress, at now: Int64
  ) throws(StoreError) {
    try set(.givenLog, Int64(hub.rawValue))
    try set(.givenAt, now)
    try set(progress)
  }

  /// Drops what was given and not proved; inside ``write(_:)``.
  package func dropGiven() throws(StoreError) {
    try dropUnfolded()
    try dropUnprovedLives()
    try clear(.givenLog)
    try set(EntryProgress(whole: 0))
  }

  /// Drops what was given behind a head that it holds, with what only that covers; inside ``write(_:)``.
  package func dropGiven(behind head: Head) throws(StoreError) {
    var covered: [ReplicaID: UInt64] = [head.replica: head.seq]
    var seq = try foldedHead(of: head.replica).seq + 1
    while seq <= head.seq {
      let batch = try ops(of: head.replica, in: seq...head.seq, limit: 512)
      for op in batch where op.kind == Receipt.kind {
        for run in (try? Receipt(op))?.runs ?? [] where run.upTo.replica != head.replica {
          covered[run.upTo.replica] = max(covered[run.upTo.replica] ?? 0, run.upTo.seq)
        }
      }
      guard !batch.isEmpty else { throw .gap(replica: head.replica, held: seq - 1) }
      seq += UInt64(batch.count)
    }
    for replica in try replicas() where replica != identity.replica {
      try dropUnfolded(of: replica, behind: covered[replica] ?? 0)
    }
    try set(EntryProgress(whole: head.seq))
  }

  /// How far the hub's log that comes in is held.
  package func entryProgress() throws(StoreError) -> EntryProgress {
    EntryProgress(
      whole: UInt64(try number(.wholeSeq) ?? 0), run: Int(try number(.partRun) ?? 0),
      seq: UInt64(try number(.partSeq) ?? 0))
  }

  /// Keeps how far the hub's log that comes in is held; inside ``write(_:)``.
  package func set(_ progress: EntryProgress) throws(StoreError) {
    try set(.wholeSeq, Int64(progress.whole))
    try set(.partRun, Int64(progress.run))
    try set(.partSeq, Int64(progress.seq))
  }

  /// Keeps that what was given is proved, the lives that it named too; inside ``write(_:)``.
  package func noteGivenProved() throws(StoreError) {
    try clear(.givenLives)
  }

  /// The street's name as its definition says; nil before that op is here.
  package func definedName() throws(StoreError) -> String? {
    try flush()
    return try StoreError.wrap { () throws(SQLiteFailure) in
      let select = try connection.prepare("SELECT name FROM street ORDER BY id LIMIT 1")
      return try select.step() ? select.text(0) : nil
    }
  }

  /// Every enrolled replica, ascending.
  package func enrolledReplicas() throws(StoreError) -> [ReplicaID] {
    try flush()
    return try rows(of: Tables.replica).compactMap { row in
      row[0].integer.flatMap { ReplicaID(rawValue: UInt32($0)) }
    }
  }

  /// Asks for every body that is here to be brought to the hub again; inside ``write(_:)``.
  package func markBodiesUnsent() throws(StoreError) {
    try StoreError.wrap { () throws(SQLiteFailure) in
      try connection.execute("UPDATE body SET is_uploaded = 0")
    }
  }
}
