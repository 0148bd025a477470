import Community
import Hub
import Office
import OpLog
import Peer
import Store
import Testing
import Wire

@Suite struct SyncTests {
  @Test("two offices and the hub agree to the byte, in chunks of any size", arguments: [4, 64])
  func agree(kibibytes: Int) throws {
    let street = try Street()
    let (one, staffOne) = try street.office(code: "ONE")
    let (two, staffTwo) = try street.office(code: "TWO")
    try street.sync(one)
    try street.sync(two)
    let resident = try street.record(
      "resident.register", ["name": "刘小娥"], at: one, by: staffOne[0])
    let activity = try street.record(
      "activity.publish",
      ["title": "扫雪", "category": "labour", "points": "9", "held_on": "2026-01-05"], at: one,
      by: staffOne[0])
    for session in 1...60 {
      try street.record(
        "award.grant",
        [
          "activity": "\(activity)", "resident": "\(resident)", "session": "\(session)",
        ], at: one, by: staffOne[0])
    }
    try street.sync(one, maxBytes: kibibytes << 10)
    try street.sync(two, maxBytes: kibibytes << 10)
    try street.record(
      "award.grant",
      ["activity": "\(activity)", "resident": "\(resident)", "session": "61"], at: two,
      by: staffTwo[0])
    try street.sync(two, maxBytes: kibibytes << 10)
    try street.sync(one, maxBytes: kibibytes << 10)
    let digests = try [street.hub.store, one.store, two.store].map { store in
      try store.read { () throws(StoreError) in try store.stateDigest() }
    }
    #expect(digests[0] == digests[1])
    #expect(digests[0] == digests[2])
    let row = try one.store.listing(of: "residents").rows.first
    #expect(row?[1] == "刘小娥")
    #expect(row?[3] == "549")
    #expect(try two.store.listing(of: "residents").rows.first?[1] == "刘小娥")
    for store in [street.hub.store, one.store, two.store] {
      let before = try store.tablesDigest()
      try store.rebuild()
      #expect(try store.tablesDigest() == before)
      #expect(try store.verify().findings.isEmpty)
    }
  }

  @Test("a repeated push, and a reply that was lost, change nothing")
  func repeats() throws {
    let street = try Street()
    let (office, staff) = try street.office(code: "ONE")
    try street.sync(office)
    try street.record("resident.register", ["name": "刘小娥"], at: office, by: staff[0])
    let (request, message) = try office.syncRequest(maxBytes: 64 << 10)
    let first = street.send(message)
    let head = try street.hub.store.storedHead(of: street.hub.store.identity.replica)
    let second = street.send(message)
    #expect(first.status == 200)
    #expect(second.status == 200)
    #expect(try street.hub.store.storedHead(of: street.hub.store.identity.replica) == head)
    _ = try office.take(first, to: request, now: street.now)
    _ = try office.take(second, to: request, now: street.now)
    try street.sync(office)
  }

  @Test("an id that the hub did not enrol gets nothing, whatever its token and seals are worth")
  func neverEnrolled() throws {
    let street = try Street()
    let (office, staff) = try street.office(code: "ONE")
    try street.sync(office)
    try street.record("resident.register", ["name": "刘小娥"], at: office, by: staff[0])
    // Only the street's own key makes such a token: of the next id, which nobody was given yet.
    let never = try #require(ReplicaID(rawValue: office.replica.rawValue + 1))
    let (token, secret) = try (
      #require(street.key.token(of: never)), #require(street.key.secret(of: never))
    )
    var (request, message) = try office.syncRequest(maxBytes: 64 << 10)
    let log = try office.store.ops(of: office.replica, in: 1...1, limit: 1)
    var fields = try #require(log.first).fields
    fields.id = try #require(OpID(never, 1))
    let op = try Op(fields)
    let start = Chain.start(
      street: street.key.street, incarnation: street.key.incarnation, replica: never)
    for ops in [[op], []] {
      request.ops = ops
      request.head = Head(
        replica: never, seq: UInt64(ops.count),
        hash: ops.isEmpty ? start : Chain.next(after: start, op.bytes))
      request.seal = Seal.ofOffice(secret: secret, request.head)
      message.body = request.encode(OpJSON(SchemaTable(Catalogue.schemas)))
      message.token = "\(never).\(token)"
      let answer = street.send(message)
      #expect(answer.status == 401)
      #expect(try Problem(decoding: answer.body).kind == .unauthorized)
    }
    #expect(try street.hub.store.storedHead(of: never).seq == 0)
    // The same request counts from the moment on at which the id is issued.
    let (next, _) = try street.office(code: "TWO")
    #expect(next.replica == never)
    #expect(street.send(message).status == 200)
  }

  @Test("nine points spent at home and nine on trust end at −9, and later awards repay")
  func doubleSpend() throws {
    let street = try Street()
    let (one, staffOne) = try street.office(code: "ONE")
    let (two, staffTwo) = try street.office(code: "TWO")
    try street.sync(one)
    let resident = try street.record(
      "resident.register", ["name": "刘小娥"], at: one, by: staffOne[0])
    let activity = try street.record(
      "activity.publish",
      ["title": "扫雪", "category": "labour", "points": "12", "held_on": "2026-01-05"], at: one,
      by: staffOne[0])
    let award = { (session: Int, points: Int) in
      try street.record(
        "award.grant",
        [
          "activity": "\(activity)", "resident": "\(resident)", "session": "\(session)",
          "points": "\(points)",
        ], at: one, by: staffOne[0])
    }
    _ = try award(1, 9)
    let item = try street.record(
      "item.define", ["name": "保温杯", "sort": "goods", "points": "9"], at: one, by: staffOne[0])
    try street.sync(one)
    try street.sync(two)
    for (office, staff) in [(one, staffOne), (two, staffTwo)] {
      try street.record(
        "stock.receive", ["item": "\(item)", "quantity": "5", "source": "donation"], at: office,
        by: staff[0])
      try street.record(
        "redemption.record", ["resident": "\(resident)", "items": "\(item)"], at: office,
        by: staff[0])
    }
    try street.sync(two)
    try street.sync(one)
    try street.sync(two)
    let balance = { try two.store.listing(of: "residents").rows.first?[3] }
    #expect(try balance() == "-9")
    #expect(
      try two.store.listing(of: "desk_entries").rows.contains { $0[1] == "overdrawn" })
    _ = try award(2, 3)
    _ = try award(3, 3)
    #expect(throws: OfficeError.self) {
      try street.record(
        "redemption.record", ["resident": "\(resident)", "items": "\(item)"], at: one,
        by: staffOne[0])
    }
    _ = try award(4, 12)
    try street.sync(one)
    try street.sync(two)
    #expect(try balance() == "9")
    #expect(try two.store.listing(of: "residents").rows.first?[4] == "27")
  }

  @Test("a request key records once")
  func requestKey() throws {
    let street = try Street()
    let (office, staff) = try street.office(code: "ONE")
    try street.sync(office)
    let key = "\(office.replica).AAECAwQFBgcICQoL"
    let first = try street.record(
      "resident.register", ["name": "刘小娥"], at: office, by: staff[0], key: key)
    let second = try street.record(
      "resident.register", ["name": "刘小娥"], at: office, by: staff[0], key: key)
    #expect(first == second)
    #expect(try office.store.storedHead(of: office.replica).seq == 1)
  }

  @Test("a foreign seal, log, or token is refused and stores nothing")
  func doors() throws {
    let street = try Street()
    let (one, staff) = try street.office(code: "ONE")
    let (two, _) = try street.office(code: "TWO")
    try street.sync(one)
    try street.record("resident.register", ["name": "刘小娥"], at: one, by: staff[0])
    let (request, message) = try one.syncRequest(maxBytes: 64 << 10)
    let before = try street.hub.store.tablesDigest()
    var forged = request
    forged.seal = .zero
    var wrongToken = message
    wrongToken.token = try two.syncRequest(maxBytes: 4 << 10).1.token
    var badSeal = message
    badSeal.body = forged.encode(OpJSON(SchemaTable(Catalogue.schemas)))
    var noToken = message
    noToken.token = nil
    #expect(try problem(street.send(wrongToken)) == .forbidden)
    #expect(try problem(street.send(badSeal)) == .sealMismatch)
    #expect(try problem(street.send(noToken)) == .unauthorized)
    _ = try HubAdmin.revoke(one.replica, reason: 0, in: street.hub.store, now: street.now)
    #expect(try problem(street.send(message)) == .tokenRevoked)
    #expect(try street.hub.store.storedHead(of: one.replica).seq == 0)
    #expect(try street.hub.store.tablesDigest() != before, "the revocation itself is an op")
  }

  private func problem(_ response: PeerResponse) throws -> ProblemKind {
    try Problem(decoding: response.body).kind
  }
}
