import Community
import OpLog
import SQLite

/// Erasing personal data so that no byte of it is left in any file.
extension Store {
  /// Deletes the bodies of a resident's ops, and refuses them for ever; inside ``write(_:)``.
  ///
  /// A body that another op brought first is that op's: nobody erases another person's data by
  /// naming it too.
  package func eraseBodies(of resident: Int64) throws(StoreError) {
    var digests: [Digest] = []
    var ops: Set<OpID> = []
    try StoreError.wrap { () throws(SQLiteFailure) in
      let links = try connection.prepare(
        "SELECT op, digest FROM body_link WHERE resident = ?1 ORDER BY op")
      links.bind(1, resident)
      while try links.step() {
        guard let op = OpID(packed: links.integer(0)), let digest = Digest(links.bytes(1)) else {
          continue
        }
        ops.insert(op)
        digests.append(digest)
      }
    }
    for digest in digests {
      guard let owner = try link(ofBody: digest)?.op, ops.contains(owner) else { continue }
      try StoreError.wrap { () throws(SQLiteFailure) in
        let bury = try connection.prepare("INSERT OR IGNORE INTO tombstone VALUES(?1)")
        bury.bind(1, digest.bytes)
        try bury.run()
        let delete = try connection.prepare("DELETE FROM body WHERE digest = ?1")
        delete.bind(1, digest.bytes)
        try delete.run()
        let forget = try connection.prepare("DELETE FROM body_missing WHERE digest = ?1")
        forget.bind(1, digest.bytes)
        try forget.run()
      }
      mustScrub = true
    }
  }

  /// Whether a body was erased: it is refused for ever.
  package func isErased(_ digest: Digest) throws(StoreError) -> Bool {
    try StoreError.wrap { () throws(SQLiteFailure) in
      let select = try connection.prepare("SELECT 1 FROM tombstone WHERE digest = ?1")
      select.bind(1, digest.bytes)
      return try select.step()
    }
  }

  /// Copies the WAL into the file and empties it.
  ///
  /// Deleted rows are overwritten in the file (`secure_delete`), but the WAL holds pages as they were.
  /// While another process reads, this fails and is tried again after the next write: the data is
  /// erased for every reader already, so a failure here is none of the caller's.
  func scrub() {
    guard let isBusy = try? connection.scalar("PRAGMA wal_checkpoint(TRUNCATE)") else { return }
    mustScrub = isBusy != 0
  }
}
