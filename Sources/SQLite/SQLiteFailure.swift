import CSQLite

/// Why SQLite refused an operation; decisions read the code, the texts are for people.
package struct SQLiteFailure: Error, Sendable, Equatable {
  /// SQLite's extended result code, such as 2067 (`SQLITE_CONSTRAINT_UNIQUE`).
  package let extendedCode: Int32
  /// What was being done: a verb and the first line of the SQL, never a bound value.
  package let operation: String
  /// SQLite's own sentence about it.
  package let message: String

  /// Makes a failure from its parts, for callers that simulate one.
  package init(extendedCode: Int32, operation: String, message: String) {
    self.extendedCode = extendedCode
    self.operation = operation
    self.message = message
  }

  /// Another connection held the lock longer than the busy timeout; trying again may succeed.
  package var isBusy: Bool { primaryCode == SQLITE_BUSY }
  /// The disk is full, or the file reached `max_page_count`.
  package var isFull: Bool {
    // SQLITE_IOERR_SHMSIZE: no room for the memory that the connections to a WAL share.
    primaryCode == SQLITE_FULL || extendedCode == SQLITE_IOERR | (19 << 8)
  }
  /// The file is damaged, or is no SQLite file at all.
  package var isCorrupt: Bool { primaryCode == SQLITE_CORRUPT || primaryCode == SQLITE_NOTADB }
  /// SQLite found no memory.
  package var isOutOfMemory: Bool {
    // SQLITE_IOERR_NOMEM: no memory in the middle of a read or write.
    primaryCode == SQLITE_NOMEM || extendedCode == SQLITE_IOERR | (12 << 8)
  }
  /// A write was tried on a file or a connection that can only be read.
  package var isReadOnly: Bool { primaryCode == SQLITE_READONLY }
  /// The file, or one beside it, could not be opened or made.
  package var isCannotOpen: Bool { primaryCode == SQLITE_CANTOPEN }
  /// A constraint of the schema refused the row, or `onCommit` refused the commit.
  package var isConstraint: Bool { primaryCode == SQLITE_CONSTRAINT }
  /// `Connection.onCommit` returned false, so the transaction was rolled back.
  package var isCommitRefused: Bool { extendedCode == csqlite_constraint_commithook }
  /// The operating system failed to read, write, lock or sync the file, for want of neither room nor
  /// memory.
  package var isIOError: Bool { primaryCode == SQLITE_IOERR && !isFull && !isOutOfMemory }

  private var primaryCode: Int32 { extendedCode & 0xFF }
}

extension SQLiteFailure: CustomStringConvertible {
  /// One line for people: code, message, operation.
  package var description: String { "SQLite error \(extendedCode) (\(message)) in: \(operation)" }
}

extension SQLiteFailure {
  /// The latest failure of `database`, to be asked for before the next call on it.
  init(of database: OpaquePointer, verb: String, sql: String) {
    self.init(
      extendedCode: sqlite3_extended_errcode(database),
      operation: "\(verb) \(sql.prefix { !$0.isNewline })",
      message: sqlite3_errmsg(database).map { String(cString: $0) } ?? "")
  }
}
