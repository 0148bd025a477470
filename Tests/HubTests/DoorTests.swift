import Community
import Hub
import Office
import OpLog
import Peer
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
