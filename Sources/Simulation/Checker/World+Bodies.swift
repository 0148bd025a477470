import Community
import Office
import OpLog
import Store

/// I12 while faults are on: a body is where it may be, and of one that was erased no byte is in any file.
extension World {
  /// Remembers the salt of what was recorded with a body: no other bytes anywhere are the same.
  func noteBody(of id: OpID, at office: OfficeNode) throws(Violation) {
    try must("look up a body") {
      guard let digest = try office.store.op(id).body, let body = try office.store.body(digest)
      else {
        return
      }
      salted.append((digest, body.salt))
    }
  }

  /// Looks at the bodies that each replica holds, and at the bytes on its disk.
  func checkBodies() throws(Violation) {
    try checkErased(in: hub.store, on: hub.disk, "the hub")
    for office in offices where office.isCurrent {
      let name = "office \(office.replica)"
      try checkErased(in: office.store, on: office.disk, name)
      for (digest, _) in salted {
        guard try must("look up a body", { try office.store.body(digest) }) != nil,
          let link = try must("look up a link", { try office.store.link(ofBody: digest) }),
          link.community != office.core.community, !office.wrote(link.op)
        else { continue }
        throw Violation("I12", "\(name) holds the body of \(link.op), of another community")
      }
    }
  }

  /// No byte of an erased body is in a file, free pages and the WAL included, once the store has emptied
  /// that; a disk that fails puts it off to the next commit.
  private func checkErased(
    in store: Store, on disk: Disk, _ name: String
  ) throws(Violation) {
    for (digest, salt) in salted where try must("look up a body", { try store.isErased(digest) }) {
      guard try must("look up a body", { try store.body(digest) }) == nil else {
        throw Violation("I12", "\(name) holds a body that was erased")
      }
      guard !store.mustScrub else { continue }
      marks.hit(Look.erasedBytes)
      guard disk.holds(salt) else { continue }
      throw Violation("I12", "bytes of an erased body are on the disk of \(name)")
    }
  }
}
