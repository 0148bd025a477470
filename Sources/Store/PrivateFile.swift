import Glibc
import SQLite

/// A database file that is written beside its name and is there all at once, for its owner alone.
enum PrivateFile {
  /// Makes an empty file in place of what an earlier try left; SQLite writes into it and keeps its
  /// mode.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - disk: Holds it instead of the operating system.
  /// - Throws: As SQLite would when the folder cannot be written, or there is no space.
  static func make(_ path: String, on disk: FaultyDisk?) throws(SQLiteFailure) {
    remove(path, on: disk)
    if let disk { return try disk.make(path) }
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0, close(descriptor) == 0 else { throw failure("make \(path)") }
  }

  /// Gives a whole file its name, durably; no file that is there is replaced.
  ///
  /// - Throws: As ``make(_:on:)``.
  static func publish(
    _ part: String, as path: String, on disk: FaultyDisk?
  ) throws(SQLiteFailure) {
    if let disk { return try disk.publish(part, as: path) }
    try sync(part, O_RDWR)
    guard access(path, F_OK) != 0 else {
      throw SQLiteFailure(
        extendedCode: cannotOpen, operation: "rename \(path)", message: "the file is there")
    }
    guard rename(part, path) == 0 else { throw failure("rename \(path)") }
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    try sync(folder, O_RDONLY | O_DIRECTORY)
  }

  /// Removes a file and what SQLite keeps beside one, the file last, so that who finds none finds nothing;
  /// nothing there is as good.
  static func remove(_ path: String, on disk: FaultyDisk?) {
    for end in ["-journal", "-wal", "-shm", ""] {
      if let disk { disk.discard(path + end) } else { unlink(path + end) }
    }
  }

  private static func sync(_ path: String, _ mode: Int32) throws(SQLiteFailure) {
    let descriptor = open(path, mode | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure("open \(path)") }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw failure("sync \(path)") }
  }

  /// SQLITE_CANTOPEN and SQLITE_FULL.
  private static let (cannotOpen, full): (Int32, Int32) = (14, 13)

  private static func failure(_ operation: String) -> SQLiteFailure {
    let code = errno
    return SQLiteFailure(
      extendedCode: code == ENOSPC || code == EDQUOT ? full : cannotOpen, operation: operation,
      message: String(cString: strerror(code)))
  }
}
