import Glibc

/// Keeps other processes from making, taking, or removing the copy in which a history is folded.
///
/// The operating system lets go of it however the process ends.
final class FoldLock {
  private let descriptor: Int32

  /// Locks the folder of a file; nil while another has it, or where there is no such folder.
  init?(besides path: String) {
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    // An object that is given up here is deinitialised, too.
    guard descriptor >= 0, flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { return nil }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }
}
