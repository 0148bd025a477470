import Glibc

/// Keeps other processes from making, taking, or removing the copy in which a history is folded.
///
/// A file of its own beside the database: others may lock the folder for reasons of theirs. The operating
/// system lets go of it however the process ends, so a file that stays means nothing.
final class FoldLock {
  /// Whether another has it.
  let isElsewhere: Bool
  /// Whether it is had; there may be none to have, on a disk that is full.
  let isHeld: Bool
  private let descriptor: Int32

  /// Locks what is beside a database.
  init(besides path: String) {
    descriptor = open(path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    isHeld = descriptor >= 0 && flock(descriptor, LOCK_EX | LOCK_NB) == 0
    isElsewhere = descriptor >= 0 && !isHeld && errno == EWOULDBLOCK
  }

  deinit { if descriptor >= 0 { close(descriptor) } }
}
