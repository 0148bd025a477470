import Community
import Hub
import Office
import OpLog
import Peer
import Store
import Testing
import Wire

@Suite("A street that lost its master key") struct LostKeyTests {
  @Test("goes on with its hub's database once somebody typed a code at each office")
  func withDatabase() throws {
    let scene = try ThreeOffices()
    let street = scene.street
    let before = try street.digest(street.hub.store)
    try street.loseKey(keeping: street.hub.store)
    // Nothing that comes over the line makes an office believe a new key; it goes on recording.
    let secret = try scene.offices[0].store.setting(.secret)
    #expect(try refusal { try street.meet(scene.offices[0]) } == .unauthorized)
    #expect(try scene.offices[0].store.setting(.secret) == secret)
    #expect(try scene.offices[0].stop == nil)
    for number in 61...63 { try scene.award(number) }
    let offices = try street.renew(scene.offices)
    for office in offices { try street.meet(office) }
    #expect(try HubAdmin.adoption(of: street.hub.store) == nil)
    #expect(throws: AdoptRefusal.nothingShown) {
      _ = try HubAdmin.adopt(by: scene.staff, in: street.hub.store, now: street.now)
    }
    try street.succeed(by: scene.staff)
    for office in offices + offices { try street.meet(office) }
    try scene.expectAgreement()
    #expect(try street.digest(street.hub.store) != before)
    #expect(try offices.allSatisfy { try $0.store.number(.renewed) == nil })
    // Ids, homes, and accounts are what they were.
    #expect(offices.map(\.replica) == scene.offices.map(\.replica))
    try street.sync(offices[1])
    // The sheets of the new key bring it back whole.
    let shares = street.key.checkedShares(random: street.random).flatMap { line in
      line.split(separator: " ").map(String.init)
    }
    let joined = try HubKey(
      shares: shares, incarnation: street.key.incarnation, formers: street.key.formers,
      since: UInt32(try #require(try street.hub.store.number(.keySince))))
    #expect(joined == street.key)
    #expect(HubKey(text: street.key.text) == street.key)
    #expect(try street.key.fits(street.hub.store))
  }

  @Test("and its hub's database has all back that two offices show, once two persons adopt it")
  func withoutDatabase() throws {
    let scene = try ThreeOffices()
    let street = scene.street
    let before = try street.digest(street.hub.store)
    try street.loseKey()
    for number in 61...62 { try scene.award(number) }
    let first = try street.renew([scene.offices[0]])[0]
    try street.meet(first)
    let alone = try #require(try HubAdmin.adoption(of: street.hub.store))
    #expect(alone.head == nil)
    #expect(alone.beyond > 10)
    #expect(throws: AdoptRefusal.nothingShown) {
      _ = try HubAdmin.adopt(by: scene.staff, in: street.hub.store, now: street.now)
    }
    let others = try street.renew(Array(scene.offices[1...]))
    for office in others + [first] { try street.meet(office) }
    let adoption = try #require(try HubAdmin.adoption(of: street.hub.store))
    #expect(adoption.shownBy.count >= 2)
    #expect(adoption.others == [])

    // Two who may not sign adopt nothing, and all of it is taken back.
    let one = [scene.staff[0], scene.staff[0]]
    #expect(throws: AdoptRefusal.approvers(.onePerson)) {
      _ = try HubAdmin.adopt(by: one, in: street.hub.store, now: street.now)
    }
    #expect(try HubAdmin.adoption(of: street.hub.store) == adoption)
    let op = try HubAdmin.adopt(by: scene.staff, in: street.hub.store, now: street.now)
    let offices = [first] + others
    for office in offices + offices { try street.meet(office) }
    try street.succeed(by: scene.staff)
    for office in offices + offices { try street.meet(office) }
    try scene.expectAgreement()
    for store in [street.hub.store] + offices.map(\.store) {
      #expect(try store.verdict(of: op) == Verdict(.posted, [.adoptedLog]))
    }
    #expect(try street.digest(street.hub.store) != before)
    #expect(try first.store.listing(of: "residents").rows.first?[3] == "558")
    let (fresh, _) = try street.office(code: "FOUR")
    try street.meet(fresh)
    #expect(try street.digest(fresh.store) == street.digest(street.hub.store))
  }

  @Test("what only one office showed is lost, and that office gives it up")
  func shownByOne() throws {
    let scene = try ThreeOffices()
    let street = scene.street
    let month = try #require(BusinessDate(year: 2025, month: 12, day: 1))
    let community = scene.offices[0].community
    _ = try HubAdmin.close(month, of: community, in: street.hub.store, now: street.now)
    try street.sync(scene.offices[2])
    #expect(try scene.offices[2].store.month(month, of: community).close != nil)
    try street.loseKey()
    let offices = try street.renew(scene.offices)
    for office in offices + offices { try street.meet(office) }
    let adoption = try #require(try HubAdmin.adoption(of: street.hub.store))
    #expect(adoption.beyond > 0)
    _ = try HubAdmin.adopt(by: scene.staff, in: street.hub.store, now: street.now)
    for office in offices { try street.meet(office) }
    try street.succeed(by: scene.staff)
    for office in offices + offices { try street.meet(office) }
    try scene.expectAgreement()
    #expect(try offices[2].store.month(month, of: community).close == nil)
    #expect(try street.hub.store.branchedOffices() == [])
  }

  @Test(
    "one dishonest office brings no other log in, before honest ones call or after",
    arguments: [0, 1, 2])
  func dishonest(place: Int) throws {
    let scene = try ThreeOffices()
    let street = scene.street
    let (old, key) = (try street.copyOfHub(), street.key)
    for number in 61...70 { try scene.award(number) }
    for office in scene.offices[..<2] { try street.sync(office) }
    for office in scene.offices[..<2] { try street.sync(office) }
    // The third has a log of its own making: by the lost key, so that each seal in it was right.
    try street.start(old, key, canRenew: false)
    try HubAdmin.setApart(20, in: old, now: street.now)
    try street.sync(scene.offices[2])
    try street.loseKey()
    let offices = try street.renew(scene.offices)
    var calling = Array(offices[..<2])
    calling.insert(offices[2], at: place)
    for office in calling + calling { try street.meet(office) }
    let adoption = try #require(try HubAdmin.adoption(of: street.hub.store))
    #expect(adoption.shownBy == offices[..<2].map(\.replica))
    let head = try #require(adoption.head)
    #expect(try offices[0].store.holds(head))
    _ = try HubAdmin.adopt(by: scene.staff, in: street.hub.store, now: street.now)
    for office in offices[..<2] { try street.meet(office) }
    try street.succeed(by: scene.staff)
    for office in offices[..<2] { try street.meet(office) }
    #expect(try street.hub.store.community(named: "别处20-1") == nil)
    #expect(try street.digest(offices[0].store) == street.digest(street.hub.store))
    #expect(try offices[0].store.listing(of: "residents").rows.first?[3] == "630")
  }

  @Test("what is adopted and ends ahead of the clock waits until somebody speaks for the clock")
  func aheadOfClock() throws {
    let scene = try ThreeOffices()
    let street = scene.street
    street.now += 70 * 365 * 86_400_000
    for number in 61...63 { try scene.award(number) }
    for office in scene.offices + scene.offices { try street.sync(office) }
    let ahead = street.now
    street.now -= 70 * 365 * 86_400_000
    try street.loseKey()
    let offices = try street.renew(scene.offices)
    for office in offices + offices { try street.meet(office) }
    let store = street.hub.store
    let adoption = try #require(try HubAdmin.adoption(of: store))
    func lead() throws -> Int64? {
      try store.read { () throws(StoreError) in try HubClock.lead(over: street.now, of: store) }
    }
    // Who may not sign hears of that, and stops nobody by what nothing has proved.
    #expect(throws: AdoptRefusal.approvers(.onePerson)) {
      _ = try HubAdmin.adopt(
        by: [scene.staff[0], scene.staff[0]], in: store, now: street.now)
    }
    #expect(try lead() == nil)
    let head = try store.storedHead(of: store.identity.replica)
    for _ in 0..<2 {
      #expect(throws: AdoptRefusal.store(.clockBehind(written: ahead))) {
        _ = try HubAdmin.adopt(by: scene.staff, in: store, now: street.now)
      }
      #expect(try HubAdmin.adoption(of: store) == adoption)
      #expect(try store.storedHead(of: head.replica) == head)
      #expect(try lead() == ahead)
    }
    try HubClock.confirm(street.now, in: store)
    _ = try HubAdmin.adopt(by: scene.staff, in: store, now: street.now)
    for office in offices + offices { try street.meet(office) }
    try street.succeed(by: scene.staff)
    for office in offices + offices { try street.meet(office) }
    try scene.expectAgreement()
    #expect(try scene.offices[0].store.listing(of: "residents").rows.first?[3] == "567")
  }

  @Test("an id that the log does not know cannot vouch for it")
  func stranger() throws {
    let street = try Street()
    let (one, staff) = try street.office(code: "ONE")
    let (two, _) = try street.office(code: "TWO")
    for office in [one, two, one] { try street.sync(office) }
    try street.loseKey()
    let offices = try street.renew([one, two])
    try street.meet(offices[0])
    let store = street.hub.store
    let head = try #require(try store.shownHeads().first?.head)
    let stranger = try #require(ReplicaID(rawValue: 4_100))
    try store.write { () throws(StoreError) in try store.setShown([head], by: stranger) }
    #expect(throws: AdoptRefusal.strangers([stranger])) {
      _ = try HubAdmin.adopt(by: staff, in: store, now: street.now)
    }
    try street.meet(offices[1])
    let op = try HubAdmin.adopt(by: staff, in: store, now: street.now)
    #expect(try store.verdict(of: op) == Verdict(.posted, [.adoptedLog]))
  }

  @Test("behind what two offices showed, what one of them alone made up gives way to what is true")
  func extended() throws {
    let scene = try ThreeOffices()
    let street = scene.street
    let (old, key) = (try street.copyOfHub(), street.key)
    let end = try street.hub.store.storedHead(of: key.incarnation.hub)
    let truth = street.hub.store
    try HubAdmin.setApart(3, in: truth, now: street.now)
    try street.sync(scene.offices[1])
    try street.start(old, key, canRenew: false)
    try HubAdmin.setApart(40, in: old, now: street.now)
    try street.sync(scene.offices[2])
    try street.loseKey()
    let offices = try street.renew(scene.offices)
    for office in [offices[0], offices[2]] { try street.meet(office) }
    #expect(try HubAdmin.adoption(of: street.hub.store)?.head == end)
    #expect(try HubAdmin.adoption(of: street.hub.store)?.beyond == 80)
    try street.meet(offices[1])
    let adoption = try #require(try HubAdmin.adoption(of: street.hub.store))
    #expect(adoption.head == end)
    #expect(adoption.shownBy == [offices[0].replica, offices[1].replica])
    #expect(adoption.beyond == 6)
    let given = try #require(try street.hub.store.givenLog())
    #expect(
      try street.hub.store.storedHead(of: given.hub) == truth.storedHead(of: given.hub))
  }

  @Test("a code is for one office, once, for a time, and only behind a new key")
  func codes() throws {
    let street = try Street()
    let (one, two) = (try street.office(code: "ONE").0, try street.office(code: "TWO").0)
    let (former, key) = (street.hub.store, street.key)
    #expect(throws: RenewRefusal.notNeeded(one.replica)) {
      try street.code(for: one.replica, "EARLY-CODE")
    }
    try street.loseKey()
    try street.code(for: one.replica, "CODE-ONE")
    #expect(try refusal { try street.type("CODE-ONE", at: two) } == .codeInvalid)
    #expect(try refusal { try street.type("CODE-TWO", at: one) } == .codeInvalid)
    try street.type("CODE-ONE", at: one)
    // A lost answer is asked for again; somebody else with the same code hears that it was used.
    try street.type("CODE-ONE", at: one)
    let other = [UInt8](repeating: 9, count: 16)
    #expect(try refusal { try street.type("CODE-ONE", at: one, nonce: other) } == .codeUsed)
    try street.code(for: two.replica, "CODE-TWO")
    street.now += HubAdmin.renewalMilliseconds + 1
    #expect(try refusal { try street.type("CODE-TWO", at: two) } == .codeInvalid)
    // One that has met a new key takes no other of a life that is no newer.
    try street.code(for: two.replica, "CODE-TWO")
    try street.meet(try street.type("CODE-TWO", at: two))
    try street.start(former, key)
    try street.loseKey()
    try street.code(for: two.replica, "CODE-TWO")
    #expect(throws: OfficeError.self) { try street.type("CODE-TWO", at: two) }
  }

  @Test("who hands a code out hears where the office was retired, or is not known yet")
  func grants() throws {
    let scene = try ThreeOffices()
    let (street, replicas) = (scene.street, scene.offices.map(\.replica))
    _ = try HubAdmin.retire(
      Retirement(
        replica: replicas[0], successor: replicas[1], approvers: scene.staff, reason: 0),
      in: street.hub.store, now: street.now)
    try street.loseKey(keeping: street.hub.store)
    let stranger = try #require(ReplicaID(rawValue: 4_300))
    let grants = try [replicas[0], replicas[1], stranger].map { replica in
      try HubAdmin.renew(
        replica, codeHash: SHA256.hash([UInt8(replica.rawValue & 255)]), in: street.hub.store,
        now: street.now)
    }
    #expect(grants.map(\.isRetired) == [true, false, false])
    #expect(grants.map(\.isEnrolled) == [true, true, false])
  }

  @Test(
    "a file that is nowhere else stays while the op that names it is away",
    arguments: [false, true])
  func lastCopy(isErased: Bool) throws {
    let scene = try ThreeOffices()
    let street = scene.street
    let (writer, theirs) = try street.office(community: "白虎街", code: "SIX")
    let witness = scene.offices[0]
    for office in [writer] + scene.offices { try street.sync(office) }
    let update = try street.record(
      "resident.update", ["resident": "\(scene.resident)", "phone": "13800000000"], at: writer,
      by: theirs[0])
    for _ in 1...2 { for office in [writer, witness] { try street.sync(office) } }
    let file = try #require(try witness.store.op(update).body)
    #expect(try [writer, witness].map { try $0.store.body(file) != nil } == [false, true])

    try street.loseKey()
    let offices = try street.renew(scene.offices)
    for office in offices + offices { try street.meet(office) }
    _ = try HubAdmin.adopt(by: scene.staff, in: street.hub.store, now: street.now)
    for office in offices { try street.meet(office) }
    try street.succeed(by: scene.staff)
    for office in offices + offices { try street.meet(office) }
    #expect(throws: StoreError.self) { try offices[0].store.op(update) }
    #expect(try offices[0].bodyErrands().isEmpty, "no hub takes it before it has the op")
    if isErased {
      let request = try street.record(
        "resident.erase", ["resident": "\(scene.resident)", "basis": "own_wish"], at: offices[1],
        by: scene.staff[0])
      for office in offices { try street.meet(office) }
      let decided = try HubAdmin.decide(
        request, isApproved: true, by: [scene.staff[1], theirs[0]], in: street.hub.store,
        now: street.now)
      guard case .decided = decided else { throw StoreError.unknownReference(request) }
      for office in offices { try street.meet(office) }
      #expect(try offices[0].store.body(file) == nil)
    } else {
      #expect(try offices[0].store.body(file) != nil)
    }
    let late = try street.renew([writer])
    for office in late + offices + offices { try street.meet(office) }
    for store in [street.hub.store] + offices.map(\.store) {
      #expect(try store.body(file) == nil ? isErased : !isErased)
    }
  }

  @Test("a new folder records again what the hub held of the old one's when the key was lost")
  func newFolder() throws {
    let scene = try ThreeOffices()
    let street = scene.street
    let replies = try ["MID", "NEW"].map {
      try street.enrolment(community: "青龙街", code: $0)
    }
    for office in scene.offices { try street.sync(office) }
    // The hub has it, and of the other offices none.
    try scene.award(62)
    var office = scene.offices[2]
    let award = try #require(OpID(office.replica, office.store.storedHead(of: office.replica).seq))
    try street.sync(office)
    for reply in replies {
      office = try street.makeOffice(reply, inPlaceOf: office)
      for _ in 1...2 { try street.sync(office) }
      #expect(try office.store.recordedAgainCount() == 0)
      #expect(try !office.store.mustRecordAgain)
    }
    try street.loseKey()
    let offices = try street.renew(scene.offices[..<2] + [office])
    for office in offices + offices { try street.meet(office) }
    _ = try HubAdmin.adopt(by: scene.staff, in: street.hub.store, now: street.now)
    for office in offices { try street.meet(office) }
    try street.succeed(by: scene.staff)
    for office in offices + offices { try street.meet(office) }
    #expect(throws: StoreError.self) { try street.hub.store.op(award) }
    #expect(try offices[2].store.recordedAgainCount() == 1)
    let again = try #require(try offices[2].store.recordedAgain(award))
    for store in [street.hub.store] + offices.map(\.store) {
      #expect(try store.verdict(of: again) == .plain)
      #expect(try street.digest(store) == street.digest(street.hub.store))
      #expect(try store.listing(of: "residents").rows.first?[3] == "549")
    }
  }

  @Test("a hub with a key of its own making takes no office over")
  func forgedHub() throws {
    let street = try Street()
    let (office, _) = try street.office(code: "ONE")
    let (request, _) = try office.rollCallRequest(maxBytes: 4096)
    try street.loseKey()
    let hub = try #require(
      try street.hub.store.ops(of: street.key.incarnation.hub, in: 1...1, limit: 1).first)
    let head = try #require(
      try street.hub.store.head(of: street.key.incarnation.hub, at: 1))
    let secret = try #require(street.key.secret(of: office.replica))
    let seal = Seal.ofSuccessor(masterKey: street.key.masterKey, head)
    let reply = RollCallReply(
      incarnation: street.key.incarnation, first: hub,
      seal: Seal.ofHub(secret: secret, head, successorSeal: seal), successorSeal: seal,
      have: try office.store.storedHead(of: office.replica), wish: nil, mustWait: false)
    let response = PeerResponse(
      status: 200, contentType: "application/json",
      body: reply.encode(OpJSON(SchemaTable(Catalogue.schemas))))
    #expect(throws: OfficeError.self) { _ = try office.take(response, to: request) }
    #expect(try office.store.newestIncarnation.number == 1)
  }

  /// What the hub answers to something that it refuses.
  private func refusal(_ body: () throws -> some Any) throws -> ProblemKind? {
    do {
      _ = try body()
      return nil
    } catch let error as OfficeError {
      guard case .problem(let problem) = error else { throw error }
      return problem.kind
    }
  }
}

extension HubAdmin {
  /// Writes what makes a hub's log another one: communities of their own, two ops each.
  fileprivate static func setApart(_ count: Int, in store: Store, now: Int64) throws {
    for number in 1...count {
      _ = try invite(
        OfficeInvitation(
          community: "别处\(count)-\(number)", label: "站", staff: [], policy: [:]),
        codeHash: SHA256.hash([1]), to: store, now: now)
    }
  }
}
