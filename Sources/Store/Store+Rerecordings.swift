import Community
import OpLog
import SQLite

/// What was recorded again after a PC was copied, and which record of it counts.
extension Store {
  /// What was recorded again, as the rows say and this transaction learned.
  func rerecordings() throws(StoreError) -> Rerecordings {
    if let known = rerecordingsCache { return known }
    let known = Rerecordings(try rows(Tables.recordedAgain, under: []))
    rerecordingsCache = known
    return known
  }

  /// Takes in an op that was just admitted; the logs are folded anew before the transaction ends where
  /// it counts in place of one that was folded.
  func learnRecords(of op: Op) throws(StoreError) {
    guard op.was != nil || mayBeRerecorded else { return }
    var known = try rerecordings()
    guard op.was != nil || !known.isEmpty else { return }
    try known.take(
      op, in: self, hash: { (id) throws(StoreError) in try admittedHash(id) },
      find: { (hash) throws(StoreError) in try admittedOp(hash) })
    mustRefold = mustRefold || known.mustRefold
    rerecordingsCache = known
  }

  /// An entry as folds read it: what it names are the records that count.
  func reading(_ entry: Entry) throws(StoreError) -> Entry {
    guard mayBeRerecorded else { return entry }
    let op = try rerecordings().reading(entry.op)
    guard op != entry.op, let payload = entry.kind.schema.payload(of: op) else {
      return entry
    }
    return Entry(op: op, payload: payload, kind: entry.kind, isFirst: entry.isFirst)
  }

  /// The first record that counts, of those that ops mean, whose turn has not come; nil where all are
  /// there.
  ///
  /// Logs that are folded anew may bring a record that does not count first.
  func missingRecord(of named: [OpID]) throws(StoreError) -> OpID? {
    guard mayBeRerecorded else { return nil }
    let known = try rerecordings()
    for id in named.map(known.counting) {
      guard try admittedHash(id) != nil else { return id }
    }
    return nil
  }

  /// The admitted op with a chain hash, or nil.
  ///
  /// Only a street where a PC was copied asks, so only there is the log indexed by its hashes.
  private func admittedOp(_ hash: Digest) throws(StoreError) -> Op? {
    let id = try StoreError.wrap { () throws(SQLiteFailure) -> OpID? in
      try connection.execute("CREATE INDEX IF NOT EXISTS log_by_hash ON log(hash)")
      let select = try connection.prepare("SELECT replica << 32 | seq FROM log WHERE hash = ?1")
      select.bind(1, hash.bytes)
      return try select.step() ? OpID(packed: select.integer(0)) : nil
    }
    guard let id, try admittedHash(id) != nil else { return nil }
    return try op(id)
  }
}
