import Community
import Hub
import Office
import OpLog
import Store
import Testing
import Wire

/// An office's database is copied, or an old copy is put back.
@Suite struct CopiedTests {
  @Test("both copies spend one balance; the later one rejoins, and nothing is missing")
  func copied() throws {
    let street = try Street()
    let first = try CopiedOffice(street)
    let second = try first.copy()
    let sale = try first.spend()
    try first.register("赵强")
    try street.sync(first.office)

    let newcomer = try second.register("王芳", key: "4097.AAAAAAAAAAAAAAAA")
    let award = try second.award(newcomer)
    let again = try second.spend()
    try second.expectFenced(.copied)
    #expect(try second.office.rejoinPlan().ops.map(\.id) == [newcomer, award, again])

    let joined = try second.rejoin(code: "TWO")
    #expect(throws: OfficeError.self) { try joined.register("钱多") }
    // Under which id that form was recorded is open now.
    do throws(OfficeError) {
      _ = try joined.office.record(
        RecordRequest(
          kind: "resident.register", fields: ["name": "王芳"], actor: first.staff[0].description,
          occurredOn: "2026-01-05", key: "4097.AAAAAAAAAAAAAAAA"),
        now: street.now, random: street.random)
      Issue.record("a PC that rejoins answered")
    } catch {
      guard case .stopped(.rejoining) = error else { throw error }
    }
    try street.sync(joined.office)
    try street.sync(first.office)
    let ids = try [newcomer, award, again].map { id in
      try #require(try joined.office.store.recordedAgain(id))
    }
    for store in [street.hub.store, first.office.store, joined.office.store] {
      #expect(try store.verdict(of: sale) == .plain)
      #expect(try store.verdict(of: ids[0]) == .plain)
      #expect(try store.verdict(of: ids[1]) == .plain)
      #expect(try store.verdict(of: ids[2]) == Verdict(.posted, [.debitWithoutStanding]))
      for id in ids {
        #expect(try store.isOnDesk(DeskEntry(.recordedAgain, subject: id.packed)))
      }
      // The loss is what the copied home held.
      #expect(try store.row(Tables.account, id: first.resident.packed)?[1] == .integer(-9))
      #expect(try store.row(Tables.account, id: ids[0].packed)?[1] == .integer(9))
      let name = try #require(try store.op(ids[0]).body)
      if store !== first.office.store { #expect(try store.body(name) != nil) }
      #expect(try street.digest(store) == street.digest(street.hub.store))
      let before = try store.tablesDigest()
      try store.rebuild()
      #expect(try store.tablesDigest() == before)
      #expect(try store.verify().findings.isEmpty)
    }
    // The form that was sent before the copy was found is answered with the record of now.
    let repeated = try joined.office.record(
      RecordRequest(
        kind: "resident.register", fields: ["name": "王芳"], actor: first.staff[0].description,
        occurredOn: "2026-01-05", key: "4097.AAAAAAAAAAAAAAAA"),
      now: street.now, random: street.random)
    #expect(repeated.isRepeat && repeated.op == ids[0])
    try joined.register("钱多")
    try street.sync(joined.office)
  }

  @Test("both copies sync after they parted: the loss is what the later of these syncs showed")
  func syncedSince() throws {
    let street = try Street()
    let first = try CopiedOffice(street)
    let second = try first.copy()
    // Another office awards the resident 9 points more, and nobody knows yet that there are two copies.
    let (other, staff) = try street.office(code: "TRE")
    try street.sync(other)
    let activity = try street.record(
      "activity.publish",
      ["title": "浇花", "category": "labour", "points": "9", "held_on": "2026-01-05"], at: other,
      by: staff[0])
    try street.record(
      "award.grant", ["activity": "\(activity)", "resident": "\(first.resident)"], at: other,
      by: staff[0])
    let mending = try street.record(
      "item.define", ["name": "补鞋", "sort": "service", "points": "9"], at: other, by: staff[0])
    for office in [other, first.office, second.office] { try street.sync(office) }

    // Each spends 18 points: a person may have one thing of a kind in a month.
    for copy in [first, second] {
      street.now += 1_000
      _ = (try copy.spend(), try copy.spend(on: mending))
    }
    try street.sync(first.office)
    try second.expectFenced(.copied)
    let joined = try second.rejoin(code: "TWO").office
    for office in [joined, first.office, other] { try street.sync(office) }
    for store in [street.hub.store, first.office.store, joined.store, other.store] {
      // Not the 9 points that the home held when it was copied.
      #expect(try store.row(Tables.account, id: first.resident.packed)?[1] == .integer(-18))
      #expect(try street.digest(store) == street.digest(street.hub.store))
    }
  }

  @Test("what the hub says of the former id, and comes late, does not end a rejoining")
  func lateRefusal() throws {
    let street = try Street()
    let copy = try CopiedOffice.overtaken(street).copy
    let newcomer = try copy.register("王芳")
    try copy.expectFenced(.copied)
    let joined = try copy.rejoin(code: "TWO").office
    // A second process that asked under the former id hears of it now.
    try copy.office.note(.problem(Problem(.fork, detail: "another op is held here")))
    try copy.office.note(.problem(Problem(.retired, detail: "another took its place")))
    #expect(try joined.stop == .rejoining)
    try street.sync(joined)
    #expect(try joined.store.recordedAgain(newcomer) != nil)
    #expect(try joined.stop == nil)
  }

  @Test("an old copy that is put back goes on where the hub's log ends")
  func oldCopy() throws {
    let street = try Street()
    let lost = try CopiedOffice(street)
    let old = try lost.copy()
    let sale = try lost.spend()
    try street.sync(lost.office)
    try old.expectFenced(.old)

    let joined = try old.rejoin(code: "TWO")
    try street.sync(joined.office)
    #expect(try joined.office.stop == nil)
    #expect(try joined.office.store.verdict(of: sale) == .plain)
    #expect(try joined.office.store.recordedAgainCount() == 0)
    #expect(try street.digest(joined.office.store) == street.digest(street.hub.store))
  }

  @Test(
    "an old copy that the hub took for the PC is found out by a bundle that was under way",
    arguments: [false, true])
  func bundleUnderWay(hasRecorded: Bool) throws {
    let street = try Street()
    let lost = try CopiedOffice(street)
    let old = try lost.copy()
    let sale = try lost.spend()
    let bundle = try lost.office.exportBundle(messageBytes: 512 << 10, now: street.now)
    try street.sync(old.office)
    #expect(try old.office.stop == nil)
    let newcomer = hasRecorded ? try old.register("王芳") : nil
    #expect(try street.carry(bundle.bytes).ops == 1)
    try old.expectFenced(hasRecorded ? .copied : .old)

    let joined = try old.rejoin(code: "TWO")
    try street.sync(joined.office)
    #expect(try joined.office.store.verdict(of: sale) == .plain)
    if let newcomer {
      let again = try #require(try joined.office.store.recordedAgain(newcomer))
      #expect(try street.hub.store.verdict(of: again) == .plain)
    }
    #expect(try street.digest(joined.office.store) == street.digest(street.hub.store))
  }

  /// When the hub lost all but its key, seen from a copied PC.
  enum NewLife: CaseIterable {
    /// Before the PC asked for its new id; the roll-call has ended.
    case beforeEnrolment
    /// After that, and before anybody heard of the new id.
    case afterEnrolment
    /// The same, and the copied PC is the first to call.
    case afterEnrolmentCalledFirst
    /// After the exchange that recorded again, and before the one that would have pushed it.
    case afterRecordingAgain
  }

  @Test("a copy rejoins although the hub begins a new life meanwhile", arguments: NewLife.allCases)
  func newLife(moment: NewLife) throws {
    let street = try Street()
    let first = try CopiedOffice(street)
    let second = try first.copy()
    try first.register("赵强")
    try street.sync(first.office)
    let newcomer = try second.register("王芳")
    let award = try second.award(newcomer)
    try second.expectFenced(.copied)

    var joined: CopiedOffice
    if moment == .beforeEnrolment {
      try street.wipeHub()
      try street.meet(first.office)
      try street.succeed(by: first.staff)
      joined = try second.rejoin(code: "TWO")
    } else {
      joined = try second.rejoin(code: "TWO")
      if moment == .afterRecordingAgain { try joined.exchange() }
      try street.wipeHub()
      let offices = [first.office, joined.office]
      for office in moment == .afterEnrolmentCalledFirst ? offices.reversed() : offices {
        try street.meet(office)
      }
      try street.succeed(by: first.staff)
      // An id of which nobody heard is lost with the hub: the PC waits, and asks for another.
      let isForgotten = moment != .afterRecordingAgain
      if isForgotten {
        #expect(throws: OfficeError.self) { try street.meet(joined.office) }
      } else {
        try street.meet(joined.office)
      }
      #expect(try joined.office.isForgotten == isForgotten)
      #expect(try joined.office.stop == (isForgotten ? .rejoining : nil))
      if isForgotten { joined = try joined.rejoin(code: "TRE") }
    }
    for office in [joined.office, first.office, joined.office] { try street.meet(office) }

    #expect(try joined.office.stop == nil)
    let ids = try [newcomer, award].map { id in
      try #require(try joined.office.store.recordedAgain(id))
    }
    for store in [street.hub.store, first.office.store, joined.office.store] {
      #expect(try ids.map { try store.verdict(of: $0) } == [.plain, .plain])
      #expect(try store.row(Tables.account, id: ids[0].packed)?[1] == .integer(9))
      #expect(try store.row(Tables.account, id: first.resident.packed)?[1] == .integer(9))
      #expect(try store.rows(of: Tables.resident).count == 3)
      #expect(try street.digest(store) == street.digest(street.hub.store))
      #expect(try store.verify().findings.isEmpty)
    }
    try joined.register("钱多")
    try street.meet(joined.office)
  }

  @Test("a code of another community changes nothing, and an office in order need not rejoin")
  func refusals() throws {
    let street = try Street()
    let office = try CopiedOffice(street)
    #expect(throws: OfficeError.self) { try office.office.rejoinPlan() }
    let copy = try office.copy()
    try office.register("赵强")
    try copy.register("王芳")
    try street.sync(office.office)
    try copy.expectFenced(.copied)
    let head = try copy.office.store.storedHead(of: copy.office.replica)
    let reply = try street.enrolment(community: "塔山", code: "TRE")
    #expect(throws: OfficeError.self) {
      try copy.office.begin(as: reply, hubAddress: "http://hub")
    }
    #expect(try copy.office.store.storedHead(of: copy.office.replica) == head)
    #expect(try copy.office.stop == .copied)
  }
}
