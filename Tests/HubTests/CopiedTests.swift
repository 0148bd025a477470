import Community
import Foundation
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

  @Test("a file that only the copy has reaches the person's community under the new id")
  func foreignFile() throws {
    let street = try Street()
    let (home, _) = try street.office(community: "塔山", code: "HOME")
    let burnt = try CopiedOffice(street)
    let enrolment = try #require(try burnt.office.store.enrolment(of: home.replica)).op
    let person = try street.record(
      "resident.register", ["name": "赵强", "home": "\(enrolment)"], at: burnt.office,
      by: burnt.staff[0])
    let copy = try burnt.copy()
    _ = try burnt.spend()
    // The hub has the record and not the file when this PC burns.
    try burnt.exchange()
    try copy.expectFenced(.old)
    let joined = try copy.rejoin(code: "TWO").office
    try street.sync(joined)
    try street.sync(home)
    let digest = try #require(try home.store.op(person).body)
    #expect(try home.store.body(digest)?.content == #"{"name":"赵强"}"#)
    #expect(try joined.store.body(digest) == nil)
  }

  @Test("what the program cannot read is recorded again too, about the ops of now")
  func unreadable() throws {
    let street = try Street()
    let winner = try CopiedOffice(street)
    let copy = try winner.copy()
    _ = try winner.spend()
    try street.sync(winner.office)
    let newcomer = try copy.register("王芳")
    // A newer program wrote the one, a broken one the other.
    var payload = CBORWriter()
    payload.map(count: 1)
    payload.unsigned(200)
    payload.reference(newcomer)
    var unread: [OpID] = []
    for kind in [9_999, 22] as [KindNumber] {
      let head = try copy.office.store.storedHead(of: copy.office.replica)
      let id = try #require(OpID(head.replica, head.seq + 1))
      var fields = OpFields(
        id: id, stamp: street.now, kind: kind, occurredOn: BusinessDate(stamp: street.now),
        payload: payload.bytes)
      fields.names = Chain.names(of: [head.hash])
      let op = try Op(fields)
      try copy.office.store.write { () throws(StoreError) in try copy.office.store.take([op]) }
      unread.append(id)
    }
    try copy.expectFenced(.copied)
    let joined = try copy.rejoin(code: "TWO").office
    for office in [joined, winner.office, joined] { try street.sync(office) }
    let person = try #require(try joined.store.recordedAgain(newcomer))
    for id in unread {
      let again = try #require(try joined.store.recordedAgain(id))
      #expect(try street.hub.store.op(again).namedOps == [person])
      #expect(try street.hub.store.verdict(of: again).outcome == .pending)
    }
    #expect(try street.digest(joined.store) == street.digest(street.hub.store))
  }

  @Test("what has no room to be said again is on the desk, and stops nothing behind it")
  func tooLong() throws {
    let street = try Street()
    let winner = try CopiedOffice(street)
    let copy = try winner.copy()
    try winner.register("赵强")
    _ = try winner.spend()
    try street.sync(winner.office)
    // A newer program wrote it, as long as an op may be; then what follows from it.
    var payload: [UInt8] = []
    for length in (EnvelopeLimits.opBytesMax - 100)...EnvelopeLimits.opBytesMax {
      var writer = CBORWriter()
      writer.map(count: 1)
      writer.unsigned(1)
      writer.text(String(repeating: "a", count: length))
      var fields = OpFields(
        id: try #require(OpID(copy.office.replica, 9)), stamp: street.now, kind: 9_999,
        occurredOn: BusinessDate(stamp: street.now), payload: writer.bytes)
      fields.names = 0
      guard (try? Op(fields)) != nil else { break }
      payload = writer.bytes
    }
    let long = try copy.write(9_999, payload, naming: [])
    var naming = CBORWriter()
    naming.map(count: 1)
    naming.unsigned(1)
    naming.reference(long)
    let word = try copy.write(9_998, naming.bytes, naming: [long])
    let newcomer = try copy.register("王芳")
    try copy.expectFenced(.copied)
    let joined = try copy.rejoin(code: "TWO").office
    for office in [joined, winner.office, joined] { try street.sync(office) }
    #expect(try joined.stop == nil)
    let store = joined.store
    let refused = try store.read { () throws(StoreError) in try store.refusedFormerOps() }
    #expect(refused.map(\.op.id) == [long, word])
    #expect(refused.map(\.reason) == [.tooLong, .namesRefused])
    #expect(try !store.mustRecordAgain)
    #expect(try store.recordedAgain(word) == nil)
    let again = try #require(try store.recordedAgain(newcomer))
    #expect(try street.hub.store.verdict(of: again) == .plain)
    // It does not name what bears the number now.
    #expect(try street.hub.store.foldedHead(of: joined.replica).seq == again.seq)
    #expect(try store.write { () throws(StoreError) in try store.noteRefused(long) })
    #expect(try store.write { () throws(StoreError) in try !store.noteRefused(long) })
    #expect(
      try store.read { () throws(StoreError) in try store.refusedFormerOps() }.map(\.op.id) == [
        word
      ])
  }

  @Test("what waits for a record made again names it as it is now")
  func waiting() throws {
    let street = try Street()
    let winner = try CopiedOffice(street)
    let copy = try winner.copy()
    _ = try winner.spend()
    try street.sync(winner.office)
    // A newer program wrote the first, and said something of it.
    var unread = CBORWriter()
    unread.map(count: 0)
    let first = try copy.write(9_999, unread.bytes, naming: [])
    var word = CBORWriter()
    word.map(count: 3)
    word.unsigned(1)
    word.reference(first)
    word.unsigned(2)
    word.text("recorded-again")
    word.unsigned(3)
    word.unsigned(0)
    let second = try copy.write(65, word.bytes, naming: [first])
    try copy.expectFenced(.copied)
    let joined = try copy.rejoin(code: "TWO").office
    for office in [joined, winner.office, joined] { try street.sync(office) }
    let store = street.hub.store
    let again = try [first, second].map { try #require(try joined.store.recordedAgain($0)) }
    #expect(try store.op(again[1]).namedOps == [again[0]])
    let head = try store.head(of: again[0].replica, at: again[0].seq)
    #expect(try store.op(again[1]).names == Chain.names(of: [try #require(head).hash]))
    let reasons = try again.map { try store.verdict(of: $0).reasons }
    #expect(reasons == [[.unknownKind], [.waitingForOp]])
  }

  @Test("what the hub says of the former id, and comes late, does not end a rejoining")
  func lateRefusal() throws {
    let street = try Street()
    let winner = try CopiedOffice(street)
    let copy = try winner.copy()
    _ = try winner.spend()
    try street.sync(winner.office)
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

  @Test("of what two copies record again one record counts, and the other's names mean it")
  func twice() throws {
    let street = try Street()
    let winner = try CopiedOffice(street)
    let second = try winner.copy()
    let newcomer = try second.register("王芳")
    let third = try second.copy()
    let awards = [try second.award(newcomer), try third.award(newcomer, session: 2)]
    try winner.register("赵强")
    try street.sync(winner.office)
    try second.expectFenced(.copied)
    try third.expectFenced(.copied)

    // The one with the higher id comes first, so that another record counts later.
    let lower = try second.rejoin(code: "TWO")
    let higher = try third.rejoin(code: "TRE")
    try street.sync(higher.office)
    let surplus = try #require(try higher.office.store.recordedAgain(newcomer))
    #expect(try street.hub.store.verdict(of: surplus) == .plain)
    try street.sync(lower.office)
    let counting = try #require(try lower.office.store.recordedAgain(newcomer))
    try street.sync(higher.office)
    let again = try zip([lower, higher], awards).map { office, award in
      try #require(try office.office.store.recordedAgain(award))
    }
    for store in [street.hub.store, lower.office.store, higher.office.store] {
      #expect(try store.verdict(of: counting) == .plain)
      #expect(try store.verdict(of: surplus) == Verdict(.duplicate))
      #expect(try again.map { try store.verdict(of: $0) } == [.plain, .plain])
      #expect(try store.row(Tables.account, id: counting.packed)?[1] == .integer(18))
      #expect(try store.row(Tables.account, id: surplus.packed) == nil)
      #expect(try street.digest(store) == street.digest(street.hub.store))
      let before = try store.tablesDigest()
      try store.rebuild()
      #expect(try store.tablesDigest() == before)
    }
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
