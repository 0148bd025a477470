import Glibc
import SQLite
import Store

/// A node's disk: the database survives the crash of the process that wrote it, and of a power cut
/// what was synced.
final class Disk {
  private let files: FaultyDisk
  private var opened: Connection?
  /// Decides which of the sectors that were not synced reach the disk all the same.
  private var chance = SplitMix64(seed: 1)

  /// A disk with a database that is nobody's yet.
  convenience init() throws { try self.init(FaultyDisk(holding: try Self.blank.get())) }

  private init(_ files: FaultyDisk) throws(SQLiteFailure) {
    self.files = files
    opened = try Self.open(files)
  }

  /// Made once: to make all tables takes longer than all else that opens a street.
  private static let blank = Result {
    let files = FaultyDisk()
    try Store.prepare(try open(files))
    return files.contents
  }

  /// The database; opened anew after a power cut.
  var connection: Connection {
    get throws(SQLiteFailure) {
      if let opened { return opened }
      let made = try Self.open(files)
      opened = made
      return made
    }
  }

  /// Whether nothing is to fail.
  var isSound: Bool { files.fault == nil }

  /// Whether the power went since it was armed to fail.
  var hasFailed: Bool { files.hasFired }

  /// Whether any file holds these bytes, in a row or a free page.
  func holds(_ bytes: [UInt8]) -> Bool {
    files.contents.values.contains { content in
      content.withUnsafeBytes { content in
        bytes.withUnsafeBytes { bytes in Self.find(bytes, in: content) }
      }
    }
  }

  private static func find(
    _ bytes: UnsafeRawBufferPointer, in content: UnsafeRawBufferPointer
  ) -> Bool {
    guard let wanted = bytes.baseAddress, let first = bytes.first, let all = content.baseAddress
    else { return false }
    var start = 0
    while content.count - start >= bytes.count,
      let found = memchr(all + start, Int32(first), content.count - start - bytes.count + 1)
    {
      if memcmp(found, wanted, bytes.count) == 0 { return true }
      start = UnsafeRawPointer(found) - all + 1
    }
    return false
  }

  /// A disk with the same files: a copy, or what a backup brings back.
  func copy() throws(SQLiteFailure) -> Disk { try Disk(files.copy()) }

  /// Lets the power fail in the n-th commit from now, before it is durable.
  func failBeforeCommit(_ number: Int) {
    files.fault = DiskFault(.powerCut, at: number, of: [.sync])
  }

  /// Lets something but the power fail at the n-th call from now; the process goes on.
  func fail(_ effect: DiskFault.Effect, at number: Int) {
    let calls: Set<DiskCall> =
      switch effect {
      case .shortWrite: [.write]
      case .full: [.write, .map]
      default: [.read, .write, .sync]
      }
    files.fault = DiskFault(effect, at: number, of: calls)
  }

  /// Ends what ``fail(_:at:)`` began.
  ///
  /// - Returns: Whether it struck.
  func endFault() -> Bool {
    defer { files.fault = nil }
    return files.hasFired
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
