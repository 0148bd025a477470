import CSQLite

extension Connection {
  /// A number that changes when another connection commits to the file, never by own commits.
  ///
  /// Costs about a microsecond: one kept statement and a look at the file's header or WAL index.
  package func dataVersion() throws(SQLiteFailure) -> Int64 {
    try keep("PRAGMA data_version", in: &kept.dataVersion).firstInteger() ?? 0
  }

  /// The file's path, as SQLite resolved it; nil for a database in memory.
  package var path: String? {
    guard let name = sqlite3_db_filename(database, "main"), name.pointee != 0 else { return nil }
    return String(cString: name)
  }

  /// The first column of the first row, or nil when there is no row or it holds NULL.
  ///
  /// Compiles `sql` anew each time: for pragmas and counts, not for hot paths.
  package func scalar(_ sql: StaticString) throws(SQLiteFailure) -> Int64? {
    try prepare(sql).firstInteger()
  }

  /// Writes a compact copy of the committed database to `path`, which must not exist or be empty.
  ///
  /// The copy holds no deleted bytes and is durable when this returns; its folder is the caller's to
  /// sync. Must not run inside a transaction.
  ///
  /// - Throws: When the copy is not whole; what stands at `path` then is of no use.
  package func vacuum(into path: String) throws(SQLiteFailure) {
    let statement = try prepare("VACUUM INTO ?1")
    statement.bind(1, path)
    try statement.run()
    // SQLite 3.40 does not sync what it wrote there.
    let copy = try Connection(path: path, mode: .readWrite, on: disk)
    try copy.syncFile()
  }

  /// Makes durable what was written to the file, by whatever connection or process.
  private func syncFile() throws(SQLiteFailure) {
    var found: UnsafeMutablePointer<sqlite3_file>?
    let code = withUnsafeMutablePointer(to: &found) { file in
      sqlite3_file_control(database, "main", SQLITE_FCNTL_FILE_POINTER, file)
    }
    guard code == SQLITE_OK, let file = found, let sync = file.pointee.pMethods?.pointee.xSync,
      sync(file, SQLITE_SYNC_FULL) == SQLITE_OK
    else {
      throw SQLiteFailure(
        extendedCode: SQLITE_IOERR | (4 << 8), operation: "sync a copy", message: "disk I/O error")
    }
  }

  /// SQLite's findings about the file, a sentence each (at most 100); empty when all is well.
  ///
  /// Reads the whole file. Damage that stops the walk is a finding too, the last one.
  ///
  /// - Throws: Failures other than ``SQLiteFailure/isCorrupt``.
  package func integrityCheck() throws(SQLiteFailure) -> [String] {
    var findings: [String] = []
    do throws(SQLiteFailure) {
      let statement = try prepare("PRAGMA integrity_check")
      while try statement.step() { findings.append(statement.text(0)) }
    } catch {
      guard error.isCorrupt else { throw error }
      findings.append(error.message)
    }
    return findings == ["ok"] ? [] : findings
  }
}

extension Statement {
  /// The first column of the first row; the statement is reset.
  fileprivate func firstInteger() throws(SQLiteFailure) -> Int64? {
    guard try step() else { return nil }
    defer { reset() }
    return optionalInteger(0)
  }
}
