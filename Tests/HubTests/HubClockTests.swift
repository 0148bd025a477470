import Community
import Hub
import Office
import OpLog
import Peer
import Store
import Testing
import Wire

/// What the hub stamps decides which business dates lie in the future: a sale that waits for its date gives
/// its points back.
@Suite("The hub's clock") struct HubClockTests {
  private static let year: Int64 = 365 * 86_400_000

  @Test("a hub whose battery died takes nothing, so that today's sales do not wait for their date")
  func behind() throws {
    let street = try Street()
    let (office, staff) = try street.office(code: "ONE")
    try street.sync(office)
    let sale = try sell(at: office, by: staff[0], street)
    street.now -= 20 * Self.year
    let problem = try #require(throws: OfficeError.self) { try street.sync(office) }
    guard case .problem(let told) = problem else { throw problem }
    #expect(told.kind == .internal)
    #expect(told.detail.contains("linli hub clock"))
    #expect(throws: StaffRefusal.store(.clockBehind(written: street.now + 20 * Self.year))) {
      try HubAdmin.invite(
        OfficeInvitation(community: "和平", label: "站", staff: [], policy: [:]), codeHash: .zero,
        to: street.hub.store, now: street.now)
    }
    street.now += 20 * Self.year - HubClock.slack
    try street.sync(office)
    #expect(try outcome(of: sale, in: street.hub.store) == .posted)
    #expect(try outcome(of: sale, in: office.store) == .posted)
  }

  @Test("a clock that was ahead once stops the hub until somebody says that it is right now")
  func ahead() throws {
    let street = try Street()
    let (office, staff) = try street.office(code: "ONE")
    try street.sync(office)
    street.now += 70 * Self.year
    try street.record("resident.register", ["name": "陈大勇"], at: office, by: staff[0])
    try street.sync(office)
    street.now -= 70 * Self.year
    let sale = try sell(at: office, by: staff[0], street)
    #expect(throws: OfficeError.self) { try street.sync(office) }
    let store = street.hub.store
    let lead = try store.read { () throws(StoreError) in
      try HubClock.lead(over: street.now, of: store)
    }
    #expect(lead == street.now + 70 * Self.year)
    try HubClock.confirm(street.now, in: store)
    try street.sync(office)
    #expect(try outcome(of: sale, in: store) == .posted)
    // Days offline count from this receipt, not from the one that says it is of 2096.
    for store in [store, office.store] {
      let newest = try store.read { () throws(StoreError) in try store.newestReceipt() }
      #expect(newest == street.now)
    }
    // What was confirmed is behind the log's end now, and the clock is watched as before.
    street.now -= Self.year
    try street.record("resident.register", ["name": "王芳"], at: office, by: staff[0])
    #expect(throws: OfficeError.self) { try street.sync(office) }
  }

  @Test("neither a word at the desk nor a new life goes behind the guard's back")
  func otherWriters() throws {
    let street = try Street()
    let (office, staff) = try street.office(code: "ONE")
    try street.sync(office)
    _ = try sell(at: office, by: staff[0], street)
    try street.sync(office)
    let store = street.hub.store
    // Nothing is wrong: nothing is confirmed, and the next clock that is behind is seen.
    try HubClock.confirm(street.now, in: store)
    let written = street.now
    street.now -= 20 * Self.year
    let behind = StoreError.clockBehind(written: written)
    let entry = HubResolution(staff[0], .personalData, .noted, part: nil, undoing: nil)
    #expect(throws: behind) { try HubAdmin.resolve(entry, in: store, now: street.now) }
    let next = try #require(street.key.next(random: street.random))
    #expect(throws: behind) { try HubAdmin.begin(next, in: store, now: street.now) }
    #expect(store.identity.incarnation.number == 1)
    // A life that begins by a right clock is held to what the one before wrote.
    street.now = written
    try street.recoverHub(from: store)
    street.now -= Self.year
    let lead = try store.read { () throws(StoreError) in
      try HubClock.lead(over: street.now, of: store)
    }
    #expect(lead == written)
    // Once it is confirmed the hub goes on, and is held to what it writes then.
    try HubClock.confirm(street.now, in: store)
    try street.record("resident.register", ["name": "王芳"], at: office, by: staff[0])
    try street.meet(office)
    let again = try store.read { () throws(StoreError) in
      try HubClock.lead(over: street.now - Self.year, of: store)
    }
    #expect(again == street.now)
  }

  @Test("a former hub's log that ends ahead of the clock waits for a word, and is taken then")
  func shownInRollCall() throws {
    let street = try Street()
    let (office, staff) = try street.office(code: "ONE")
    try street.sync(office)
    street.now += 70 * Self.year
    let sale = try sell(at: office, by: staff[0], street)
    try street.sync(office)
    let ahead = street.now
    street.now -= 70 * Self.year
    try street.wipeHub()
    let store = street.hub.store
    for _ in 0..<2 { #expect(throws: OfficeError.self) { try street.meet(office) } }
    #expect(try store.replicas() == [store.identity.replica], "nothing of it is here")
    let lead = try store.read { () throws(StoreError) in
      try HubClock.lead(over: street.now, of: store)
    }
    #expect(lead == ahead)
    // The clock is right now; where it is not, setting it is enough too.
    try HubClock.confirm(street.now, in: store)
    try street.meet(office)
    #expect(try outcome(of: sale, in: store) == .posted)
    #expect(try street.digest(store) == street.digest(office.store))
  }

  @Test("the end of a log of a life that the hub has not heard of waits for a word too")
  func shownOfUnknownLife() throws {
    let street = try Street()
    let (office, staff) = try street.office(code: "ONE")
    try street.sync(office)
    // An image of the hub's folder; the next life's clock is ahead.
    let (image, key) = (try street.copyOfHub(), street.key)
    street.now += 70 * Self.year
    try street.recoverHub(from: try street.copyOfHub())
    let sale = try sell(at: office, by: staff[0], street)
    for _ in 0..<2 { try street.meet(office) }
    let ahead = street.now
    street.now -= 70 * Self.year
    try street.start(image, key)
    for _ in 0..<2 { #expect(throws: OfficeError.self) { try street.meet(office) } }
    let store = street.hub.store
    #expect(store.identity.incarnation.number == 3)
    #expect(try lead(over: street.now, of: store) == ahead)
    try HubClock.confirm(street.now, in: store)
    try street.meet(office)
    #expect(try outcome(of: sale, in: store) == .posted)
    #expect(try street.digest(store) == street.digest(office.store))
  }

  @Test("one word is for all of a former life's log, however much of it each office gives")
  func wordForFormerLife() throws {
    let street = try Street()
    let (one, staff) = try street.office(code: "ONE")
    let (two, _) = try street.office(code: "TWO")
    for office in [one, two] { try street.sync(office) }
    street.now += 70 * Self.year
    try street.record("resident.register", ["name": "陈大勇"], at: one, by: staff[0])
    for office in [one, two] { try street.sync(office) }
    let sale = try sell(at: one, by: staff[0], street)
    try street.sync(one)
    street.now -= 70 * Self.year
    try street.wipeHub()
    let store = street.hub.store
    for office in [two, one] { #expect(throws: OfficeError.self) { try street.meet(office) } }
    try HubClock.confirm(street.now, in: store)
    for office in [two, one, two] { try street.meet(office) }
    #expect(try outcome(of: sale, in: store) == .posted)
    for office in [one, two] {
      #expect(try street.digest(store) == street.digest(office.store))
    }
    #expect(try store.clockConfirmed().count == 1)
    // What this hub writes itself is watched as ever, though the word was said in its time.
    #expect(try lead(over: street.now - Self.year, of: store) == street.now)
  }

  @Test("a word about the present life is for its log of then, also once that life is a former one")
  func wordForPresentLife() throws {
    let street = try Street()
    let (office, staff) = try street.office(code: "ONE")
    street.now += 70 * Self.year
    try street.sync(office)
    try street.record("resident.register", ["name": "陈大勇"], at: office, by: staff[0])
    try street.sync(office)
    street.now -= 70 * Self.year
    let store = street.hub.store
    try HubClock.confirm(street.now, in: store)
    try street.record("resident.register", ["name": "王芳"], at: office, by: staff[0])
    try street.sync(office)
    let written = street.now
    street.now -= HubClock.slack / 2
    try street.recoverHub(from: store)
    #expect(try lead(over: written - HubClock.slack - 1, of: store) == written)
  }

  @Test("a log that comes behind the roll-call's end waits for a word alone, and stops nobody")
  func shownLate() throws {
    let street = try Street()
    let (one, staff) = try street.office(code: "ONE")
    let (two, _) = try street.office(code: "TWO")
    for office in [one, two] { try street.sync(office) }
    street.now += 70 * Self.year
    let sale = try sell(at: two, by: staff[0], street)
    try street.sync(two)
    let ahead = street.now
    street.now -= 70 * Self.year
    try street.wipeHub()
    try street.meet(one)
    try street.succeed(by: staff)
    for _ in 0..<2 { #expect(throws: OfficeError.self) { try street.meet(two) } }
    let store = street.hub.store
    #expect(try lead(over: street.now, of: store) == nil)
    try street.record("resident.register", ["name": "王芳"], at: one, by: staff[0])
    try street.meet(one)
    let late = try store.read { () throws(StoreError) in
      try HubClock.lateLead(over: street.now, of: store)
    }
    #expect(late == ahead)
    try HubClock.confirm(street.now, in: store)
    for office in [two, one, two] { try street.meet(office) }
    #expect(try outcome(of: sale, in: store) == .posted)
    for office in [one, two] {
      #expect(try street.digest(store) == street.digest(office.store))
    }
  }

  @Test("a new life hears anew of a log that waited, and is held to one that another log brings")
  func shownAgain() throws {
    let street = try Street()
    let (one, staff) = try street.office(code: "ONE")
    let (two, _) = try street.office(code: "TWO")
    for office in [one, two] { try street.sync(office) }
    street.now += 70 * Self.year
    let sale = try sell(at: two, by: staff[0], street)
    try street.sync(two)
    let (ahead, former) = (street.now, street.hub.store)
    street.now -= 70 * Self.year
    // The second office alone hears of a second life, whose log brings the first one's.
    try HubClock.confirm(street.now, in: former)
    try street.recoverHub(from: former)
    try street.meet(two)
    try street.wipeHub()
    try street.meet(one)
    try street.succeed(by: staff)
    #expect(throws: OfficeError.self) { try street.meet(two) }
    #expect(try lead(over: street.now, of: street.hub.store) == nil)
    let store = try street.copyOfHub()
    try street.recoverHub(from: store)
    #expect(try lead(over: street.now, of: store) == nil)
    for _ in 0..<2 { #expect(throws: OfficeError.self) { try street.meet(two) } }
    #expect(try lead(over: street.now, of: store) == ahead)
    try HubClock.confirm(street.now, in: store)
    for office in [two, one, two] { try street.meet(office) }
    #expect(try outcome(of: sale, in: store) == .posted)
    #expect(try street.digest(store) == street.digest(two.store))
  }

  @Test("an end is kept where another log gave way to it first, and by a hub that began anew since")
  func shownAtSecondTry() throws {
    let street = try Street()
    let (one, staff) = try street.office(code: "ONE")
    let (two, _) = try street.office(code: "TWO")
    for office in [one, two] { try street.sync(office) }
    let (image, key) = (try street.copyOfHub(), street.key)
    street.now += 70 * Self.year
    _ = try sell(at: one, by: staff[0], street)
    try street.sync(one)
    let ahead = street.now
    street.now -= 70 * Self.year
    // The hub was set back once, and wrote another log for the second office.
    try street.start(image, key)
    _ = try sell(at: two, by: staff[0], street)
    try street.sync(two)
    try street.wipeHub()
    let (ask, asked) = try two.rollCallRequest(maxBytes: 64 << 10)
    _ = try two.take(street.send(asked), to: ask)
    var (part, message) = try two.rollCallRequest(maxBytes: 64 << 10)
    part.page?.hasMore = true
    message.body = part.encode(OpJSON(SchemaTable(Catalogue.schemas)))
    #expect(street.send(message).status == 200)
    let store = street.hub.store
    for _ in 0..<2 {
      #expect(throws: OfficeError.self) { try street.meet(one) }
      #expect(try lead(over: street.now, of: store) == ahead)
      try street.start(store, street.key)
    }
  }

  private func lead(over now: Int64, of store: Store) throws -> Int64? {
    try store.read { () throws(StoreError) in try HubClock.lead(over: now, of: store) }
  }

  private func sell(at office: OfficeCore, by actor: OpID, _ street: Street) throws -> OpID {
    let resident = try street.record("resident.register", ["name": "刘小娥"], at: office, by: actor)
    let activity = try street.record(
      "activity.publish",
      ["title": "扫雪", "category": "labour", "points": "9", "held_on": "2026-01-05"], at: office,
      by: actor)
    try street.record(
      "award.grant", ["activity": "\(activity)", "resident": "\(resident)"], at: office, by: actor)
    let item = try street.record(
      "item.define", ["name": "理发", "sort": "service", "points": "3"], at: office, by: actor)
    return try street.record(
      "redemption.record", ["resident": "\(resident)", "items": "\(item)*1"], at: office, by: actor)
  }

  private func outcome(of op: OpID, in store: Store) throws -> Outcome {
    try store.read { () throws(StoreError) in try store.verdict(of: op).outcome }
  }
}
