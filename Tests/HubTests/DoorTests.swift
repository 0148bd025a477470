import Community
import Foundation
import Hub
import Office
import OpLog
import Peer
import SQLite
import Store
import Testing
import Wire

@Suite struct DoorTests {
  @Test("more ops than the head says are refused, and the hub goes on")
  func moreOpsThanHead() throws {
    let street = try Street()
    let (office, staff) = try street.office(code: "ONE")
    try street.sync(office)
    for name in ["刘小娥", "王芳"] {
      try street.record("resident.register", ["name": name], at: office, by: staff[0])
    }
    var (request, message) = try office.syncRequest(maxBytes: 64 << 10)
    try #require(request.ops.count == 2)
    request.head = Head(replica: office.replica, seq: 0, hash: request.head.hash)
    message.body = request.encode(OpJSON(SchemaTable(Catalogue.schemas)))
    #expect(try Problem(decoding: street.send(message).body).kind == .outOfRange)
    try street.sync(office)
  }

  @Test("nobody types what the office's program writes by itself")
  func byProgram() throws {
    let street = try Street()
    let (office, staff) = try street.office(code: "ONE")
    try street.sync(office)
    for kind in Catalogue.kinds.filter(\.isByProgram) {
      do throws(OfficeError) {
        _ = try office.record(
          RecordRequest(
            kind: kind.name, fields: [:], actor: staff[0].description, occurredOn: "2026-01-05"),
          now: street.now, random: street.random)
        Issue.record("\(kind.name) was recorded")
      } catch {
        guard case .refused(let refusal) = error else { throw error }
        #expect(refusal.code == "by-program")
      }
    }
  }

  @Test("a body belongs to the first op that names it, and is JSON")
  func bodies() throws {
    let street = try Street()
    let (one, staffOne) = try street.office(code: "ONE")
    let (two, staffTwo) = try street.office(community: "塔山", code: "TWO")
    try street.sync(one)
    try street.sync(two)
    try street.record("resident.register", ["name": "刘小娥"], at: one, by: staffOne[0])
    try street.sync(one)
    let owned = try #require(try one.store.ops(of: one.replica, in: 1...1, limit: 1).first?.body)
    // The thief writes an op of its own that names the same digest.
    let kind = try #require(Catalogue.kind(named: "resident.register"))
    var draft = Draft(
      kind: kind, payload: Payload(values: [nil, nil]),
      occurredOn: BusinessDate(stamp: street.now))
    draft.actor = staffTwo[0]
    draft.policy = try two.store.policy(of: two.community)
    draft.body = try one.store.body(owned)
    _ = try two.store.write { () throws(StoreError) in
      try two.store.append(draft, stamp: street.now)
    }
    let (request, push) = try two.syncRequest(maxBytes: 64 << 10)
    _ = try two.take(street.send(push), to: request, now: street.now)
    var theft = push
    (theft.method, theft.path, theft.body) = ("GET", "/v1/bodies/\(owned)", [])
    #expect(try Problem(decoding: street.send(theft).body).kind == .forbidden)
    var own = theft
    own.token = try one.syncRequest(maxBytes: 4 << 10).1.token
    #expect(street.send(own).status == 200)
    let text = try #require(Body(salt: street.random(16), content: "{not json"))
    (own.method, own.path, own.body) = ("PUT", "/v1/bodies/\(text.digest)", text.wireBytes)
    #expect(try Problem(decoding: street.send(own).body).kind == .malformedJSON)
  }

  @Test("what is wrong with a request is said by the kind of its problem")
  func kinds() throws {
    let street = try Street()
    let (office, _) = try street.office(code: "ONE")
    try street.sync(office)
    let message = try office.syncRequest(maxBytes: 64 << 10).1
    let digest = SHA256.hash([1])
    let body = try #require(Body(salt: street.random(16), content: "{}"))
    func problem(_ change: (inout PeerRequest) throws -> Void) throws -> ProblemKind {
      var request = message
      try change(&request)
      return try Problem(decoding: street.send(request).body).kind
    }
    #expect(try problem { $0.path = "/v1/nothing" } == .notFound)
    #expect(try problem { $0.method = "GET" } == .methodNotAllowed)
    #expect(try problem { $0.contentType = "text/plain" } == .unsupportedMediaType)
    #expect(try problem { $0.body = Array("{".utf8) } == .malformedJSON)
    #expect(try problem { $0.body = Array("{}".utf8) } == .missingField)
    #expect(try problem { $0.body = Array(#"{"replica":"1"}"#.utf8) } == .wrongType)
    #expect(try problem { $0.body = Array(#"{"nothing":1}"#.utf8) } == .unknownField)
    let text = String(decoding: message.body, as: UTF8.self)
    let small = text.replacing(#""max_bytes":65536"#, with: #""max_bytes":1"#)
    try #require(small != text)
    #expect(try problem { $0.body = Array(small.utf8) } == .outOfRange)
    let unknown = "/v1/bodies/\(digest)"
    #expect(try problem { ($0.method, $0.path, $0.body) = ("GET", unknown, []) } == .bodyUnknown)
    #expect(
      try problem { ($0.method, $0.path, $0.body) = ("PUT", unknown, body.wireBytes) }
        == .bodyMismatch)
    let long = [UInt8](repeating: 0, count: BodyLimits.wireBytesMax + 1)
    #expect(try problem { ($0.method, $0.path, $0.body) = ("PUT", unknown, long) } == .tooLarge)
    try street.sync(office)
  }

  @Test("while another process writes, the hub is busy, and takes everything afterwards")
  func busy() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "hub.db").path
    let street = try Street()
    let own = try Connection(path: path, mode: .readWriteCreate, busyTimeoutMilliseconds: 0)
    let store = try Store.create(own, street.hub.store.identity)
    try HubAdmin.define(store, streetName: "青龙街道", now: street.now)
    try street.start(store, street.key)
    let (office, staff) = try street.office(code: "ONE")
    try street.sync(office)
    try street.record("resident.register", ["name": "刘小娥"], at: office, by: staff[0])
    let other = try Connection(path: path, mode: .readWrite, busyTimeoutMilliseconds: 0)
    try other.begin()
    let answer = street.send(try office.syncRequest(maxBytes: 64 << 10).1)
    #expect(try Problem(decoding: answer.body).kind == .busy)
    try other.rollback()
    try street.sync(office)
    #expect(try store.storedHead(of: office.replica).seq == 1)
  }

  @Test("a stopped database records nothing more, and a sync that agrees lets it go on")
  func stopped() throws {
    let street = try Street()
    let (office, staff) = try street.office(code: "ONE")
    try street.sync(office)
    try office.note(.untrusted(.olderThanHub(held: 9)))
    #expect(throws: OfficeError.self) {
      try street.record("resident.register", ["name": "刘小娥"], at: office, by: staff[0])
    }
    #expect(try office.store.storedHead(of: office.replica).seq == 0)
    try street.sync(office)
    try street.record("resident.register", ["name": "刘小娥"], at: office, by: staff[0])
  }
}
