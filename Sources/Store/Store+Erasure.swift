import Community
import OpLog
import SQLite

/// Erasing personal data so that no byte of it is left in any file.
extension Store {
  /// Deletes the bodies of a resident's ops, and refuses them for ever; inside ``write(_:)``.
  ///
  /// A body belongs to one op (``link(ofBody:)``): nobody erases another person's data by naming it
  /// too. Request keys stay, so that no form or file that comes again brings the person back;
  /// those of imports are made under the office's secret.
  package func eraseBodies(of resident: Int64) throws(StoreError) {
    let named = try StoreError.wrap { () throws(SQLiteFailure) -> [Digest] in
      let select = try connection.prepare(
        "SELECT digest FROM body_link WHERE resident = ?1 ORDER BY op")
      select.bind(1, resident)
      var digests: [Digest] = []
      while try select.step() {
        if let digest = Digest(select.bytes(0)) { digests.append(digest) }
      }
      return digests
    }
    for digest in named { try eraseBody(digest, of: resident) }
    for digest in try waitingFiles(ofResident: resident) { try bury(digest) }
  }

  /// Deletes the body of one op of a resident whose data is erased, and refuses it for ever; it costs
  /// no look at the person's other ops.
  func eraseBody(_ digest: Digest, of resident: Int64) throws(StoreError) {
    if try link(ofBody: digest)?.resident == resident { try bury(digest) }
  }

  /// Deletes a body and refuses it for ever; inside ``write(_:)``.
  func bury(_ digest: Digest) throws(StoreError) {
    buried.append(digest)
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
    try askForScrub()
  }

  /// All bodies that were erased.
  func erasedDigests() throws(StoreError) -> Set<Digest> {
    try StoreError.wrap { () throws(SQLiteFailure) in
      let select = try connection.prepare("SELECT digest FROM tombstone")
      var found: Set<Digest> = []
      while try select.step() {
        if let digest = Digest(select.bytes(0)) { found.insert(digest) }
      }
      return found
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

  /// Has the WAL emptied after the transaction, by this process or by the next that writes.
  func askForScrub() throws(StoreError) {
    mustScrub = true
    try StoreError.wrap { () throws(SQLiteFailure) in try meta.set(Self.scrubKey, 1) }
  }

  /// Copies the WAL into the file and empties it, and removes what is left of a copy of it.
  ///
  /// Deleted rows are overwritten in the file (`secure_delete`), but the WAL holds pages as they were.
  /// While another process reads, this fails and is tried again after the next write, whichever process
  /// makes it: the data is erased for every reader already, so a failure here is none of the caller's.
  func scrub() {
    removeLeftCopy()
    // What another process erases after this must be scrubbed too, and a copy that it works on: then the
    // note stays.
    guard let before = try? connection.scalar(Self.dataVersion),
      let isBusy = try? connection.scalar("PRAGMA wal_checkpoint(TRUNCATE)"), isBusy == 0, !hasCopy
    else { return }
    let isDone = try? connection.transaction { () throws(SQLiteFailure) in
      guard try connection.scalar(Self.dataVersion) == before else { return false }
      try connection.execute("DELETE FROM meta WHERE key = 'scrub'")
      return true
    }
    if isDone == true { mustScrub = false }
  }

  /// A number that changes with each commit of another process.
  private static let dataVersion: StaticString = "PRAGMA data_version"

  /// The key in `meta` that stands while the WAL may hold bytes of deleted bodies.
  static let scrubKey = "scrub"
}
