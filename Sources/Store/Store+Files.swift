import Community
import OpLog
import SQLite

/// How a store's file is opened.
package enum StoreMode: Sendable {
  /// Reads and writes a file that exists.
  case readWrite
  /// Makes the file when it is missing.
  case create
}

extension Store {
  /// Opens the store in a file; `:memory:` makes one that lives as long as the object.
  ///
  /// Where the folder cannot be written, or the disk is full, it opens for reading.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - mode: Whether the file is to be there.
  ///   - disk: Holds the file instead of the operating system.
  ///   - edition: The catalogue by which it is folded.
  /// - Throws: As ``init(_:)``; ``StoreError/database(_:)`` when there is no such file.
  package convenience init(
    path: String, mode: StoreMode, on disk: FaultyDisk? = nil, as edition: Edition = .present
  ) throws(StoreError) {
    let (connection, obstacle) = try Self.connect(path, mode, disk)
    do throws(StoreError) {
      try self.init(connection, as: edition)
    } catch {
      // What an older version wrote has to be upgraded before it can be read.
      if let obstacle, error.isReadOnly { throw .database(obstacle) }
      throw error
    }
    self.obstacle = obstacle
  }

  /// Makes a new replica's store in a file.
  package static func create(
    path: String, _ identity: StoreIdentity, on disk: FaultyDisk? = nil
  ) throws(StoreError) -> Store {
    try create(try connect(path, .create, disk).connection, identity)
  }

  /// Refuses a file that could only be opened for reading, with what was in the way.
  package func checkWritable() throws(StoreError) {
    if let obstacle { throw .database(obstacle) }
  }

  /// Writes what is only in the file beside it back into the main file, as far as no reader needs it
  /// there; O(what was written since).
  package func mergeLog() throws(StoreError) {
    try StoreError.wrap { () throws(SQLiteFailure) in
      try connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
    }
  }

  /// Writes everything into the main file and closes it; the store must not be used again.
  package func finish() throws(StoreError) {
    try StoreError.wrap { () throws(SQLiteFailure) in
      try connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    }
    connection.close()
  }

  /// Connects to a file, for reading only where it can't be written; then says what was in the way.
  private static func connect(
    _ path: String, _ mode: StoreMode, _ disk: FaultyDisk?
  ) throws(StoreError) -> (connection: Connection, obstacle: SQLiteFailure?) {
    try StoreError.wrap { () throws(SQLiteFailure) in
      let connection = try Connection(
        path: path, mode: mode == .create ? .readWriteCreate : .readWrite, on: disk)
      do throws(SQLiteFailure) {
        _ = try connection.scalar("PRAGMA schema_version")
        return (connection, nil)
      } catch {
        // SQLite cannot make the files that go with a WAL. Nobody else can either, and the database is
        // whole without them unless there is something in a WAL.
        guard error.isReadOnly || error.isCannotOpen || error.isFull,
          Connection.isEmpty(path + "-wal", on: disk)
        else { throw error }
        return (try Connection(path: path, mode: .immutable, on: disk), error)
      }
    }
  }
}
