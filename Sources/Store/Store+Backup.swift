import OpLog
import SQLite

/// Copies of a database: whole at one moment, and of no use to whoever takes one for the original.
extension Store {
  /// Writes a copy of the database, as it is now, into a new file.
  ///
  /// - Throws: ``StoreError/database(_:)`` when there is such a file, or no space.
  package func copy(to path: String) throws(StoreError) {
    try StoreError.wrap { () throws(SQLiteFailure) in try connection.vacuum(into: path) }
  }

  /// Writes a backup: a copy that says that it is one and not who wrote it, so that no hub or office
  /// goes on where it ends.
  ///
  /// - Parameters:
  ///   - path: A file that is not there yet.
  ///   - now: The clock in ms since 1970-01-01 UTC.
  /// - Throws: As ``copy(to:)``.
  package func backUp(to path: String, now: Int64) throws(StoreError) {
    // Under its name it is whole, marked, and nobody else's to read, or it is not there.
    let (part, disk) = (path + ".part", connection.disk)
    try StoreError.wrap { () throws(SQLiteFailure) in try PrivateFile.make(part, on: disk) }
    do throws(StoreError) {
      try copy(to: part)
      try StoreError.wrap { () throws(SQLiteFailure) in
        try Self.mark(part, on: disk, now: now)
        try PrivateFile.publish(part, as: path, on: disk)
      }
    } catch {
      PrivateFile.remove(part, on: disk)
      throw error
    }
  }

  private static func mark(
    _ part: String, on disk: FaultyDisk?, now: Int64
  ) throws(SQLiteFailure) {
    let copy = try Connection(path: part, mode: .readWrite, on: disk)
    defer { copy.close() }
    try copy.execute("BEGIN")
    try MetaTable(copy).set(SettingName.backup.rawValue, now)
    try copy.execute("DELETE FROM meta WHERE key IN ('replica', 'secret', 'token')")
    try copy.execute("DELETE FROM pin; COMMIT")
  }

  /// Copies a database that nobody else needs to have open.
  ///
  /// - Throws: ``StoreError/database(_:)`` when it is none, or there is such a file as the copy.
  package static func copy(_ file: String, to path: String) throws(StoreError) {
    try StoreError.wrap { () throws(SQLiteFailure) in
      let source = try Connection(path: file, mode: .readWrite)
      defer { source.close() }
      try source.vacuum(into: path)
    }
  }

  /// How long a backup may be kept with the personal data in it; in ms.
  package static let retentionMilliseconds: Int64 = 30 * 86_400_000

  /// Makes a hub's backup a hub's database again, of the life that it was made in; any other file
  /// stays as it is.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - now: The clock in ms since 1970-01-01 UTC.
  ///   - disk: Where the file is; nil for the machine's.
  /// - Returns: How many bodies were left out, because the backup is older than it may be kept: whoever
  ///   may have them brings them again.
  /// - Throws: ``StoreError/database(_:)``.
  package static func restore(
    path: String, now: Int64, on disk: FaultyDisk? = nil
  ) throws(StoreError) -> Int64 {
    try StoreError.wrap { () throws(SQLiteFailure) in
      let file = try Connection(path: path, mode: .readWrite, on: disk)
      let isOld =
        try MetaTable(file).integer(SettingName.backup.rawValue)
        .map { $0 < now - retentionMilliseconds } ?? false
      var leftOut: Int64 = 0
      if isOld {
        leftOut = try file.scalar("SELECT count(*) FROM body") ?? 0
        try file.execute("DELETE FROM body; VACUUM")
      }
      try file.execute(
        """
        BEGIN;
        INSERT OR IGNORE INTO meta
          SELECT 'replica', life.value * 4096 FROM meta life, meta mark
           WHERE life.key = 'incarnation' AND mark.key = 'backup';
        DELETE FROM meta WHERE key = 'backup';
        COMMIT
        """)
      file.close()
      return leftOut
    }
  }
}
