import SQLite

/// A node's disk: the database survives the crash of the process that wrote it, and of a power cut
/// what was synced.
final class Disk {
  private let files = FaultyDisk()
  private var opened: Connection?
  /// Decides which of the sectors that were not synced reach the disk all the same.
  private var chance = SplitMix64(seed: 1)

  /// An empty disk.
  init() throws(SQLiteFailure) { opened = try Self.open(files) }

  /// The database; opened anew after a power cut.
  var connection: Connection {
    get throws(SQLiteFailure) {
      if let opened { return opened }
      let made = try Self.open(files)
      opened = made
      return made
    }
  }

  /// Whether the power went since it was armed to fail.
  var hasFailed: Bool { files.hasFired }

  /// Lets the power fail in the n-th commit from now, before it is durable.
  func failBeforeCommit(_ number: Int) {
    files.fault = DiskFault(.powerCut, at: number, of: [.sync])
  }

  /// Gives the power back; what the failed commit wrote is there in part, but never to its end.
  func restorePower() {
    files.fault = nil
    guard !files.hasPower else { return }
    files.restorePower { !$0.isLast && chance.below(2) == 0 }
    opened = nil
  }

  private static func open(_ files: FaultyDisk) throws(SQLiteFailure) -> Connection {
    try Connection(path: "linli.db", mode: .readWriteCreate, on: files)
  }
}
