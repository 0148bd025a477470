import Community
import Hub
import Office
import OpLog
import Store
import Testing
import Wire

/// What a new folder takes along from the one in whose place it is.
@Suite struct NewFolderTests {
  @Test("what was erased, and what somebody looked after on paper, is so in a new folder too")
  func takenAlong() throws {
    let street = try Street()
    let (winner, copy) = try CopiedOffice.overtaken(street)
    let former = copy.office.store
    let body = try #require(Body(salt: street.random(16), content: #"{"name":"赵强"}"#))
    let long = try copy.writeLongest()
    let word = try copy.write(about: long, body: body.digest)
    try former.write { () throws(StoreError) in try former.keep(body, isAtHub: false) }
    let newcomer = try copy.register("王芳")
    let file = try #require(try former.op(newcomer).body)
    try copy.expectFenced(.copied)
    let joined = try copy.rejoin(code: "TWO").office
    for office in [joined, winner.office, joined] { try street.sync(office) }

    let store = joined.store
    let person = try #require(try store.recordedAgain(newcomer))
    try store.write { () throws(StoreError) in try store.eraseBodies(of: person.packed) }
    #expect(try store.body(body.digest) == body)
    #expect(try store.write { () throws(StoreError) in try store.noteRefused(word) })
    #expect(try store.body(body.digest) == nil, "no erasure would find it")

    let reply = try street.enrolment(community: "青龙街", code: "NEW")
    let new = try street.makeOffice(reply, inPlaceOf: joined)
    #expect(try new.store.isErased(file) && new.store.body(file) == nil)
    for _ in 1...2 { try street.sync(new) }
    #expect(try new.store.isErased(file) && new.store.body(file) == nil)
    let refused = try new.store.read { () throws(StoreError) in
      try new.store.refusedFormerOps().map(\.op.id)
    }
    #expect(refused == [long])
    #expect(try new.store.recordedAgainCount() == 0)
  }
  @Test(
    "what the PC had written before its old disk came back comes along as well",
    arguments: [false, true])
  func before(isCopied: Bool) throws {
    let street = try Street()
    let lost = try CopiedOffice(street)
    let first = try lost.register("王芳")
    let backup = try lost.copy()
    try street.sync(lost.office)
    let (hub, key) = (try street.copyOfHub(), street.key)
    let second = try lost.register("赵强")
    try street.sync(lost.office)
    // Of what the backup has and no receipt covers the hub turns out to hold the first.
    if isCopied { try backup.register("孙明") }
    try backup.expectFenced(isCopied ? .copied : .old)
    let joined = try backup.rejoin(code: "TWO").office
    for _ in 1...2 { try street.sync(joined) }
    #expect(try joined.store.recordedAgainCount() == (isCopied ? 1 : 0))

    try street.start(hub, key)
    let replies = try Self.replies(of: street)
    #expect(try replies.map { try joined.store.hasBorne($0.replica) } == [true, false])
    let new = try street.makeOffice(replies[1], inPlaceOf: joined)
    for _ in 1...2 { try street.sync(new) }
    #expect(try new.store.recordedAgain(first) == nil)
    let again = try #require(try new.store.recordedAgain(second))
    #expect(try new.store.op(again).body == lost.office.store.op(second).body)
    #expect(try street.hub.store.verdict(of: again) == .plain)
    #expect(try new.store.listing(of: "residents").rows.count == (isCopied ? 4 : 3))
    #expect(try street.digest(new.store) == street.digest(street.hub.store))
  }
  @Test("what a copy wrote of a record of this PC is said again about that record")
  func aboutLater() throws {
    let street = try Street()
    let (winner, copy) = try CopiedOffice.overtaken(street)
    let (hub, key) = (try street.copyOfHub(), street.key)
    try copy.register("王芳")
    try copy.expectFenced(.copied)
    let joined = try copy.rejoin(code: "TWO")
    for _ in 1...2 { try street.sync(joined.office) }
    let person = try joined.register("赵强")
    for office in [joined.office, winner.office] { try street.sync(office) }
    let award = try winner.award(person)
    for office in [winner.office, joined.office] { try street.sync(office) }
    #expect(award < person, "it stands before what it is about")

    // Another PC has the number now, and its records the ids.
    try street.start(hub, key)
    let replies = try Self.replies(of: street)
    let other = CopiedOffice(joined, try street.makeOffice(replies[0]), on: nil)
    try street.sync(other.office)
    #expect(other.office.replica == person.replica)
    while try other.register("孙明") != person {}
    try street.sync(other.office)
    let new = try street.makeOffice(replies[1], inPlaceOf: joined.office)
    #expect(throws: OfficeError.self) {
      try new.begin(as: replies[0], hubAddress: "http://hub")
    }
    for office in [new, new, other.office] { try street.sync(office) }
    let (whom, again) = (
      try #require(try new.store.recordedAgain(person)),
      try #require(try new.store.recordedAgain(award))
    )
    #expect(try new.store.op(again).namedOps.contains(whom))
    for store in [street.hub.store, new.store, other.office.store] {
      #expect(try store.verdict(of: again) == .plain)
      #expect(try store.row(Tables.account, id: whom.packed)?[1] == .integer(9))
      #expect(try store.row(Tables.account, id: person.packed) == nil)
      #expect(try street.digest(store) == street.digest(street.hub.store))
    }
  }

  @Test("what the PC wrote under a number of a life that nobody knows any more comes along")
  func laterLife() throws {
    let scene = try ThreeOffices()
    let street = scene.street
    let (hub, key) = (try street.copyOfHub(), street.key)
    try street.wipeHub()
    try scene.meet()
    try street.succeed(by: scene.staff)
    try scene.meet()
    let late = try street.furtherOffice(code: "LATE")
    try street.sync(late)
    let person = try street.record(
      "resident.register", ["name": "王芳"], at: late, by: scene.staff[0])
    try street.sync(late)
    #expect(late.replica.incarnation == 2)

    try street.start(hub, key)
    let reply = try street.enrolment(community: "青龙街", code: "NEW")
    let new = try street.makeOffice(reply, inPlaceOf: late)
    for _ in 1...2 { try street.sync(new) }
    #expect(try new.stop == nil)
    let again = try #require(try new.store.recordedAgain(person))
    #expect(try street.hub.store.verdict(of: again) == .plain)
    #expect(try new.store.refusedFormerOps().isEmpty)
  }

  @Test("what names another office's lost record too is on the desk, and stops nothing behind it")
  func aboutAbsent() throws {
    let street = try Street()
    let lost = try CopiedOffice(street)
    let other = try street.furtherOffice(code: "OTHER")
    for office in [other, lost.office] { try street.sync(office) }
    let (hub, key) = (try street.copyOfHub(), street.key)
    let activity = try street.record(
      "activity.publish",
      ["title": "助老", "category": "labour", "points": "5", "held_on": "2026-01-05"],
      at: other, by: lost.staff[0])
    // The answer is lost on its way.
    _ = street.send(try other.syncRequest(maxBytes: 64 << 10).1)
    try street.sync(lost.office)
    let person = try lost.register("王芳")
    let award = try street.record(
      "award.grant", ["activity": "\(activity)", "resident": "\(person)"], at: lost.office,
      by: lost.staff[0])
    let word = try lost.write(about: award)
    let last = try lost.register("赵强")
    try street.sync(lost.office)

    try street.start(hub, key)
    let reply = try street.enrolment(community: "青龙街", code: "NEW")
    let new = try street.makeOffice(reply, inPlaceOf: lost.office)
    for _ in 1...2 { try street.sync(new) }
    let store = new.store
    #expect(try store.recordedAgain(person) != nil && store.recordedAgain(last) != nil)
    #expect(try store.refusedFormerOps().map(\.op.id) == [award, word])
    #expect(try store.refusedFormerOps().map(\.reason) == [.namesAbsent, .namesRefused])

    // Staff record it by its receipt once the other one has come back.
    for office in [other, new] { try street.sync(office) }
    let whom = try #require(try store.recordedAgain(person))
    let anew = try street.record(
      "award.grant", ["activity": "\(activity)", "resident": "\(whom)"], at: new,
      by: lost.staff[0])
    try street.sync(new)
    #expect(try street.hub.store.verdict(of: anew) == .plain)
    #expect(try street.hub.store.row(Tables.account, id: whom.packed)?[1] == .integer(5))
    #expect(try street.digest(store) == street.digest(street.hub.store))
  }

  @Test("no PC becomes another whose records it has")
  func anothersNumber() throws {
    let street = try Street()
    let first = try CopiedOffice(street)
    let (hub, key) = (try street.copyOfHub(), street.key)
    let late = try street.furtherOffice(code: "LATE")
    try street.sync(late)
    _ = try street.record("resident.register", ["name": "王芳"], at: late, by: first.staff[0])
    for office in [late, first.office] { try street.sync(office) }
    let copy = try first.copy()
    _ = try first.spend()
    try street.sync(first.office)
    try copy.register("赵强")
    try copy.expectFenced(.copied)

    try street.start(hub, key)
    let reply = try street.enrolment(community: "青龙街", code: "NEW")
    #expect(reply.replica == late.replica)
    #expect(throws: OfficeError.self) { try copy.office.begin(as: reply, hubAddress: "http://hub") }
    #expect(try copy.office.replica == first.office.replica && copy.office.stop == .copied)
  }

  /// What a hub that was set back answers to the codes of two PCs: of the first it gave the number before.
  private static func replies(of street: Street) throws -> [EnrolReply] {
    try ["FIRST", "NEXT"].map { try street.enrolment(community: "青龙街", code: $0) }
  }
}
