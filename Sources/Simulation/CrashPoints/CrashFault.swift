import SQLite

/// What fails at a crash point: one kind of call, at its N-th time.
package enum CrashFault: String, CaseIterable, Sendable {
  /// A write fails and writes nothing.
  case write = "write"
  /// A write fails halfway.
  case shortWrite = "short-write"
  /// A sync fails.
  case sync = "sync"
  /// A read fails.
  case read = "read"
  /// A file can't be opened, shortened, deleted, or mapped.
  case file = "file"
  /// The disk is full from there on.
  case full = "full"
  /// The power goes; what was not synced is lost, all of it, none of it, or some of it.
  case powerCut = "power-cut"
  /// SQLite finds no memory, once.
  case memory = "memory"
  /// SQLite finds no memory from there on.
  case noMemory = "no-memory"

  /// Whether it strikes the memory of the whole process, not a disk.
  package var isOfMemory: Bool { self == .memory || self == .noMemory }

  /// The disk's part in it; nil for the others.
  func onDisk(at number: Int) -> DiskFault? {
    switch self {
    case .write: DiskFault(.error, at: number, of: [.write])
    case .shortWrite: DiskFault(.shortWrite, at: number, of: [.write])
    case .sync: DiskFault(.error, at: number, of: [.sync])
    case .read: DiskFault(.error, at: number, of: [.read])
    case .file: DiskFault(.error, at: number, of: [.open, .truncate, .delete, .map])
    case .full: DiskFault(.full, at: number, of: [.write, .map])
    case .powerCut: DiskFault(.powerCut, at: number, of: DiskFault.changes)
    case .memory, .noMemory: nil
    }
  }

  /// Whether a failure says what happened, so that people can be told.
  func isTold(by failure: SQLiteFailure) -> Bool {
    switch self {
    case .memory, .noMemory: failure.isOutOfMemory
    case .full: failure.isFull || failure.isCannotOpen || failure.isIOError
    default: failure.isIOError || failure.isCannotOpen || failure.isFull
    }
  }
}
