import SQLite

/// A node's disk: the database survives the crash of the process that wrote it.
final class Disk {
  /// The database.
  let connection: Connection
  private var commitsLeft: Int?
  /// Whether a commit was refused since the power was armed to fail.
  private(set) var hasFailed = false

  /// An empty disk.
  init() throws(SQLiteFailure) {
    connection = try Connection(path: ":memory:", mode: .readWriteCreate)
  }

  /// Lets the power fail just before the n-th commit from now.
  func failBeforeCommit(_ number: Int) {
    commitsLeft = number
    hasFailed = false
    connection.onCommit = { [unowned self] in
      commitsLeft = commitsLeft.map { $0 - 1 }
      guard commitsLeft == 0 else { return !hasFailed }
      hasFailed = true
      return false
    }
  }

  /// Gives the power back.
  func restorePower() {
    commitsLeft = nil
    hasFailed = false
    connection.onCommit = nil
  }
}
