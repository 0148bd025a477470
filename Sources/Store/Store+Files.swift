import Glibc
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
  /// Where the folder cannot be written, it opens for reading.
  ///
  /// - Throws: As ``init(_:)``; ``StoreError/database(_:)`` when there is no such file.
  package convenience init(path: String, mode: StoreMode) throws(StoreError) {
    try self.init(try Self.connect(path, mode))
  }

  /// Makes a new replica's store in a file.
  package static func create(
    path: String, _ identity: StoreIdentity
  ) throws(StoreError) -> Store {
    try create(try connect(path, .create), identity)
  }

  /// Writes everything into the main file and closes it; the store must not be used again.
  package func finish() throws(StoreError) {
    try StoreError.wrap { () throws(SQLiteFailure) in
      try connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    }
    connection.close()
  }

  private static func connect(
    _ path: String, _ mode: StoreMode
  ) throws(StoreError) -> Connection {
    try StoreError.wrap { () throws(SQLiteFailure) in
      let connection = try Connection(
        path: path, mode: mode == .create ? .readWriteCreate : .readWrite)
      do throws(SQLiteFailure) {
        _ = try connection.scalar("PRAGMA schema_version")
        return connection
      } catch {
        // SQLite cannot make the files that go with a WAL. Nobody else can either, and the database is
        // whole without them unless there is a WAL.
        guard error.isReadOnly || error.isCannotOpen, access(path + "-wal", F_OK) != 0 else {
          throw error
        }
        return try Connection(path: path, mode: .immutable)
      }
    }
  }
}
