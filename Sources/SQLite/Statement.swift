import CSQLite

/// One compiled statement, kept by its user and run many times; finalised when released.
///
/// Life of a run: bind every parameter, then `run`, or `step` while it returns true and read the
/// columns. A statement left in the middle of its rows must be `reset`, or it holds its read lock.
/// Used by one thread at a time, that of its connection.
package final class Statement {
  let handle: OpaquePointer
  /// A value was too large for the memory that is left: the run must not go on without it.
  var lacksMemory = false

  init(_ sql: UnsafeRawBufferPointer, on database: OpaquePointer) throws(SQLiteFailure) {
    let start = sql.baseAddress?.assumingMemoryBound(to: CChar.self)
    var compiled: OpaquePointer?
    var tail: UnsafePointer<CChar>?
    let code = sqlite3_prepare_v3(
      database, start, Int32(sql.count), UInt32(SQLITE_PREPARE_PERSISTENT), &compiled, &tail)
    guard code == SQLITE_OK else {
      let text = String(decoding: sql, as: UTF8.self)
      throw SQLiteFailure(of: database, verb: "prepare", sql: text)
    }
    guard let compiled, let start, let tail else {
      preconditionFailure("caller bug: the SQL holds no statement")
    }
    let isSpace: (UInt8) -> Bool = { $0 == 0x20 || (0x09...0x0D).contains($0) }
    precondition(
      sql[(tail - start)...].allSatisfy(isSpace), "caller bug: the SQL holds several statements")
    handle = compiled
  }

  deinit {
    sqlite3_finalize(handle)
  }

  /// Advances to the next row.
  ///
  /// - Returns: True while a row is there; false at the end, with the statement reset.
  /// - Throws: SQLite's failure, with the statement reset.
  package func step() throws(SQLiteFailure) -> Bool {
    guard !lacksMemory else { throw failureOfBind() }
    let code = sqlite3_step(handle)
    if code == SQLITE_ROW { return true }
    guard code == SQLITE_DONE else { throw failureOfStep(code) }
    sqlite3_reset(handle)
    return false
  }

  /// Runs to the end, skipping rows, and resets.
  ///
  /// - Throws: As ``step()`` does.
  package func run() throws(SQLiteFailure) {
    while try step() {}
  }

  /// Runs to the end with `blob` bound in place, without a copy; the fast way to write a blob.
  ///
  /// The parameter is NULL afterwards.
  ///
  /// - Throws: As ``step()`` does.
  package func run(binding blob: [UInt8], at index: Int32) throws(SQLiteFailure) {
    try withBlob(blob, at: index) { () throws(SQLiteFailure) in try run() }
  }

  /// Makes the statement ready to be bound and run again; bound values stay.
  ///
  /// Needed only when rows remain. A statement that writes must be run to its end instead, because
  /// a failure of its commit would be lost here.
  package func reset() {
    sqlite3_reset(handle)
  }

  @inline(never)
  private func failureOfBind() -> SQLiteFailure {
    lacksMemory = false
    return SQLiteFailure(
      extendedCode: SQLITE_NOMEM, operation: "bind \(firstLine)", message: "out of memory")
  }

  private var firstLine: String {
    let sql = sqlite3_sql(handle).map { String(cString: $0) } ?? ""
    return String(sql.prefix { !$0.isNewline })
  }

  @inline(never)
  private func failureOfStep(_ code: Int32) -> SQLiteFailure {
    precondition(code != SQLITE_MISUSE, "caller bug: a statement used by two, or after its end")
    let failure = SQLiteFailure(
      of: sqlite3_db_handle(handle), verb: "run",
      sql: sqlite3_sql(handle).map { String(cString: $0) } ?? "")
    sqlite3_reset(handle)
    return failure
  }
}
