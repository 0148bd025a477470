import Glibc

/// A file of any bytes, read and written whole.
package enum WholeFile {
  /// Why a file was not read or written.
  package enum Fault: Error, Equatable, Sendable {
    /// The system refused; its words.
    case system(String)
    /// It has more bytes than the caller takes.
    case tooLarge
  }

  /// Reads a file of at most so many bytes.
  ///
  /// - Throws: ``Fault``.
  package static func read(_ path: String, max: Int) throws(Fault) -> [UInt8] {
    let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw system }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 256 << 10)
    while true {
      let count = Glibc.read(descriptor, &part, part.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw system }
      if count == 0 { return bytes }
      bytes += part[..<count]
      guard bytes.count <= max else { throw .tooLarge }
    }
  }

  /// Writes a file durably, whole or not at all: a new file, synced, then renamed over the old.
  ///
  /// - Parameters:
  ///   - bytes: All of it.
  ///   - path: Where it is to be.
  ///   - mode: Who may read it.
  /// - Throws: ``Fault``; what was there before stays then.
  package static func write(_ bytes: [UInt8], to path: String, mode: mode_t) throws(Fault) {
    let draft = path + ".new"
    unlink(draft)
    let descriptor = Glibc.open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw system }
    var done = 0
    var fault: Fault?
    while done < bytes.count, fault == nil {
      let count = bytes[done...].withUnsafeBytes { rest in
        Glibc.write(descriptor, rest.baseAddress, rest.count)
      }
      if count >= 0 { done += count } else if errno != EINTR { fault = system }
    }
    if fault == nil, fsync(descriptor) != 0 { fault = system }
    if close(descriptor) != 0, fault == nil { fault = system }
    if fault == nil, rename(draft, path) != 0 { fault = system }
    if let fault {
      unlink(draft)
      throw fault
    }
    let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    guard SmallFile.syncFolder(folder.isEmpty ? "/" : folder) else { throw system }
  }

  /// Tries whether a file can be made at a place; nothing is left there.
  ///
  /// - Throws: ``Fault``.
  package static func checkWritable(_ path: String) throws(Fault) {
    let folder = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folder < 0 else {
      close(folder)
      throw .system(String(cString: strerror(EISDIR)))
    }
    let draft = path + ".new"
    unlink(draft)
    let descriptor = Glibc.open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw system }
    close(descriptor)
    unlink(draft)
  }

  private static var system: Fault { .system(String(cString: strerror(errno))) }
}
