import Foundation
import OpLog
import SQLite
import Store
import Testing

@Suite("The mark beside a database") struct HighWaterMarkTests {
  private let folder = FileManager.default.temporaryDirectory
    .appending(path: "linli-mark-\(UUID().uuidString)")
  private var path: String { folder.appending(path: "office.mark").path }

  init() throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  @Test("tells an old copy from the database, from another branch, and from one that is ahead")
  func behind() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let street = try Street()
    let office = street.offices[0]
    let (old, branch) = (try copy(of: office), try copy(of: office))
    #expect(try office.keep(HighWaterMark(path: path)))
    try street.record(office, "resident.register", body: #"{"name":"王芳"}"#)
    #expect(try !old.keep(HighWaterMark(path: path)))
    try write("另一件", to: branch, of: street)
    #expect(try !branch.keep(HighWaterMark(path: path)))
    #expect(try office.keep(HighWaterMark(path: path)))
    // Whoever is ahead was not told to write the mark, and moves it now.
    let ahead = try copy(of: office)
    try write("又一件", to: ahead, of: street)
    #expect(try ahead.keep(HighWaterMark(path: path)))
    #expect(try !office.keep(HighWaterMark(path: path)))
  }

  @Test("of another street, torn, or missing says nothing; unwritable it stays behind")
  func silent() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let street = try Street()
    let office = street.offices[0]
    let old = try copy(of: office)
    #expect(try office.keep(HighWaterMark(path: path)))
    try write("一件", to: office, of: street)
    let identity = try StoreIdentity(
      street: #require(StreetID([UInt8](repeating: 8, count: 16))),
      incarnation: office.identity.incarnation, replica: office.identity.replica)
    let other = try Store.create(
      try Connection(path: ":memory:", mode: .readWriteCreate), identity)
    let mark = try Data(contentsOf: URL(filePath: path))
    #expect(try other.keep(HighWaterMark(path: path)))
    var torn = mark
    torn[30] ^= 1
    for bytes in [Data(), mark.prefix(40), torn] {
      try bytes.write(to: URL(filePath: path))
      #expect(try old.keep(HighWaterMark(path: path)))
    }
    try mark.write(to: URL(filePath: path))
    #expect(try !old.keep(HighWaterMark(path: path)))
    #expect(try old.keep(HighWaterMark(path: folder.appending(path: "no/office.mark").path)))
  }

  private func write(_ name: String, to store: Store, of street: Street) throws {
    try street.write(
      store, "item.define", ["name": .text(name), "sort": .integer(0), "points": .integer(3)])
  }

  /// The database as it is now, in memory.
  private func copy(of store: Store) throws -> Store {
    let copy = folder.appending(path: "\(UUID().uuidString).db").path
    try store.copy(to: copy)
    return try Store(path: copy, mode: .readWrite)
  }
}
