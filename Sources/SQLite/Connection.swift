import CSQLite
import Glibc

/// One connection to one SQLite file, used by one thread at a time.
///
/// Opening sets the busy timeout and extended result codes and nothing else: pragmas belong to the
/// owner of the schema. SQLite's own mutexes are off (`SQLITE_OPEN_NOMUTEX`).
package final class Connection {
  /// What a connection may do with its file.
  package enum Mode: Sendable {
    /// Reads and writes; makes the file when it is missing.
    case readWriteCreate
    /// Reads and writes a file that exists.
    case readWrite
    /// Reads a file that exists.
    case readOnly
    /// Reads a file that exists and that nobody changes meanwhile, without a lock and without the files
    /// beside it: what a WAL there holds is not seen.
    case immutable

    var openFlags: Int32 {
      switch self {
      case .readWriteCreate: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
      case .readWrite: SQLITE_OPEN_READWRITE
      case .readOnly: SQLITE_OPEN_READONLY
      case .immutable: SQLITE_OPEN_READONLY | SQLITE_OPEN_URI
      }
    }

    /// What SQLite is to open: a URI where only that can say it (https://sqlite.org/uri.html §3).
    func name(of path: String) -> String {
      guard case .immutable = self else { return path }
      var name = "file:"
      for byte in path.utf8 {
        let character = Unicode.Scalar(byte)
        if "%?#".unicodeScalars.contains(character) || byte >= 0x80 {
          name += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        } else {
          name.unicodeScalars.append(character)
        }
      }
      return name + "?immutable=1"
    }
  }

  /// The statements that the connection itself runs again and again, made on first use.
  struct KeptStatements {
    var begin: Statement?
    var beginReading: Statement?
    var commit: Statement?
    var rollback: Statement?
    var dataVersion: Statement?
  }

  /// Set before the first connection of the process.
  ///
  /// Whether it worked is no concern of ours: another library in the process may have been first, and
  /// then SQLite keeps its memory statistics.
  static let hasConfiguredLibrary = csqlite_disable_memory_statistics() == SQLITE_OK

  private var handle: OpaquePointer?
  /// What holds the file instead of the operating system; nil for a real file.
  package let disk: FaultyDisk?
  var kept = KeptStatements()
  /// Whether a transaction was given up that may not have been rolled back.
  var mustRollBack = false

  /// Asked before each commit of a write; returning false turns the commit into a rollback.
  ///
  /// The refused commit then fails with ``SQLiteFailure/isCommitRefused``, and the file is as if
  /// the process had died just before it. Must not use the connection.
  package var onCommit: (() -> Bool)? {
    didSet { installCommitHook() }
  }

  /// Opens `path`; `":memory:"` makes a private database without a file.
  ///
  /// - Parameters:
  ///   - path: The file's path, not a URI; its folder must exist.
  ///   - mode: What may be done with the file.
  ///   - busyTimeoutMilliseconds: How long an operation waits for another connection's lock before
  ///     it fails with ``SQLiteFailure/isBusy``; 0 fails at once.
  ///   - disk: Holds the file instead of the operating system.
  /// - Throws: When the file is missing or may not be opened. A file that is no database opens
  ///   well: the first statement that reads it fails with ``SQLiteFailure/isCorrupt``.
  package init(
    path: String, mode: Mode, busyTimeoutMilliseconds: Int32 = 5_000,
    on disk: FaultyDisk? = nil
  ) throws(SQLiteFailure) {
    precondition(busyTimeoutMilliseconds >= 0, "caller bug: negative busy timeout")
    _ = Self.hasConfiguredLibrary
    self.disk = disk
    let flags = mode.openFlags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
    var opened: OpaquePointer?
    let code = sqlite3_open_v2(mode.name(of: path), &opened, flags, disk?.name)
    guard let opened else {
      throw SQLiteFailure(extendedCode: code, operation: "open \(path)", message: "out of memory")
    }
    guard code == SQLITE_OK else {
      let failure = SQLiteFailure(of: opened, verb: "open", sql: path)
      sqlite3_close_v2(opened)
      throw failure
    }
    sqlite3_busy_timeout(opened, busyTimeoutMilliseconds)
    handle = opened
  }

  deinit {
    close()
  }

  /// Rolls back what is open and closes the connection; a second call does nothing.
  ///
  /// Statements may outlive this call but must not be used again. SQLite releases the file itself,
  /// and removes its WAL, when the last of them is gone.
  package func close() {
    guard let handle else { return }
    onCommit = nil
    var running = sqlite3_next_stmt(handle, nil)
    while let statement = running {
      sqlite3_reset(statement)
      running = sqlite3_next_stmt(handle, statement)
    }
    // A failed rollback changes nothing here: the next opener of the file rolls back for us.
    try? rollback()
    kept = KeptStatements()
    sqlite3_close_v2(handle)
    self.handle = nil
  }

  /// Whether there is a file; `disk` holds it instead of the operating system.
  package static func exists(_ path: String, on disk: FaultyDisk? = nil) -> Bool {
    if let disk { return disk.contains(path) }
    return access(path, F_OK) == 0
  }

  /// Whether a file is missing or holds nothing; `disk` holds it instead of the operating system.
  package static func isEmpty(_ path: String, on disk: FaultyDisk? = nil) -> Bool {
    if let disk { return disk.isEmpty(path) }
    var status = stat()
    return stat(path, &status) != 0 || status.st_size == 0
  }

  /// SQLite's pointer for this connection, which must be open.
  var database: OpaquePointer {
    guard let handle else { preconditionFailure("caller bug: the connection is closed") }
    return handle
  }

  /// Runs one or more statements that take no parameters and whose rows nobody reads.
  ///
  /// - Throws: The failure of the first statement that fails; the later ones do not run.
  package func execute(_ sql: String) throws(SQLiteFailure) {
    guard sqlite3_exec(database, sql, nil, nil, nil) == SQLITE_OK else {
      throw SQLiteFailure(of: database, verb: "execute", sql: sql)
    }
  }

  /// Compiles one statement for repeated use; the caller keeps it.
  ///
  /// Costs some microseconds.
  ///
  /// - Throws: When the SQL does not fit the schema of the file, or the file cannot be read.
  package func prepare(_ sql: StaticString) throws(SQLiteFailure) -> Statement {
    let utf8 = UnsafeBufferPointer(start: sql.utf8Start, count: sql.utf8CodeUnitCount)
    return try Statement(UnsafeRawBufferPointer(utf8), on: database)
  }

  /// Compiles one statement whose text was generated from a declared schema, never from input.
  ///
  /// - Throws: As ``prepare(_:)`` does.
  package func prepare(text sql: String) throws(SQLiteFailure) -> Statement {
    try sql.utf8Span.span.withUnsafeBytes { (utf8) throws(SQLiteFailure) -> Statement in
      try Statement(utf8, on: database)
    }
  }

  /// The statement in `slot`, compiled on its first use.
  func keep(
    _ sql: StaticString, in slot: inout Statement?
  ) throws(SQLiteFailure) -> Statement {
    if let slot { return slot }
    let statement = try prepare(sql)
    slot = statement
    return statement
  }

  /// Whether a transaction is open; false again after SQLite itself rolled one back.
  package var isInTransaction: Bool { sqlite3_get_autocommit(database) == 0 }

  /// Rows that the latest INSERT, UPDATE or DELETE changed, without those changed by triggers.
  package var changes: Int { Int(sqlite3_changes64(database)) }

  /// Rows changed since the connection was opened, by triggers too.
  package var totalChanges: Int { Int(sqlite3_total_changes64(database)) }

  private func installCommitHook() {
    guard onCommit != nil else {
      sqlite3_commit_hook(database, nil, nil)
      return
    }
    // Unretained is enough: `close`, which every deinit runs, takes the hook away first.
    let context = Unmanaged.passUnretained(self).toOpaque()
    sqlite3_commit_hook(database, refusesCommit, context)
  }
}

/// SQLite's commit hook: a result other than 0 turns the commit into a rollback.
private func refusesCommit(_ context: UnsafeMutableRawPointer?) -> Int32 {
  guard let context else { return 0 }
  let connection = Unmanaged<Connection>.fromOpaque(context).takeUnretainedValue()
  return connection.onCommit?() == false ? 1 : 0
}
