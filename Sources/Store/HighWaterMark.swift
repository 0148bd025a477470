import Glibc
import OpLog

/// How far the log came that is written in a database, in a small file beside it: an old copy of the
/// database that is put back is behind it.
///
/// It is written after each commit and not flushed, so that it costs a system call and no disk flush. It is
/// never ahead of what is durable in the database; after a power cut, or where it cannot be written, it is
/// behind, and catches less.
package final class HighWaterMark {
  private let descriptor: Int32
  private var kept: Mark?

  /// Opens the mark of a database, or makes the file for one.
  package init(path: String) {
    let writing = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    descriptor = writing >= 0 ? writing : open(path, O_RDONLY | O_CLOEXEC)
    var bytes = [UInt8](repeating: 0, count: Mark.byteCount)
    guard descriptor >= 0, pread(descriptor, &bytes, bytes.count, 0) == bytes.count else { return }
    kept = Mark(bytes)
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// The head that it was advanced to last, in a street; nil where it holds none of this street.
  func head(in street: StreetID) -> Head? { kept?.street == street ? kept?.head : nil }

  /// Keeps how far a log came; does nothing where it came further.
  func advance(to head: Head, in street: StreetID) {
    // Ids are issued in ascending order, so a higher one is that of a PC that enrolled again.
    if let before = self.head(in: street),
      (before.replica, before.seq) >= (head.replica, head.seq)
    {
      return
    }
    let mark = Mark(street: street, head: head)
    kept = mark
    let bytes = mark.bytes
    // Where it can't be written it stays behind, which only catches less.
    if descriptor >= 0 { _ = pwrite(descriptor, bytes, bytes.count, 0) }
  }
}

/// What stands in the file.
private struct Mark {
  // mark := street:16 bytes head:44 bytes check:8 bytes, the first of SHA-256(street head)
  static let byteCount = 68

  let street: StreetID
  let head: Head

  init(street: StreetID, head: Head) {
    self.street = street
    self.head = head
  }

  /// Reads a file; nil for an empty one, or one that a power cut left torn.
  init?(_ bytes: [UInt8]) {
    var replica: UInt32 = 0
    var seq: UInt64 = 0
    for byte in bytes[16..<20] { replica = replica << 8 | UInt32(byte) }
    for byte in bytes[20..<28] { seq = seq << 8 | UInt64(byte) }
    guard let street = StreetID(Array(bytes[..<16])), let replica = ReplicaID(rawValue: replica),
      let hash = Digest(Array(bytes[28..<60]))
    else { return nil }
    self.init(street: street, head: Head(replica: replica, seq: seq, hash: hash))
    guard self.bytes == bytes else { return nil }
  }

  var bytes: [UInt8] {
    let content = street.bytes + head.bytes
    return content + SHA256.hash(content).bytes.prefix(8)
  }
}

extension Store {
  /// Keeps a mark beside the database from now on, unless the database is behind it.
  ///
  /// - Returns: Whether the database holds all that the mark tells of.
  package func keep(_ mark: HighWaterMark) throws(StoreError) -> Bool {
    let own = try storedHead(of: identity.replica)
    if let marked = mark.head(in: identity.street) {
      guard marked.replica <= own.replica else { return false }
      if marked.replica == own.replica, try !holds(marked) { return false }
    }
    mark.advance(to: own, in: identity.street)
    self.mark = mark
    return true
  }
}
