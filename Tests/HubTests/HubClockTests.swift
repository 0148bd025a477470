import Community
import Hub
import Office
import OpLog
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
