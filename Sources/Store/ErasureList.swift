import Glibc
import OpLog

/// The bodies that a street erased, in a small file beside the hub's database and in no backup: what an
/// old copy of the database still holds is erased before anybody reads it.
///
/// It holds digests, which tell nothing of anybody, one a line. It is appended to behind each commit that
/// erases, so it never names a body that is not erased; what a crash kept from it comes with the next
/// opening.
package final class ErasureList {
  private let descriptor: Int32
  /// What stands in the file.
  fileprivate private(set) var digests: Set<Digest> = []

  /// Opens the list, or makes the file for one.
  ///
  /// O(what was ever erased).
  package init(path: String) {
    descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    for line in Self.text(of: descriptor).split(separator: UInt8(ascii: "\n")) {
      guard let bytes = Base64URL.decode(String(decoding: line, as: UTF8.self)),
        let digest = Digest(bytes)
      else { continue }
      digests.insert(digest)
    }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  private static func text(of descriptor: Int32) -> [UInt8] {
    var text: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 64 << 10)
    while descriptor >= 0 {
      let count = read(descriptor, &block, block.count)
      guard count > 0 else { break }
      text += block[..<count]
    }
    return text
  }

  /// Adds what was erased, and makes it durable; what cannot be written comes with the next opening.
  fileprivate func add(_ erased: [Digest]) {
    let new = erased.filter { !digests.contains($0) }
    guard descriptor >= 0, !new.isEmpty else { return }
    // A line that a power cut tore ends before the first of these.
    let lines = Array(("\n" + new.map { Base64URL.encode($0.bytes) + "\n" }.joined()).utf8)
    guard write(descriptor, lines, lines.count) == lines.count, fsync(descriptor) == 0 else {
      return
    }
    digests.formUnion(new)
  }
}

extension Store {
  /// Erases what the list tells of and this database holds, and lists what is erased from now on.
  ///
  /// - Throws: ``StoreError/database(_:)``; nobody may read this database then.
  package func keep(_ list: ErasureList) throws(StoreError) {
    let known = try erasedDigests()
    let unheard = list.digests.subtracting(known)
    if !unheard.isEmpty {
      try write { () throws(StoreError) in
        for digest in unheard.sorted() { try bury(digest) }
      }
    }
    list.add(known.sorted())
    erasures = list
  }

  /// Tells the list what the last commit erased.
  func listErasures() {
    if let erasures, !buried.isEmpty { erasures.add(buried) }
    buried = []
  }
}
