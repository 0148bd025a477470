/// What a database asks of its disk, as far as it can fail.
package enum DiskCall: String, CaseIterable, Sendable {
  /// Opens a file, or makes it.
  case open
  /// Reads bytes of a file.
  case read
  /// Writes bytes of a file.
  case write
  /// Makes a file's bytes durable.
  case sync
  /// Shortens a file.
  case truncate
  /// Deletes a file.
  case delete
  /// Gives a file another name.
  case rename
  /// Makes the memory that the connections to a WAL share.
  case map
}

/// One thing that is to go wrong with a disk, at a call of a given number.
package struct DiskFault: Sendable {
  /// What goes wrong.
  package enum Effect: String, Sendable {
    /// The call fails and does nothing; the next ones work. After a failed sync no later one makes the
    /// same bytes durable, because Linux takes them for written.
    case error
    /// Half of the bytes are written, and the call fails; the next ones work.
    case shortWrite
    /// From this call on nothing can be written or made, unless somebody makes room; what is there can be
    /// read.
    case full
    /// The call does its work, but does not come back: the power is gone, and every later call fails.
    case powerCut
  }

  /// What goes wrong.
  package let effect: Effect
  /// The calls that count.
  package let calls: Set<DiskCall>
  /// Which of them it hits, counted from 1 when the fault is set.
  package let number: Int
  /// Whether there is room again behind the call that found the disk full.
  package var isFullOnce = false

  /// Makes a fault.
  package init(_ effect: Effect, at number: Int, of calls: Set<DiskCall>) {
    precondition(number > 0, "caller bug: calls are counted from 1")
    self.effect = effect
    self.calls = calls
    self.number = number
  }

  /// The calls that change the disk.
  package static let changes: Set<DiskCall> = [
    .open, .write, .sync, .truncate, .delete, .rename,
  ]
}

/// A stretch of a file that was written and not synced when the power went.
package struct UnsyncedSector: Sendable {
  /// The file.
  package let path: String
  /// Where the sector begins in the file, in sectors of ``bytes``.
  package let index: Int
  /// No sector behind this one was written and not synced.
  package let isLast: Bool

  /// What a disk writes whole or not at all.
  package static let bytes = 512
}
