import Community
import Hub
import Office
import OpLog
import Peer
import SQLite
import Store
import Testing
import Wire

/// A hub that died and is rebuilt by its offices.
@Suite struct SuccessionTests {
  @Test(
    "a wiped hub has all back after its offices called, in pages of any size", arguments: [4, 64])
  func wiped(kibibytes: Int) throws {
    let scene = try ThreeOffices()
    let street = scene.street
    let before = try street.digest(street.hub.store)
    try street.wipeHub()
    #expect(try street.digest(street.hub.store) != before)
    for office in scene.offices + scene.offices {
      try street.meet(office, maxBytes: kibibytes << 10)
    }
    #expect(try street.digest(street.hub.store) == before)
    try street.succeed(by: scene.staff)
    try scene.meet()
    try scene.expectAgreement(before)
    #expect(try street.hub.store.body(Self.nameOfResident(scene)) != nil)
    #expect(try street.hub.store.tidiedName(of: scene.staff[0]) == "王敏")
    try scene.award(61)
    try scene.meet()
    try scene.expectAgreement()
    #expect(try scene.offices[0].store.listing(of: "residents").rows.first?[3] == "549")
  }

  /// The digest of the body that holds the resident's name.
  private static func nameOfResident(_ scene: ThreeOffices) throws -> Digest {
    try #require(try scene.offices[0].store.op(scene.resident).body)
  }

  @Test("an office that is enrolled by the new hub learns all from it")
  func freshOffice() throws {
    let scene = try ThreeOffices()
    let street = scene.street
    try street.wipeHub()
    try scene.meet()
    try street.succeed(by: scene.staff)
    // With the bodies the names come back, without which the hub appoints nobody by name.
    try scene.meet()
    let (fresh, staff) = try street.office(code: "FOUR")
    #expect(fresh.replica.incarnation == 2)
    try street.meet(fresh)
    try street.record(
      "award.grant",
      ["activity": "\(scene.activity)", "resident": "\(scene.resident)", "session": "99"],
      at: fresh, by: staff[0])
    try street.meet(fresh)
    try scene.meet()
    try street.meet(fresh)
    try scene.expectAgreement()
    #expect(try street.digest(fresh.store) == street.digest(street.hub.store))
    #expect(try fresh.store.listing(of: "residents").rows.first?[1] == "刘小娥")
  }

  @Test("a hub that comes back from a backup has what came after it from its offices")
  func backup() throws {
    let scene = try ThreeOffices()
    let street = scene.street
    let backup = try street.copyOfHub()
    for number in 61...90 { try scene.award(number) }
    for office in scene.offices + scene.offices { try street.sync(office) }
    let before = try street.digest(street.hub.store)
    try street.recoverHub(from: backup)
    // What was recorded while the hub was away comes too.
    try scene.meet()
    #expect(try street.digest(street.hub.store) == before)
    try street.succeed(by: scene.staff)
    try scene.meet()
    try scene.expectAgreement(before)
  }

  @Test("a hub that was rolled back unawares finds out from the first office that has seen more")
  func rolledBack() throws {
    let scene = try ThreeOffices()
    let street = scene.street
    let old = try street.copyOfHub()
    for number in 61...90 { try scene.award(number) }
    for office in scene.offices + scene.offices { try street.sync(office) }
    let before = try street.digest(street.hub.store)
    try street.start(old, street.key)
    #expect(street.key.incarnation.number == 1)
    try scene.meet()
    #expect(street.key.incarnation.number == 2)
    #expect(try street.hub.store.isRollCallOpen)
    #expect(try street.digest(street.hub.store) == before)
    try street.succeed(by: scene.staff)
    try scene.meet()
    try scene.expectAgreement(before)
  }

  @Test("a hub decides nothing while its roll-call is open, and says so")
  func decidesNothing() throws {
    let scene = try ThreeOffices()
    let street = scene.street
    try street.wipeHub()
    #expect(throws: SuccessionRefusal.nobodyCalled) { try street.succeed(by: scene.staff) }
    try street.meet(scene.offices[0])
    #expect(throws: RetireRefusal.store(.rollCall)) {
      _ = try HubAdmin.retire(
        Retirement(
          replica: scene.offices[0].replica, successor: scene.offices[1].replica,
          approvers: scene.staff, reason: 0), in: street.hub.store, now: street.now)
    }
    #expect(throws: StaffRefusal.store(.rollCall)) { _ = try street.office(code: "FOUR") }
    let name = try #require(try scene.offices[0].store.op(scene.resident).body)
    let errand = try #require(
      try scene.offices[0].bodyErrands().first { $0.digest == name && $0.isUpload })
    #expect(try Problem(decoding: street.send(errand.request).body).kind == .rollCall)
    let rollCall = try #require(try HubAdmin.rollCall(of: street.hub.store))
    #expect(rollCall.callers == [scene.offices[0].replica])
    #expect(rollCall.away == scene.offices.dropFirst().map(\.replica))
    for one in [[scene.staff[0], scene.staff[0]], [scene.staff[0]]] {
      #expect(throws: SuccessionRefusal.approvers(.onePerson)) { try street.succeed(by: one) }
    }
    try street.succeed(by: scene.staff)
    #expect(throws: SuccessionRefusal.notOpen) { try street.succeed(by: scene.staff) }
  }

  @Test("what a former hub decided and nobody showed in the roll-call comes too late to count")
  func lateDecision() throws {
    let scene = try ThreeOffices()
    let street = scene.street
    let month = try #require(BusinessDate(year: 2025, month: 12, day: 1))
    let community = scene.offices[0].community
    let close = try HubAdmin.close(month, of: community, in: street.hub.store, now: street.now)
    // Only the third office hears of it, and is away while the hub is rebuilt.
    try street.sync(scene.offices[2])
    #expect(try scene.offices[2].store.month(month, of: community).close == close)
    try street.wipeHub()
    for office in scene.offices[..<2] { try street.meet(office) }
    try street.succeed(by: scene.staff)
    for office in scene.offices[..<2] { try street.meet(office) }
    try scene.meet()
    for store in [street.hub.store] + scene.offices.map(\.store) {
      #expect(try store.month(month, of: community).close == nil)
      #expect(try store.verdict(of: close) == Verdict(.void, [.late]))
    }
    try scene.expectAgreement()
    let again = try HubAdmin.close(month, of: community, in: street.hub.store, now: street.now)
    #expect(again.replica == street.hub.store.identity.replica)
  }

  @Test("two appointments of one person do not end a roll-call")
  func onePerson() throws {
    let scene = try ThreeOffices()
    let street = scene.street
    let (_, elsewhere) = try street.office(community: "白虎街", code: "FOUR")
    let community = try #require(try street.hub.store.community(named: "白虎街"))
    let again = NewStaff(
      roles: [.approver], body: try #require(Body(salt: street.random(16), content: "{}")),
      identity: .renamed(scene.staff[0]))
    let second = try HubAdmin.appoint(
      again, to: community, in: street.hub.store, now: street.now)
    try scene.meet()
    try street.wipeHub()
    try scene.meet()
    #expect(throws: SuccessionRefusal.approvers(.onePerson)) {
      try street.succeed(by: [scene.staff[0], second])
    }
    try street.succeed(by: [second, elsewhere[1]])
  }

  @Test("a street with one approver appoints another in the roll-call, and every desk shows it")
  func appointed() throws {
    let scene = try ThreeOffices()
    let street = scene.street
    for staff in scene.staff.dropFirst() {
      _ = try HubAdmin.end(
        staff, on: BusinessDate(stamp: street.now).adding(days: -1), isSure: true,
        in: street.hub.store, now: street.now)
    }
    try scene.meet()
    try street.wipeHub()
    let newcomer = NewStaff(
      roles: [.approver], body: try #require(Body(salt: street.random(16), content: "{}")))
    func refusal(_ person: NewStaff) -> StaffRefusal? {
      do throws(StaffRefusal) {
        _ = try HubAdmin.appoint(
          person, to: scene.offices[0].community, in: street.hub.store, now: street.now)
        return nil
      } catch { return error }
    }
    #expect(refusal(newcomer) == .nobodyCalled)
    func second(_ identity: NewStaff.Identity) throws -> OpID {
      try HubAdmin.appoint(
        NewStaff(roles: [.approver], body: newcomer.body, identity: identity),
        to: scene.offices[0].community, isSure: true, in: street.hub.store, now: street.now)
    }
    try scene.meet()
    let today = BusinessDate(stamp: street.now)
    #expect(try HubAdmin.approvers(on: today, in: street.hub.store) == [scene.staff[0]])
    #expect(throws: SuccessionRefusal.approvers(.appointmentEnded(scene.staff[1]))) {
      try street.succeed(by: [scene.staff[0], scene.staff[1]])
    }
    #expect(refusal(newcomer) == .rollCallIsOpen(standing: [scene.staff[0]]))
    #expect(
      refusal(NewStaff(roles: [.clerk, .approver], body: newcomer.body)) == .onlyApprover)
    // The one who stands may be the one who is to be appointed: the hub has no names.
    #expect(throws: StaffRefusal.namesMissing([scene.staff[0]])) { try second(.byName) }
    let twin = try second(.sameAs(scene.staff[0]))
    #expect(throws: SuccessionRefusal.approvers(.onePerson)) {
      try street.succeed(by: [scene.staff[0], twin])
    }
    let second = try second(.somebodyElse)
    let end = try street.succeed(by: [scene.staff[0], second])
    // An invitation asks no less than an appointment: until the offices bring the names nobody is
    // appointed by a name alone.
    let invited = OfficeInvitation(
      community: "新街", label: "站", staff: [newcomer], policy: [:])
    #expect(throws: StaffRefusal.namesMissing([scene.staff[0]])) {
      try HubAdmin.invite(
        invited, codeHash: SHA256.hash([7]), to: street.hub.store, now: street.now)
    }
    try scene.meet()
    for store in [street.hub.store] + scene.offices.map(\.store) {
      #expect(try store.verdict(of: end) == .plain)
      #expect(try store.verdict(of: second) == Verdict(.posted, [.appointedInRollCall]))
    }
    try scene.expectAgreement()
  }

  @Test("an office can be shut out while the roll-call is open")
  func revoked() throws {
    let scene = try ThreeOffices()
    let street = scene.street
    try street.wipeHub()
    try street.meet(scene.offices[0])
    let thief = scene.offices[1]
    #expect(
      try HubAdmin.revoke(thief.replica, reason: 0, in: street.hub.store, now: street.now))
    #expect(throws: OfficeError.self) { try street.meet(thief) }
    #expect(try HubAdmin.rollCall(of: street.hub.store)?.callers == [scene.offices[0].replica])
  }

  @Test("who was erased stays erased, although the decision came too late for the roll-call")
  func lateErasure() throws {
    let scene = try ThreeOffices()
    let street = scene.street
    let two = try ["赵强", "孙丽"].map { name in
      try HubAdmin.appoint(
        NewStaff(
          roles: [.approver],
          body: try #require(Body(salt: street.random(16), content: #"{"name":"\#(name)"}"#))),
        to: scene.offices[0].community, in: street.hub.store, now: street.now)
    }
    let request = try street.record(
      "resident.erase", ["resident": "\(scene.resident)", "basis": "own_wish"],
      at: scene.offices[0], by: scene.staff[1])
    let name = try Self.nameOfResident(scene)
    try street.sync(scene.offices[0])
    let backup = try street.copyOfHub()
    _ = try HubAdmin.decide(
      request, isApproved: true, by: two, in: street.hub.store, now: street.now)
    try street.sync(scene.offices[0])
    try street.recoverHub(from: backup)
    #expect(try street.hub.store.body(name) != nil)
    for office in scene.offices[1...] { try street.meet(office) }
    try street.succeed(by: scene.staff)
    try scene.meet()
    #expect(try street.hub.store.body(name) == nil)
    #expect(try street.hub.store.isErased(name))
    try scene.expectAgreement()
  }

  @Test("a life that could not begin is the one that begins later, and has its number alone")
  func begunLater() throws {
    let scene = try ThreeOffices()
    let street = scene.street
    let (old, key) = (try street.copyOfHub(), street.key)
    for number in 61...64 { try scene.award(number) }
    try scene.meet()
    try street.start(old, key)
    old.connection.onCommit = { false }
    #expect(throws: OfficeError.self) { try street.meet(scene.offices[0]) }
    let kept = street.key
    #expect(kept.incarnation.number == 2)
    old.connection.onCommit = nil
    try scene.meet()
    #expect(street.key == kept)
    #expect(try street.hub.store.newestIncarnation == kept.incarnation)
  }

  @Test("the second hub dies too, and the third has all from those that followed it")
  func twice() throws {
    let scene = try ThreeOffices()
    let street = scene.street
    try street.wipeHub()
    try scene.meet()
    try street.succeed(by: scene.staff)
    try scene.meet()
    let (fresh, _) = try street.office(code: "FOUR")
    try street.meet(fresh)
    for number in 61...70 { try scene.award(number) }
    try scene.meet()
    try street.meet(fresh)
    let before = try street.digest(street.hub.store)
    try street.wipeHub()
    // The new office alone holds all that the second hub held, the first hub's log with it.
    try street.meet(fresh)
    #expect(try street.digest(street.hub.store) == before)
    try street.succeed(by: scene.staff)
    try scene.meet()
    try street.meet(fresh)
    try scene.expectAgreement(before)
  }

  @Test("a life that nobody pulled from does not keep offices from rebuilding the hub")
  func nobodyPulled() throws {
    let scene = try ThreeOffices()
    let street = scene.street
    let before = try street.digest(street.hub.store)
    try street.wipeHub()
    // Every office hears of the second life, and of nothing that it wrote behind its first op.
    for office in scene.offices { try callOnce(office, of: street) }
    #expect(try scene.offices[0].store.sealedHeads().map(\.head.seq).last == 1)
    try street.wipeHub()
    try scene.meet()
    #expect(try street.digest(street.hub.store) == before)
    try street.succeed(by: scene.staff)
    try scene.meet()
    try scene.expectAgreement(before)
  }

  private func callOnce(_ office: OfficeCore, of street: Street) throws {
    let (request, message) = try office.rollCallRequest(maxBytes: 4 << 10)
    _ = try office.take(street.send(message), to: request)
  }

  @Test("an office never goes back to an earlier life of the hub")
  func neverBack() throws {
    let scene = try ThreeOffices()
    let street = scene.street
    let (key, store) = (street.key, try street.copyOfHub())
    try street.wipeHub()
    try scene.meet()
    try street.start(store, key, canRenew: false)
    #expect(throws: OfficeError.self) { try street.meet(scene.offices[0]) }
    #expect(try scene.offices[0].store.newestIncarnation.number == 2)
  }
}
