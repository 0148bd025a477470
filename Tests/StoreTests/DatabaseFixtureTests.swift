import Community
import Foundation
import OpLog
import SQLite
import Store
import Testing

/// Databases as shipped versions wrote them, in `Fixtures/databases`.
///
/// `3-7.db` is of catalogue 3 and the seventh schema. Files of earlier versions are never made again.
@Suite("Databases of shipped versions") struct DatabaseFixtureTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Fixtures/databases")
  private static let files = names()
  /// What the file of this version is called; a test asks for it where it is missing.
  private static var present: String {
    get throws {
      let schema = try Street.makeStore(4097).connection.scalar("PRAGMA user_version") ?? 0
      return "\(Catalogue.version)-\(schema).db"
    }
  }

  private static func names() -> [String] {
    let all = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return all.filter { $0.hasSuffix(".db") }.sorted()
  }

  @Test("there is one of this version; LINLI_RECORD=1 makes it")
  func isThere() throws {
    let name = try Self.present
    if ProcessInfo.processInfo.environment["LINLI_RECORD"] == "1" {
      try Self.record(Self.folder.appending(path: name).path)
    } else {
      #expect(Self.files.contains(name))
    }
  }

  @Test("each opens, is brought up to date, and has what was recorded in it", arguments: files)
  func opens(name: String) throws {
    let file = FileManager.default.temporaryDirectory
      .appending(path: "linli-\(UUID().uuidString).db")
    try FileManager.default.copyItem(at: Self.folder.appending(path: name), to: file)
    defer {
      for end in ["", "-wal", "-shm"] {
        try? FileManager.default.removeItem(atPath: file.path + end)
      }
    }
    let store = try Store(path: file.path, mode: .readWrite)
    #expect(try store.verify().findings.isEmpty)
    let rebuilt = try store.rebuildAndCompare()
    #expect(rebuilt.before == rebuilt.after)
    // The ops of a hub and two offices, and what they came to on the day when they were recorded.
    #expect(rebuilt.ops == 25)
    let residents = try store.listing(of: "residents").rows
    // The first one's name was changed twice, by files that are elsewhere.
    #expect(residents.map { $0[1] } == [nil, "李四"])
    #expect(residents.map { $0[3] } == ["-10", "4"])
    let item = try #require(Catalogue.kind(named: "item.define"))
    let others = [PayloadValue?](repeating: nil, count: item.schema.fields.count - 3)
    let draft = Draft(
      kind: item, payload: Payload(values: [.text("面"), .integer(0), .integer(2)] + others),
      occurredOn: try #require(BusinessDate(day: 20_466)))
    let end = try store.storedHead(of: store.identity.replica).seq
    let op = try store.write { () throws(StoreError) in try store.append(draft, stamp: 1) }
    #expect(op.id.seq == end + 1)
  }

  /// Writes the first office's database of a busy day; small pages keep it small.
  private static func record(_ path: String) throws {
    try? FileManager.default.removeItem(atPath: path)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let day = try Street.afterABusyDay()
    let connection = try Connection(path: path, mode: .readWriteCreate)
    try connection.execute("PRAGMA page_size=512")
    let store = try Store.create(connection, Street.identity(4097))
    let logs = try day.logs()
    let body = try #require(
      Body(salt: [UInt8](repeating: 1, count: 16), content: #"{"name":"李四"}"#))
    try store.write { () throws(StoreError) in
      for log in logs { try store.take(log) }
      try store.keep(body)
    }
    try store.finish()
  }
}
