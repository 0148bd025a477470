import Community
import Glibc
import OpLog
import Store
import Wire

/// Where an office keeps its data: `office.db`, `office.mark` beside it, and `enrolment` while it is
/// enrolling.
package struct OfficeFolder: Sendable {
  /// The folder.
  package let path: String
  /// The catalogue by which the office folds.
  private let edition: Edition

  /// Names a folder; nothing is made yet.
  package init(_ path: String, as edition: Edition = .present) {
    self.path = path
    self.edition = edition
  }

  /// The database.
  package var database: String { path + "/office.db" }

  /// Whether an office is enrolled here.
  package var isEnrolled: Bool { access(database, F_OK) == 0 }

  private var enrolment: String { path + "/enrolment" }
  private var mark: String { path + "/office.mark" }

  /// Opens the office.
  ///
  /// - Throws: ``OfficeError/store(_:)`` with `notInitialised` when none is enrolled here.
  package func open() throws(OfficeError) -> OfficeCore {
    guard isEnrolled else { throw .store(.notInitialised) }
    // The mark first: another process may be recording, and the database is never behind an older mark.
    let mark = HighWaterMark(path: mark)
    let store = try OfficeError.wrap { () throws(StoreError) in
      try Store(path: database, mode: .readWrite, as: edition)
    }
    return try OfficeCore(store, mark: mark)
  }

  /// The random bits that go with an enrolment code, the same at every try with that code.
  ///
  /// They are kept before the first request, so that a lost answer can be asked for again.
  ///
  /// - Throws: ``OfficeError/folder(_:)`` when the folder cannot be written.
  package func nonce(
    for code: String, random: (Int) -> [UInt8]
  ) throws(OfficeError) -> [UInt8] {
    let name = Hex.encode(SHA256.hash(Array(code.utf8)).bytes)
    if let kept = SmallFile.read(enrolment)?.split(separator: " "), kept.count == 2,
      kept[0] == name, let nonce = Hex.decode(String(kept[1]))
    {
      return nonce
    }
    let nonce = random(16)
    guard mkdir(path, 0o700) == 0 || errno == EEXIST,
      SmallFile.write("\(name) \(Hex.encode(nonce))", to: enrolment)
    else { throw .folder(path) }
    return nonce
  }

  /// Makes the office's database from the hub's answer.
  ///
  /// The database is made under another name and renamed, so that a crash leaves none or a whole one.
  ///
  /// - Parameters:
  ///   - reply: The hub's answer.
  ///   - hubAddress: Where the hub is.
  ///   - former: An office of the same community that cannot go on; what it recorded is taken along.
  /// - Returns: The office, open.
  /// - Throws: ``OfficeError/enrolled(_:)`` when there is an office already, which stays as it is;
  ///   ``OfficeError/otherOffice`` where the former one is of another community;
  ///   ``OfficeError/sameNumber(_:)`` where the hub gave a number that its PC had.
  package func adopt(
    _ reply: EnrolReply, hubAddress: String, inPlaceOf former: OfficeCore? = nil
  ) throws(OfficeError) -> OfficeCore {
    if let former {
      guard reply.street == former.store.identity.street, reply.community == former.community
      else { throw .otherOffice }
      let isTaken = try OfficeError.wrap { () throws(StoreError) in
        try former.store.hasBorne(reply.replica)
      }
      guard !isTaken else { throw .sameNumber(reply.replica) }
    }
    guard !isEnrolled else { throw .enrolled(path) }
    let draft = database + ".new"
    for suffix in ["-wal", "-shm"] { unlink(draft + suffix) }
    // Of an office that was here before.
    unlink(mark)
    guard SmallFile.make(draft) else { throw .folder(path) }
    try OfficeError.wrap { () throws(StoreError) in
      let identity = StoreIdentity(
        street: reply.street, incarnation: reply.incarnation, replica: reply.replica)
      let store = try Store.create(path: draft, identity)
      try OfficeCore.adopt(reply, hubAddress: hubAddress, inPlaceOf: former?.store, in: store)
      try store.finish()
    }
    guard rename(draft, database) == 0, SmallFile.syncFolder(path) else { throw .folder(path) }
    forgetNonce()
    return try open()
  }

  /// Forgets the bits of a code whose answer is kept.
  func forgetNonce() { unlink(enrolment) }
}

/// A file of a few bytes, written whole or not at all, readable by its owner only.
package enum SmallFile {
  /// The text of a file of at most 16 KiB, or nil: the key of a hub that has had 256 lives has 8.
  package static func read(_ path: String) -> String? {
    let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var buffer = [UInt8](repeating: 0, count: 16 << 10)
    let count = Glibc.read(descriptor, &buffer, buffer.count)
    guard count >= 0 else { return nil }
    return String(validating: buffer[..<count], as: UTF8.self)
  }

  /// Makes an empty file in place of what an earlier try left there; no other user can ever open it.
  ///
  /// A database that SQLite finds empty gives its mode to the files beside it.
  package static func make(_ path: String) -> Bool {
    let descriptor = create(path)
    return descriptor >= 0 && close(descriptor) == 0
  }

  private static func create(_ path: String) -> Int32 {
    unlink(path)
    return Glibc.open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
  }

  /// Writes a file durably: a new file, synced, then renamed over the old.
  package static func write(_ text: String, to path: String) -> Bool {
    let draft = path + ".new"
    let descriptor = create(draft)
    guard descriptor >= 0 else { return false }
    let bytes = Array(text.utf8)
    let isWritten = Glibc.write(descriptor, bytes, bytes.count) == bytes.count
    let isSynced = isWritten && fsync(descriptor) == 0
    guard close(descriptor) == 0, isSynced, rename(draft, path) == 0 else { return false }
    return syncFolder(String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]))
  }

  /// Makes a rename in a folder durable.
  package static func syncFolder(_ path: String) -> Bool {
    let descriptor = Glibc.open(path.isEmpty ? "." : path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return fsync(descriptor) == 0
  }
}
