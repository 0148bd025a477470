import Foundation

/// A folder for the databases of one run.
struct Scratch {
  let path: String
  private let isOurs: Bool

  /// Uses the given folder, or makes one in the system's place for temporary files.
  init(_ directory: String?) throws {
    isOurs = directory == nil
    path =
      directory ?? NSTemporaryDirectory()
      + "linli-bench-\(ProcessInfo.processInfo.processIdentifier)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  /// The path of a database that is not there yet; an old one of this name is removed.
  func database(_ name: String) -> String {
    let database = path + "/" + name + ".db"
    for suffix in ["", "-wal", "-shm"] {
      try? FileManager.default.removeItem(atPath: database + suffix)
    }
    return database
  }

  /// Removes the folder if this run made it.
  func remove() {
    if isOurs { try? FileManager.default.removeItem(atPath: path) }
  }
}
