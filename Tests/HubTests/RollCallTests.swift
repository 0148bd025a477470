import Community
import Hub
import Office
import OpLog
import Peer
import Store
import Testing
import Wire

/// What an office shows a rebuilt hub, what the hub takes of it, and who has called.
@Suite struct RollCallTests {
  @Test("an office on another branch of a former hub's log is named, and its records arrive")
  func branches() throws {
    let scene = try ThreeOffices()
    let street = scene.street
    let (old, key) = (try street.copyOfHub(), street.key)
    func appoint(_ name: String) throws -> OpID {
      try HubAdmin.appoint(
        NewStaff(
          roles: [.clerk], body: try #require(Body(salt: street.random(16), content: name))),
        to: scene.offices[0].community, in: street.hub.store, now: street.now)
    }
    let lost = try appoint("{}")
    try street.meet(scene.offices[0])
    try street.start(old, key)
    #expect(try appoint("[]") == lost)
    for office in scene.offices[1...] { try street.meet(office) }
    let award = try street.record(
      "award.grant",
      ["activity": "\(scene.activity)", "resident": "\(scene.resident)", "session": "77"],
      at: scene.offices[0], by: scene.staff[0])
    #expect(throws: OfficeError.self) { try street.meet(scene.offices[0]) }
    for office in scene.offices[1...] { try street.meet(office) }
    let rollCall = try #require(try HubAdmin.rollCall(of: street.hub.store))
    #expect(rollCall.branched == [scene.offices[0].replica])
    #expect(rollCall.callers == scene.offices.map(\.replica))
    try street.succeed(by: scene.staff)
    for office in scene.offices[1...] { try street.meet(office) }
    #expect(try street.hub.store.verdict(of: award) == .plain)
    for _ in 1...60 {
      try street.record(
        "resident.register", ["name": "甲"], at: scene.offices[0], by: scene.staff[0])
    }
    // Every sync brings on what fits into one request.
    for _ in 1...20 {
      #expect(throws: OfficeError.self) {
        try street.meet(scene.offices[0], maxBytes: 4 << 10)
      }
    }
    #expect(try street.hub.store.branchedOffices() == [scene.offices[0].replica])
    let own = scene.offices[0].replica
    #expect(
      try street.hub.store.foldedHead(of: own) == scene.offices[0].store.storedHead(of: own))
  }

  @Test("an office that was told to wait has not called yet")
  func waiting() throws {
    let scene = try ThreeOffices()
    let street = scene.street
    try street.wipeHub()
    try scene.meet()
    try street.succeed(by: scene.staff)
    try scene.meet()
    try street.wipeHub()
    // The first begins to give, and leaves; it does not hold the whole of the last log.
    let giver = scene.offices[0]
    let (ask, asked) = try giver.rollCallRequest(maxBytes: 4 << 10)
    #expect(try !giver.take(street.send(asked), to: ask))
    let (part, given) = try giver.rollCallRequest(maxBytes: 4 << 10)
    #expect(try !giver.take(street.send(given), to: part))
    #expect(try street.hub.store.givenLog() != nil)
    // The second shows the older log only.
    let other = scene.offices[1]
    var (request, message) = try other.rollCallRequest(maxBytes: 4 << 10)
    request.heads.removeAll { $0.head.replica.incarnation == 2 }
    message.body = request.encode(OpJSON(SchemaTable(Catalogue.schemas)))
    _ = try other.take(street.send(message), to: request)
    let (push, pushed) = try other.syncRequest(maxBytes: 4 << 10)
    _ = try other.take(street.send(pushed), to: push, now: street.now)
    #expect(try HubAdmin.rollCall(of: street.hub.store)?.callers == [])
    street.now += 120_000
    try scene.meet()
    #expect(try HubAdmin.rollCall(of: street.hub.store)?.callers.count == 3)
  }

  @Test("an office that only the dead hub had enrolled, and that calls late, is taken in again")
  func unknownOffice() throws {
    let scene = try ThreeOffices()
    let street = scene.street
    let (fresh, staff) = try street.office(code: "FOUR")
    try street.sync(fresh)
    try street.record(
      "award.grant",
      ["activity": "\(scene.activity)", "resident": "\(scene.resident)", "session": "99"],
      at: fresh, by: staff[0])
    try street.sync(fresh)
    try street.wipeHub()
    try scene.meet()
    try street.succeed(by: scene.staff)
    try street.meet(fresh)
    try scene.meet()
    try street.meet(fresh)
    try scene.expectAgreement()
    #expect(try street.digest(fresh.store) == street.digest(street.hub.store))
    #expect(try street.hub.store.listing(of: "residents").rows.first?[3] == "549")
  }

  @Test("a head whose seal the line spoiled is refused, and the office still owes its log")
  func spoiledSeal() throws {
    let scene = try ThreeOffices()
    let street = scene.street
    try street.wipeHub()
    let office = scene.offices[0]
    let (ask, asked) = try office.rollCallRequest(maxBytes: 64 << 10)
    var (spoiled, message) = (ask, asked)
    spoiled.heads[0] = SuccessorHead(head: ask.heads[0].head, seal: .zero)
    message.body = spoiled.encode(OpJSON(SchemaTable(Catalogue.schemas)))
    do throws(OfficeError) {
      _ = try office.take(street.send(message), to: ask)
      Issue.record("the hub passed over a head")
    } catch {
      guard case .problem(let problem) = error else { throw error }
      #expect(problem.kind == .sealMismatch)
    }
    #expect(try !office.take(street.send(asked), to: ask))
  }

  @Test("a former hub's log that was not sealed for successors is not taken")
  func forged() throws {
    let scene = try ThreeOffices()
    let street = scene.street
    try street.wipeHub()
    let office = scene.offices[0]
    let (request, message) = try office.syncRequest(maxBytes: 64 << 10)
    #expect(throws: OfficeError.self) {
      _ = try office.take(street.send(message), to: request, now: street.now)
    }
    let (ask, asked) = try office.rollCallRequest(maxBytes: 64 << 10)
    #expect(try !office.take(street.send(asked), to: ask))
    let (page, given) = try office.rollCallRequest(maxBytes: 64 << 10)
    let former = try #require(page.page?.hub)
    var forged = page
    let sealed = try #require(forged.heads.firstIndex { $0.head.replica == former })
    forged.heads[sealed] = SuccessorHead(head: forged.heads[sealed].head, seal: .zero)
    var message2 = given
    message2.body = forged.encode(OpJSON(SchemaTable(Catalogue.schemas)))
    let refused = try Problem(decoding: street.send(message2).body).kind
    #expect(refused == .sealMismatch)
    // A page that ends elsewhere than at the sealed head is dropped, and the right one taken.
    forged = page
    forged.page?.entries.removeLast()
    forged.page?.hasMore = false
    message2.body = forged.encode(OpJSON(SchemaTable(Catalogue.schemas)))
    #expect(try Problem(decoding: street.send(message2).body).kind == .chainBroken)
    #expect(try street.hub.store.storedHead(of: former).seq == 0)
    try scene.meet()
    #expect(try street.hub.store.foldedHead(of: former).seq > 0)
    try street.succeed(by: scene.staff)
    try scene.meet()
    try scene.expectAgreement()
  }

  @Test("an answer whose wish the line spoiled ends no roll-call: the office still gives its log")
  func spoiledWish() throws {
    let scene = try ThreeOffices()
    let street = scene.street
    let office = scene.offices[0]
    try street.wipeHub()
    let (ask, asked) = try office.rollCallRequest(maxBytes: 4 << 10)
    let answer = street.send(asked)
    func spoiled(_ changes: [String: String]) throws -> PeerResponse {
      var text = String(decoding: answer.body, as: UTF8.self)
      for (right, wrong) in changes {
        try #require(text.contains(right), "\(text)")
        text = text.replacing(right, with: wrong)
      }
      var response = answer
      response.body = Array(text.utf8)
      return response
    }
    let otherLog = try spoiled([#""wanted":{"replica":4096"#: #""wanted":{"replica":5096"#])
    #expect(throws: OfficeError.self) { try office.take(otherLog, to: ask) }
    // As of a hub that has another branch of that log, which is believed when it is said twice.
    let otherPlace = try spoiled([
      #""progress":{"seq":0"#: #""progress":{"seq":9"#,
      #""proved":{"seq":0"#: #""proved":{"seq":9"#,
    ])
    #expect(try !office.take(otherPlace, to: ask))
    #expect(try office.owesRollCall)
    #expect(try !office.take(answer, to: ask))
    #expect(try office.rollCallRequest(maxBytes: 4 << 10).0.page != nil)
    try scene.meet()
    try street.succeed(by: scene.staff)
    try scene.meet()
    try scene.expectAgreement()
  }

  @Test("another branch of a log is believed when said twice, though others give it meanwhile")
  func otherBranchGoesOn() throws {
    let scene = try ThreeOffices()
    let street = scene.street
    let office = scene.offices[0]
    try street.wipeHub()
    let (ask, asked) = try office.rollCallRequest(maxBytes: 4 << 10)
    let answer = street.send(asked)
    // Both times from a place that is not here; in between another office gave a page.
    for (progress, isBelieved) in [(9, false), (12, true)] {
      var response = answer
      let text = String(decoding: answer.body, as: UTF8.self)
        .replacing(#""progress":{"seq":0"#, with: #""progress":{"seq":\#(progress)"#)
        .replacing(#""proved":{"seq":0"#, with: #""proved":{"seq":9"#)
      response.body = Array(text.utf8)
      #expect(try office.take(response, to: ask) == isBelieved)
      #expect(try office.owesRollCall != isBelieved)
    }
  }

  @Test("a page that brings the hub no further ends the roll-call until the next sync")
  func nothingToGive() throws {
    let scene = try ThreeOffices()
    let street = scene.street
    let office = scene.offices[0]
    try street.wipeHub()
    let (ask, asked) = try office.rollCallRequest(maxBytes: 4 << 10)
    #expect(try !office.take(street.send(asked), to: ask))
    // As an office that shows a head and has nothing below it.
    var (empty, message) = try office.rollCallRequest(maxBytes: 4 << 10)
    empty.page?.entries = []
    message.body = empty.encode(OpJSON(SchemaTable(Catalogue.schemas)))
    #expect(try office.take(street.send(message), to: empty))
    #expect(try office.owesRollCall)
    try scene.meet()
    try street.succeed(by: scene.staff)
    try scene.meet()
    try scene.expectAgreement()
  }
}
