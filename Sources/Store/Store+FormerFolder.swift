import Community
import OpLog
import SQLite

/// What a PC takes along into a new folder when no hub can follow on from the one it had.
extension Store {
  /// Keeps what another database's PC recorded, under whatever id, with the files of people that it
  /// recorded, to be recorded again where the hub turns out to lack it; inside ``write(_:)``, in a
  /// database that was just made.
  ///
  /// What was erased stays erased, and what somebody looked after on paper stays looked after. O(its own
  /// ops).
  ///
  /// - Throws: ``StoreError``; nothing is kept then.
  package func keepRecords(of other: Store) throws(StoreError) {
    let (records, files, erased) = try other.read {
      () throws(StoreError) -> ([OwnRecord], [(op: OpID, body: Body)], [[UInt8]]) in
      let records = try other.ownRecords()
      var files: [(op: OpID, body: Body)] = []
      for record in records where !record.isNoted {
        guard let op = try? Op(decoding: record.op), let digest = op.body,
          let body = try other.body(digest)
        else { continue }
        files.append((op.id, body))
      }
      return (records, files, try other.erasedDigests())
    }
    try StoreError.wrap { () throws(SQLiteFailure) in
      let bury = try connection.prepare("INSERT OR IGNORE INTO tombstone VALUES(?1)")
      for digest in erased {
        bury.bind(1, digest)
        try bury.run()
      }
      let insert = try connection.prepare(
        """
        INSERT OR IGNORE INTO former_op(replica, seq, hash, op, refused)
         VALUES(?1, ?2, ?3, ?4, CASE WHEN ?5 THEN 'noted' END)
        """)
      for record in records {
        insert.bind(1, record.replica)
        insert.bind(2, record.seq)
        insert.bind(3, record.hash)
        insert.bind(4, record.op)
        insert.bind(5, record.isNoted ? 1 : 0)
        try insert.run()
      }
      for file in files { try bodies.put(file.body, of: file.op, isUploaded: false) }
    }
  }

  /// Whether this PC bears a number or bore it: another folder of it must have another one.
  package func hasBorne(_ replica: ReplicaID) throws(StoreError) -> Bool {
    guard replica != identity.replica, try !formerIDs().contains(replica) else { return true }
    return try keepsRecords(of: replica)
  }

  /// Whether records under a number are here, this PC's or another's: it cannot become that one.
  package func hasRecords(of replica: ReplicaID) throws(StoreError) -> Bool {
    if try knowsLife(of: replica), try storedHead(of: replica).seq > 0 { return true }
    return try keepsRecords(of: replica)
  }

  /// Whether records under a number are kept apart here: the PC cannot have it a second time.
  private func keepsRecords(of replica: ReplicaID) throws(StoreError) -> Bool {
    try StoreError.wrap { () throws(SQLiteFailure) in
      let select = try connection.prepare("SELECT 1 FROM former_op WHERE replica = ?1 LIMIT 1")
      select.bind(1, Int64(replica.rawValue))
      defer { select.reset() }
      return try select.step()
    }
  }

  /// A row of what a PC recorded.
  private struct OwnRecord {
    let replica: Int64
    let seq: Int64
    let hash: [UInt8]
    let op: [UInt8]
    /// Whether somebody looked after it on paper.
    let isNoted: Bool
  }

  /// Everything that this PC recorded and did not record again.
  ///
  /// Another PC of the community may have written under these ids too, before or after: its records come
  /// along, as one of them counts whoever says it again. Where an office of another community bears an id
  /// now, only what stands before the first of this PC's records that were set apart.
  private func ownRecords() throws(StoreError) -> [OwnRecord] {
    let community = try number(.community)
    var ids: [(id: Int64, isOurs: Bool)] = []
    for id in try formerIDs().union([identity.replica]).sorted() {
      let writer = try Standing.community(of: id, in: self)
      ids.append((Int64(id.rawValue), writer == nil || writer == community))
    }
    return try StoreError.wrap { () throws(SQLiteFailure) in
      var records: [OwnRecord] = []
      func take(_ select: Statement) throws(SQLiteFailure) {
        while try select.step() {
          records.append(
            OwnRecord(
              replica: select.integer(0), seq: select.integer(1), hash: select.bytes(2),
              op: select.bytes(3), isNoted: select.integer(4) == 1))
        }
      }
      try take(
        try connection.prepare(
          """
          SELECT replica, seq, hash, op, coalesce(refused = 'noted', 0) FROM former_op
           WHERE again IS NULL
          """))
      let logged = try connection.prepare(
        """
        SELECT replica, seq, hash, op, 0 FROM log WHERE replica = ?1
         AND NOT EXISTS (SELECT 1 FROM former_op f
                          WHERE f.replica = log.replica AND f.seq = log.seq AND f.again IS NULL)
         AND (?2 OR seq < coalesce(
           (SELECT min(seq) FROM former_op WHERE replica = ?1 AND refused IS NOT 'held'), 1 << 32))
        """)
      for (id, isOurs) in ids {
        logged.bind(1, id)
        logged.bind(2, isOurs ? 1 : 0)
        try take(logged)
        logged.reset()
      }
      return records
    }
  }

  private func erasedDigests() throws(StoreError) -> [[UInt8]] {
    try StoreError.wrap { () throws(SQLiteFailure) in
      let select = try connection.prepare("SELECT digest FROM tombstone")
      var digests: [[UInt8]] = []
      while try select.step() { digests.append(select.bytes(0)) }
      return digests
    }
  }
}
