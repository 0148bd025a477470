import Community
import Hub
import Office
import OpLog
import Store
import Testing
import Wire

/// An office whose enrolment was lost with a former hub, how it is enrolled again, and what that cannot
/// mend.
@Suite struct ForgottenOfficeTests {
  /// An office of whose enrolment only the hub knows: it began on the working set, and recorded somebody.
  private static func newcomer(of scene: ThreeOffices) throws -> (OfficeCore, person: OpID) {
    let newcomer = try scene.street.furtherOffice(code: "NEW")
    #expect(try scene.street.begin(newcomer))
    let person = try scene.street.record(
      "resident.register", ["name": "王芳"], at: newcomer, by: scene.staff[0])
    return (newcomer, person)
  }

  @Test("an office whose enrolment only a dead hub had is enrolled again; what it recorded counts")
  func forgotten() throws {
    let scene = try ThreeOffices()
    let street = scene.street
    let (newcomer, person) = try Self.newcomer(of: scene)
    try street.wipeHub()
    try street.meet(newcomer)
    #expect(try newcomer.isEnrolmentLost)
    #expect(throws: EnrolAgainRefusal.store(.rollCall)) { try street.enrolAgain(newcomer) }
    try scene.meet()
    try street.succeed(by: scene.staff)
    try scene.meet()
    for store in [street.hub.store] + scene.offices.map(\.store) {
      #expect(try store.verdict(of: person).outcome == .pending)
    }
    #expect(throws: OfficeError.self) { try street.meet(newcomer) }

    let community = scene.offices[0].community
    do {
      try street.enrolAgain(newcomer.replica, isSure: false)
      Issue.record("nobody was sure")
    } catch EnrolAgainRefusal.notConfirmed(let plan) {
      #expect(plan.community == community && plan.name == "青龙街" && plan.records == 1)
    }
    #expect(try street.enrolAgain(newcomer) == community)
    #expect(throws: EnrolAgainRefusal.enrolled(newcomer.replica)) {
      try street.enrolAgain(newcomer)
    }
    try street.meet(newcomer)
    try scene.meet()
    #expect(try !newcomer.isEnrolmentLost)
    for store in [street.hub.store, newcomer.store] + scene.offices.map(\.store) {
      #expect(try store.verdict(of: person) == .plain)
    }
    try street.record("resident.register", ["name": "王强"], at: newcomer, by: scene.staff[0])
    try street.meet(newcomer)
    try scene.meet()
    try scene.expectAgreement()
    #expect(try street.digest(newcomer.store) == street.digest(street.hub.store))
  }

  @Test("what an office whose enrolment is lost brings behind the roll-call is taken, and waits")
  func forgottenLate() throws {
    let scene = try ThreeOffices()
    let street = scene.street
    let (newcomer, person) = try Self.newcomer(of: scene)
    try street.wipeHub()
    try scene.meet()
    try street.succeed(by: scene.staff)
    do {
      try street.meet(newcomer)
      Issue.record("the hub answers an office that is not enrolled")
    } catch OfficeError.problem(let problem) { #expect(problem.kind == .unauthorized) }
    #expect(try street.hub.store.verdict(of: person).outcome == .pending)
    try street.enrolAgain(newcomer)
    try street.meet(newcomer)
    try scene.meet()
    #expect(try street.hub.store.verdict(of: person) == .plain)
    #expect(try street.digest(newcomer.store) == street.digest(street.hub.store))
    try scene.expectAgreement()
  }

  @Test("an office is enrolled again only by a former hub's number, and where its staff is")
  func enrolledAgain() throws {
    let scene = try ThreeOffices()
    let street = scene.street
    _ = try street.office(community: "白虎街", code: "FOUR")
    try scene.meet()
    let (newcomer, _) = try Self.newcomer(of: scene)
    let idle = try street.furtherOffice(code: "SIX")
    try street.wipeHub()
    try street.meet(newcomer)
    try scene.meet()
    try street.succeed(by: scene.staff)

    for number in [4096, 8193, 12_289] as [UInt32] {
      let id = try #require(ReplicaID(rawValue: number))
      #expect(throws: EnrolAgainRefusal.unknown(id)) { try street.enrolAgain(id) }
    }
    let own = scene.offices[0].community
    let other = try #require(try street.hub.store.community(named: "白虎街"))
    #expect(throws: EnrolAgainRefusal.otherCommunity(own, name: "青龙街")) {
      try street.enrolAgain(newcomer.replica, in: other)
    }
    #expect(throws: EnrolAgainRefusal.communityUnknown(idle.replica)) {
      try street.enrolAgain(idle)
    }
    let waiting = try street.hub.store.unenrolledOffices()
    #expect(waiting.map(\.replica) == [newcomer.replica])
    #expect(waiting.map(\.records) == [1])
    #expect(try street.hub.store.communitiesAtWork(at: newcomer.replica) == [own])
    #expect(try street.enrolAgain(idle.replica, in: own) == own)
    try street.meet(idle)
    #expect(try street.digest(idle.store) == street.digest(street.hub.store))
  }

  @Test("of an office whose enrolment is lost one request is taken behind the roll-call")
  func oneRequest() throws {
    let scene = try ThreeOffices()
    let street = scene.street
    let (newcomer, _) = try Self.newcomer(of: scene)
    for number in 1...80 {
      try street.record(
        "resident.register", ["name": "王\(number)"], at: newcomer, by: scene.staff[0])
    }
    try street.wipeHub()
    try scene.meet()
    try street.succeed(by: scene.staff)
    let store = street.hub.store
    #expect(try push(newcomer, to: street) == .unauthorized)
    let taken = try store.storedHead(of: newcomer.replica).seq
    #expect((1..<81).contains(taken))
    let written = try store.storedHead(of: store.identity.replica)
    // No answer told it so; a program that is not ours goes on all the same.
    try newcomer.store.write { () throws(StoreError) in
      try newcomer.store.set(.hubHas, Int64(taken))
    }
    for _ in 1...3 { #expect(try push(newcomer, to: street) == .unauthorized) }
    #expect(try store.storedHead(of: newcomer.replica).seq == taken)
    #expect(try store.storedHead(of: store.identity.replica) == written)

    #expect(try store.unenrolledOffices().map(\.records) == [taken])
    #expect(try newcomer.isEnrolmentLost)
    try street.enrolAgain(newcomer)
    try street.meet(newcomer)
    #expect(try !newcomer.isEnrolmentLost)
    try scene.meet()
    #expect(try store.storedHead(of: newcomer.replica).seq == 81)
    #expect(try street.digest(newcomer.store) == street.digest(store))
    try scene.expectAgreement()
  }

  /// What a sync in small chunks is refused with.
  private func push(_ office: OfficeCore, to street: Street) throws -> ProblemKind? {
    do {
      try street.meet(office, maxBytes: 4 << 10)
      return nil
    } catch OfficeError.problem(let problem) {
      try office.note(.problem(problem))
      return problem.kind
    }
  }

  @Test("a month that is closed while a forgotten office's records wait does not count them in")
  func closed() throws {
    let scene = try ThreeOffices()
    let street = scene.street
    let (newcomer, _) = try Self.newcomer(of: scene)
    try street.wipeHub()
    try street.meet(newcomer)
    try scene.meet()
    try street.succeed(by: scene.staff)
    let (store, community) = (street.hub.store, scene.offices[0].community)
    #expect(try store.foldedHead(of: newcomer.replica).seq == 1)
    let month = try #require(BusinessDate(year: 2025, month: 12, day: 1))
    _ = try HubAdmin.close(month, of: community, in: store, now: street.now)
    try street.enrolAgain(newcomer)
    let basis = try store.basis(ofMonth: month, of: community)
    #expect(basis[scene.offices[0].replica] != nil)
    #expect(basis[newcomer.replica] == nil)
  }

  @Test("records about another hub's log do not say of which community an office is")
  func otherNames() throws {
    let scene = try ThreeOffices()
    let street = scene.street
    let (newcomer, _) = try Self.newcomer(of: scene)
    let head = try newcomer.store.storedHead(of: newcomer.replica)
    let op = try newcomer.store.op(try #require(OpID(head.replica, 1)))
    var fields = op.fields
    fields.names = op.names.map { $0 &+ 1 }
    try street.wipeHub()
    try street.meet(newcomer)
    try scene.meet()
    try street.succeed(by: scene.staff)
    let store = street.hub.store
    #expect(try store.communitiesAtWork(at: newcomer.replica) == [newcomer.community])
    let foreign = try #require(ReplicaID(rawValue: newcomer.replica.rawValue + 1))
    fields.id = try #require(OpID(foreign, 1))
    let stranger = try Op(fields)
    try store.write { () throws(StoreError) in
      try store.take([stranger])
    }
    #expect(try store.communitiesAtWork(at: foreign).isEmpty)
  }

  @Test("an office whose enrolment is lost is not revoked or retired: it is out")
  func notEnrolled() throws {
    let scene = try ThreeOffices()
    let street = scene.street
    let (newcomer, _) = try Self.newcomer(of: scene)
    try street.wipeHub()
    try scene.meet()
    try street.succeed(by: scene.staff)
    let (lost, kept) = (newcomer.replica, scene.offices[0].replica)
    for (replica, successor) in [(lost, kept), (kept, lost)] {
      #expect(throws: RetireRefusal.notEnrolled(lost)) {
        _ = try HubAdmin.retire(
          Retirement(replica: replica, successor: successor, approvers: scene.staff, reason: 0),
          in: street.hub.store, now: street.now)
      }
    }
    #expect(try !HubAdmin.revoke(lost, reason: 0, in: street.hub.store, now: street.now))
    #expect(try street.hub.store.isForgotten(lost))
    try street.enrolAgain(newcomer.replica, in: newcomer.community)
    #expect(try !street.hub.store.isForgotten(lost))
    #expect(try HubAdmin.revoke(lost, reason: 0, in: street.hub.store, now: street.now))
  }

  @Test("an office that is enrolled again into another community than its own records nothing")
  func elsewhere() throws {
    let scene = try ThreeOffices()
    let street = scene.street
    _ = try street.office(community: "白虎街", code: "FOUR")
    try scene.meet()
    let (newcomer, person) = try Self.newcomer(of: scene)
    try street.wipeHub()
    try scene.meet()
    try street.succeed(by: scene.staff)
    let other = try #require(try street.hub.store.community(named: "白虎街"))
    try street.enrolAgain(newcomer.replica, in: other)
    try street.meet(newcomer)
    #expect(try newcomer.otherCommunity == other)
    #expect(try scene.offices[0].otherCommunity == nil)
    #expect(
      try newcomer.store.verdict(of: person) == Verdict(.pending, [.actorNotEntitled]))
    do {
      try street.record("resident.register", ["name": "孙明"], at: newcomer, by: scene.staff[0])
      Issue.record("it records what does not count")
    } catch OfficeError.otherCommunity(let place) { #expect(place == other) }
  }

  @Test("of the first office of a new community the community is lost too")
  func newCommunity() throws {
    let scene = try ThreeOffices()
    let street = scene.street
    let (first, staff) = try street.office(community: "朱雀街", code: "FOUR")
    #expect(try street.begin(first))
    let person = try street.record(
      "resident.register", ["name": "王芳"], at: first, by: staff[0])
    try street.wipeHub()
    try scene.meet()
    try street.succeed(by: scene.staff)
    #expect(try push(first, to: street) == .unauthorized)
    #expect(throws: EnrolAgainRefusal.communityUnknown(first.replica)) {
      try street.enrolAgain(first)
    }
    // It has what it needs for its counter ahead of the history, and was told of nothing else.
    #expect(try !first.isForgotten && first.isEnrolmentLost)

    try scene.meet()
    let (anew, _) = try street.office(community: "朱雀街", code: "FIVE")
    #expect(anew.community != first.community)
    do {
      try street.enrolAgain(first.replica, in: anew.community, isSure: false)
      Issue.record("nobody was sure")
    } catch EnrolAgainRefusal.notConfirmed(let plan) {
      #expect(plan.records == 1 && !plan.isStaffKnown)
    }
    try street.enrolAgain(first.replica, in: anew.community)
    try street.meet(first)
    #expect(try first.otherCommunity == anew.community)
    #expect(try first.store.verdict(of: person).outcome == .pending)
  }
}
