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
      try Connection(path: path, mode: mode == .create ? .readWriteCreate : .readWrite)
    }
  }
}
