extension Connection {
  /// Runs `body` in one write transaction: all of it is committed, or nothing of it remains.
  ///
  /// - Throws: What `body` throws, or the failure to begin or to commit.
  package func transaction<R>(_ body: () throws -> R) throws -> R {
    try transaction(wrapping: { $0 as any Error }, body)
  }

  /// Runs `body` in one write transaction and throws only the caller's own error type.
  ///
  /// - Parameters:
  ///   - wrap: Turns a failure to begin or to commit into an `E`; a case such as
  ///     `StoreError.database` will do.
  ///   - body: Runs once, with the write lock held.
  /// - Returns: What `body` returned, once it is committed.
  /// - Throws: What `body` throws, or the wrapped failure to begin or to commit.
  package func transaction<R, E: Error>(
    wrapping wrap: (SQLiteFailure) -> E, _ body: () throws(E) -> R
  ) throws(E) -> R {
    do throws(SQLiteFailure) { try begin() } catch { throw wrap(error) }
    let result: R
    do throws(E) {
      result = try body()
    } catch {
      abandon()
      throw error
    }
    do throws(SQLiteFailure) { try commit() } catch { throw wrap(error) }
    return result
  }

  /// Begins a write transaction (`BEGIN IMMEDIATE`); transactions do not nest.
  ///
  /// - Throws: ``SQLiteFailure/isBusy`` when another writer kept the file past the busy timeout.
  package func begin() throws(SQLiteFailure) {
    try finishRollback()
    precondition(!isInTransaction, "caller bug: a transaction is already open")
    try prepareRollback()
    try keep("BEGIN IMMEDIATE", in: &kept.begin).run()
  }

  /// Begins a read transaction: what follows sees one state of the file, until ``rollback()``.
  package func beginReading() throws(SQLiteFailure) {
    try finishRollback()
    try prepareRollback()
    try keep("BEGIN", in: &kept.beginReading).run()
  }

  /// Compiles the way out before it is needed: when memory has run out, it would be too late.
  private func prepareRollback() throws(SQLiteFailure) {
    _ = try keep("ROLLBACK", in: &kept.rollback)
  }

  /// Makes the open transaction durable, as far as `PRAGMA synchronous` promises.
  ///
  /// - Throws: When nothing could be committed; the transaction is then rolled back. SQLite may
  ///   have rolled it back earlier, after a full disk or an I/O error: that is thrown too.
  package func commit() throws(SQLiteFailure) {
    do throws(SQLiteFailure) {
      try keep("COMMIT", in: &kept.commit).run()
    } catch {
      abandon()
      throw error
    }
  }

  /// Undoes the open transaction; does nothing when SQLite has already rolled it back.
  ///
  /// - Throws: An I/O error, or no memory; the next transaction, or opener of the file, then rolls back.
  package func rollback() throws(SQLiteFailure) {
    guard isInTransaction else { return }
    mustRollBack = true
    try keep("ROLLBACK", in: &kept.rollback).run()
    mustRollBack = false
  }

  /// Rolls back after a failure, which stays the one to report whatever becomes of the rollback.
  private func abandon() {
    try? rollback()
  }

  /// Rolls back what could not be when it was given up: SQLite compiles a statement anew where the schema
  /// has changed, and there may have been no memory for that.
  private func finishRollback() throws(SQLiteFailure) {
    guard mustRollBack else { return }
    try rollback()
    mustRollBack = false
  }
}
