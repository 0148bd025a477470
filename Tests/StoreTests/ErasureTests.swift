import Community
import Foundation
import OpLog
import SQLite
import Store
import Testing

/// Erased personal data leaves no byte behind: `COVERAGE.md`, case 43.
@Suite struct ErasureTests {
  /// A hub's database in a file, and one resident of its only community.
  private final class Files {
    let folder: URL
    let store: Store
    let resident: OpID
    private(set) var now: Int64 = 1_768_269_600_000

    init() throws {
      folder = FileManager.default.temporaryDirectory.appending(path: "linli-\(UUID().uuidString)")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      store = try Street.makeStore(4096, path: folder.appending(path: "hub.db").path)
      let community = try Self.write(
        store, "community.define", ["name": .text("平安社区")], at: now)
      let enrolment = try Self.write(
        store, "replica.enroll",
        [
          "replica": .integer(4097), "community": .reference(community), "label": .text("一站"),
        ], at: now)
      resident = try Self.write(
        store, "resident.register", ["home": .reference(enrolment)],
        body: try Self.body(1, #"{"name":"欧阳独一无二","note":"secret-needle"}"#), at: now)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    static func body(_ salt: UInt8, _ content: String) throws -> Body {
      try #require(Body(salt: Array(repeating: salt, count: 16), content: content))
    }

    @discardableResult
    static func write(
      _ store: Store, _ name: String, _ values: [String: PayloadValue], body: Body? = nil,
      at now: Int64
    ) throws -> OpID {
      let kind = try #require(Catalogue.kind(named: name))
      var draft = Draft(
        kind: kind, payload: Payload(values: kind.schema.fields.map { values[$0.name] }),
        occurredOn: BusinessDate(stamp: now))
      draft.body = body
      let ready = draft
      return try store.write { () throws(StoreError) in try store.append(ready, stamp: now).id }
    }

    @discardableResult
    func write(
      _ name: String, _ values: [String: PayloadValue], body: Body? = nil
    ) throws -> OpID {
      now += 60_000
      return try Self.write(store, name, values, body: body, at: now)
    }

    func update(_ body: Body) throws -> OpID {
      try write(
        "resident.update",
        ["resident": .reference(resident), "replaces_name": .references([resident])], body: body)
    }

    func erase() throws {
      let request = try write(
        "resident.erase", ["resident": .reference(resident), "basis": .integer(0)])
      try write(
        "request.decide",
        ["request": .reference(request), "answer": .integer(0), "basis": .records([])])
    }

    /// Whether a text's bytes are in any file of the folder.
    func holds(_ text: String) throws -> Bool {
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      return try names.contains { name in
        try Data(contentsOf: folder.appending(path: name)).range(of: Data(text.utf8)) != nil
      }
    }
  }

  @Test func `no file holds a byte of an erased body`() throws {
    let files = try Files()
    _ = try files.update(try Files.body(2, #"{"name":"欧阳改过名字"}"#))
    #expect(try files.holds("欧阳独一无二"))
    let key = try #require(
      RequestKey(replica: files.store.identity.replica, randomBytes: Array(1...12)))
    try files.store.connection.execute(
      "INSERT INTO request VALUES('\(key)', \(files.resident.packed))")
    try files.erase()
    // The form or file that comes again must not bring the person back.
    #expect(try files.store.madeBefore(key) == files.resident)
    for text in ["欧阳独一无二", "欧阳改过名字", "secret-needle"] {
      #expect(try !files.holds(text), "\(text)")
    }
    #expect(try files.store.listing(of: "residents").rows.first?[1] == nil)
    // A rebuild finds the tombstones and asks nobody for the bodies again.
    try files.store.rebuild()
    #expect(try files.store.missingBodies(limit: 9).isEmpty)
    #expect(try files.store.listing(of: "desk_entries").rows.isEmpty)
  }

  @Test func `a foreign body that the hub has leaves no byte, whichever process writes last`()
    throws
  {
    let files = try Files()
    let path = files.folder.appending(path: "hub.db").path
    let digest = try #require(try files.store.op(files.resident).body)
    let reader = try Connection(path: path, mode: .readWriteCreate)
    try reader.execute("BEGIN; SELECT count(*) FROM log")
    try files.store.write { () throws(StoreError) in
      try files.store.noteSent(digest, community: files.resident)
    }
    #expect(try files.store.body(digest) == nil)
    #expect(try files.holds("secret-needle"))
    try reader.execute("ROLLBACK")
    let other = try Store(try Connection(path: path, mode: .readWriteCreate))
    try Files.write(other, "community.define", ["name": .text("金辰园社区")], at: files.now)
    #expect(try !files.holds("secret-needle"))
  }

  @Test func `an erased body is refused for ever`() throws {
    let files = try Files()
    let digest = try #require(try files.store.op(files.resident).body)
    let body = try #require(try files.store.body(digest))
    try files.erase()
    #expect(try files.store.isErased(digest))
    try files.store.write { () throws(StoreError) in try files.store.keep(body) }
    #expect(try files.store.body(digest) == nil)
  }

  @Test func `a late op of an erased person is kept, its body is not`() throws {
    let files = try Files()
    try files.erase()
    let body = try Files.body(3, #"{"name":"欧阳迟到的名字"}"#)
    let late = try files.update(body)
    #expect(try files.store.verdict(of: late) == .plain)
    #expect(try files.store.body(body.digest) == nil)
    #expect(try files.store.isErased(body.digest))
    #expect(try !files.holds("欧阳迟到的名字"))
  }

  @Test func `nobody erases another person's body by naming it too`() throws {
    let files = try Files()
    let digest = try #require(try files.store.op(files.resident).body)
    let body = try #require(try files.store.body(digest))
    let office = try #require(ReplicaID(rawValue: 4097))
    let enrolment = try #require(try files.store.enrolment(of: office))
    let thief = try files.write(
      "resident.register", ["home": .reference(enrolment.op)], body: body)
    let request = try files.write(
      "resident.erase", ["resident": .reference(thief), "basis": .integer(0)])
    try files.write(
      "request.decide",
      ["request": .reference(request), "answer": .integer(0), "basis": .records([])])
    #expect(try files.store.body(digest) == body)
  }
}
