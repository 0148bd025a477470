import OpLog
import SQLite

/// What a PC takes along into a new folder when no hub can follow on from the one it had.
extension Store {
  /// Keeps what another database's PC recorded, under whatever id, with the files of people that it
  /// recorded, to be recorded again where the hub turns out to lack it; inside ``write(_:)``, in a
  /// database that was just made.
  ///
  /// The other database is only read. O(its own ops).
  ///
  /// - Throws: ``StoreError``; nothing is kept then.
  package func keepRecords(of other: Store) throws(StoreError) {
    let (ops, files) = try other.read {
      () throws(StoreError) -> ([FormerOp], [(op: OpID, body: Body)]) in
      let ops = try other.recordedOps()
      var files: [(op: OpID, body: Body)] = []
      for op in ops.map(\.op) {
        guard let digest = op.body, let body = try other.body(digest) else { continue }
        files.append((op.id, body))
      }
      return (ops, files)
    }
    try StoreError.wrap { () throws(SQLiteFailure) in
      let insert = try connection.prepare(
        "INSERT OR IGNORE INTO former_op(replica, seq, hash, op) VALUES(?1, ?2, ?3, ?4)")
      for former in ops {
        insert.bind(1, Int64(former.op.id.replica.rawValue))
        insert.bind(2, Int64(former.op.id.seq))
        insert.bind(3, former.hash.bytes)
        insert.bind(4, former.op.bytes)
        try insert.run()
      }
      for file in files { try bodies.put(file.body, of: file.op, isUploaded: false) }
    }
  }

  /// Everything that this PC recorded and did not record again, in order.
  private func recordedOps() throws(StoreError) -> [FormerOp] {
    var ops: [FormerOp] = []
    for replica in try formerIDs().union([identity.replica]).sorted() {
      ops += try formerOps(
        """
        SELECT replica, seq, op, hash FROM log WHERE replica = ?1
        UNION ALL
        SELECT f.replica, f.seq, f.op, f.hash FROM former_op f
         WHERE f.replica = ?1 AND f.again IS NULL
           AND NOT EXISTS(SELECT 1 FROM log l WHERE l.hash = f.hash
                             AND l.replica = f.replica AND l.seq = f.seq)
        ORDER BY seq
        """, Int64(replica.rawValue))
    }
    return ops
  }
}
