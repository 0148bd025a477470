import Community
import FoldKit
import OpLog
import Testing

/// `COVERAGE.md`, case 18: who moves to another community of the street takes the account along.
@Suite struct ResidenceTests {
  @Test func `the account, the file, and what it is worth go along, and the new desk is told`()
    throws
  {
    var scene = try MovingScene()
    try scene.earn(9)
    let move = try scene.give(to: scene.a, after: scene.resident, moves: true, at: scene.b)
    let there = try scene.spend(4, at: scene.a)
    let late = try scene.spend(2, basis: 2, at: scene.c)
    let award = try scene.earn(1)
    #expect(scene.verdict(move) == Verdict(.posted, [.movedHere]))
    #expect([there, award].map(scene.verdict) == [.plain, .plain])
    #expect(scene.verdict(late) == Verdict(.posted, [.standIn]))
    #expect(try [scene.home(), scene.community()] == [.integer(4097), .id(scene.community(0))])
    #expect(try scene.balance() == 4)
    // An approver there says that it is noted; nobody else does.
    let resolved = try [scene.b, scene.a].map { counter in
      try scene.street.write(
        "desk.resolve", by: counter.office,
        actor: scene.street.staff[counter.office == scene.a.office ? 2 : 4],
        [
          "subject": .reference(move), "reason": .text("moved-here"), "outcome": .integer(0),
        ])
    }
    #expect(
      resolved.map(scene.verdict) == [Verdict(.pending, [.actorNotEntitled]), .plain])
    try scene.expectModel()
  }

  @Test func `of two moves at once the lower id counts, and a move back works`() throws {
    var scene = try MovingScene()
    let move = try scene.give(to: scene.a, after: scene.resident, moves: true, at: scene.b)
    let again = try scene.give(to: scene.c, after: scene.resident, at: scene.b)
    #expect(scene.verdict(again) == Verdict(.void, [.notHome]))
    let back = try scene.give(to: scene.c, after: move, moves: true, at: scene.a)
    #expect([move, back].map(scene.verdict) == [.plain, Verdict(.posted, [.movedHere])])
    #expect(try [scene.home(), scene.community()] == [.integer(4099), .id(scene.community(1))])
  }

  @Test func `the old community's word that somebody moved away is the same move, a death is not`()
    throws
  {
    var scene = try MovingScene()
    let day = scene.street.today
    let noted = try scene.street.leave(scene.resident, on: day, at: scene.c)
    #expect(scene.verdict(noted) == .plain)
    let move = try scene.give(to: scene.a, after: scene.resident, moves: true, at: scene.b)
    #expect(scene.verdict(noted) == Verdict(.duplicate))
    #expect(try scene.leftOn() == nil)
    let later = try scene.street.leave(
      scene.resident, on: day.adding(days: 3), after: move, at: scene.a)
    let unsaid = try scene.street.leave(scene.resident, on: day, at: scene.a)
    // Nor is it enough to say oneself that somebody came.
    let own = try scene.give(to: scene.a, after: scene.resident, moves: true, at: scene.a)
    let forged = try scene.street.leave(scene.resident, on: day, after: own, at: scene.a)
    let wrong = Verdict(.pending, [.actorNotEntitled])
    #expect([later, unsaid, forged].map(scene.verdict) == [.plain, wrong, wrong])
    #expect(try scene.leftOn() == Int64(day.adding(days: 3).day))
    try scene.street.reactivate(
      later, after: move, at: Counter(office: scene.a.office, clerk: scene.street.staff[2]))
    #expect(try scene.leftOn() == nil)
    let died = try scene.street.leave(scene.resident, cause: 1, on: day, at: scene.c)
    #expect(scene.verdict(died) == .plain)
    #expect(try scene.leftOn() == Int64(day.day))
    try scene.expectModel()
  }

  @Test("a move that the old community noted, too, is one move", arguments: [-3, 3] as [Int64])
  func notedTwice(days: Int64) throws {
    var scene = try MovingScene()
    let day = scene.street.today
    let noted = try scene.street.leave(scene.resident, on: day.adding(days: days), at: scene.c)
    try scene.give(to: scene.a, after: scene.resident, moves: true, at: scene.b)
    #expect(scene.verdict(noted) == Verdict(.duplicate))
    #expect(try scene.leftOn() == nil)
    // A move of somebody else says nothing.
    let other = try scene.street.register(at: scene.b)
    let move = try scene.give(other, to: scene.a, after: other, moves: true, at: scene.b)
    let left = try scene.street.leave(scene.resident, on: day, after: move, at: scene.a)
    #expect(scene.verdict(left) == Verdict(.pending, [.actorNotEntitled]))
  }

  @Test func `no stay begins before the one it ends, and none inside a community`() throws {
    var scene = try MovingScene()
    let day = scene.street.today
    let inside = try scene.give(to: scene.c, after: scene.resident, at: scene.b)
    let move = try scene.give(to: scene.a, after: inside, moves: true, at: scene.c)
    scene.street.today = day.adding(days: -9)
    try scene.give(to: scene.b, after: move, moves: true, at: scene.a)
    let from = scene.state.rows(Tables.residence, under: [scene.resident.packed]).map { $0[4] }
    #expect(from == [0, Int64(day.day), Int64(day.day)].map(Cell.integer))
  }

  @Test
  func `who moves alone leaves the household, and a household that moves as a whole stays one`()
    throws
  {
    var scene = try MovingScene()
    let day = scene.street.today
    let child = try scene.street.register(at: scene.b)
    let household = try scene.street.household(at: scene.b)
    let members = try [scene.resident, child].map {
      try scene.street.member($0, of: household, from: day.adding(days: -9), at: scene.b)
    }
    func lastDays() throws -> [Cell?] {
      try zip([scene.resident, child], members).map {
        try scene.state.cell("household_member", [$0.packed, $1.packed], "until")
      }
    }
    let move = try scene.give(to: scene.a, after: scene.resident, moves: true, at: scene.b)
    #expect(try lastDays() == [.integer(Int64(day.adding(days: -1).day)), .null])
    try scene.give(household, to: scene.a, after: household, moves: true, at: scene.b)
    #expect(try lastDays() == [.null, .integer(Int64(day.adding(days: -1).day))])
    try scene.give(child, to: scene.a, after: child, moves: true, at: scene.b)
    #expect(try lastDays() == [.null, .null])
    #expect(
      try scene.state.cell("household", [household.packed], "community")
        == .id(scene.community(0)))
    // A later version of the file is of the household where it is.
    _ = try scene.street.household(household, replaces: [household], at: scene.a)
    #expect(
      try scene.state.cell("household", [household.packed], "community")
        == .id(scene.community(0)))
    #expect(scene.verdict(move) == Verdict(.posted, [.movedHere]))
  }

  @Test func `a year ends where the resident lives on its last day`() throws {
    var scene = try MovingScene()
    let rules = try scene.street.setPolicy(posting: .onTheSpot, expiry: .yearEnd, in: 1)
    scene.street.today = try #require(BusinessDate("2026-03-01"))
    let activity = try scene.street.publish(points: 5, at: scene.b)
    _ = try scene.street.grant(
      scene.resident, activity, points: 5, policy: rules, at: scene.b)
    scene.street.now += 400 * 86_400_000
    scene.street.today = try #require(BusinessDate("2026-12-31"))
    let move = try scene.give(to: scene.a, after: scene.resident, moves: true, at: scene.b)
    scene.street.today = try #require(BusinessDate("2027-01-02"))
    try scene.end(2026, in: 1)
    #expect(try scene.balance() == 5)
    // Who goes on takes no end along, and leaves none behind.
    scene.street.today = try #require(BusinessDate("2027-01-05"))
    try scene.give(to: scene.b, after: move, moves: true, at: scene.a)
    #expect(try scene.balance() == 5)
    try scene.end(2026, in: 0)
    #expect(try scene.balance() == 0)
    try scene.expectModel()
  }

  @Test func `nobody lives elsewhere from a day on that is still to come`() throws {
    var scene = try MovingScene()
    let day = BusinessDate(stamp: scene.street.now)
    scene.street.today = day.adding(days: 40)
    try scene.give(to: scene.a, after: scene.resident, moves: true, at: scene.b)
    try scene.street.receiptForAll()
    let from = try scene.state.cell("residence", [scene.resident.packed, 1], "from_on")
    #expect(from == .integer(Int64(day.day)))
  }

  @Test func `a body is the business of where its person lives`() throws {
    var scene = try MovingScene()
    let body = SHA256.hash([1])
    let person = try scene.street.write(
      "resident.register", by: scene.b.office, actor: scene.b.clerk, body: body, [:])
    let file = try scene.street.household(body: body, at: scene.b)
    let move = try scene.give(person, to: scene.a, after: person, moves: true, at: scene.b)
    let update = try scene.street.write(
      "resident.update", by: scene.b.office, actor: scene.b.clerk, body: body,
      ["resident": .reference(person), "replaces_phone": .references([person])])
    func scopes() throws -> [Int64?] {
      try [person, update, file].map { op in
        let delivery = try #require(scene.street.written.first { $0.op.id == op })
        let kind = try #require(Catalogue.kind(delivery.op.kind))
        guard case .payload(let payload) = try kind.schema.decode(delivery.op) else { return nil }
        let entry = Entry(op: delivery.op, payload: payload, kind: kind, isFirst: false)
        return BodyScope.community(of: entry, in: scene.state)
      }
    }
    let (near, far) = (scene.community(1).packed, scene.community(0).packed)
    #expect(try scopes() == [far, far, near])
    try scene.give(file, to: scene.a, after: file, moves: true, at: scene.b)
    #expect(try scopes() == [far, far, far])
    try scene.give(person, to: scene.b, after: move, moves: true, at: scene.a)
    #expect(try scopes() == [near, near, far])
  }

  @Test func `what is on the desk about who moved is resolved where the person lives now`() throws {
    var scene = try MovingScene()
    let person = try scene.street.write(
      "resident.register", by: scene.b.office, actor: scene.b.clerk, ["age_band": .integer(0)])
    try scene.street.consent(person, isWithdrawn: false, at: scene.b)
    let (subject, approver) = (person, scene.street.staff)
    func resolve(after give: OpID?, at counter: Counter) throws -> OpID {
      try scene.street.write(
        "desk.resolve", by: counter.office,
        actor: approver[counter.office == scene.a.office ? 2 : 4],
        [
          "subject": .reference(subject), "reason": .text("guardian-consent"),
          "line": .integer(1), "outcome": .integer(0),
          "after": give.map(PayloadValue.reference),
        ])
    }
    #expect(scene.scene.isOnDesk(.guardianConsent, person, detail: 1))
    let move = try scene.give(person, to: scene.a, after: person, moves: true, at: scene.b)
    let far = try resolve(after: nil, at: scene.a)
    #expect(scene.verdict(far) == Verdict(.pending, [.actorNotEntitled]))
    let there = try resolve(after: move, at: scene.a)
    #expect(scene.verdict(there) == .plain)
    #expect(try scene.scene.refusalOfLast() == nil)
    // What the old community says before it hears of the move counts; it records nothing more.
    let old = try resolve(after: nil, at: scene.c)
    #expect(scene.verdict(old) == .plain)
    #expect(
      try scene.scene.refusalOfLast() == .wouldNotCount(.pending, [.actorNotEntitled]))
    let other = try scene.give(to: scene.a, after: scene.resident, moves: true, at: scene.b)
    let wrong = try resolve(after: other, at: scene.a)
    #expect(scene.verdict(wrong) == Verdict(.pending, [.actorNotEntitled]))
    try scene.expectModel()
  }

  @Test("moves come out alike in any order", arguments: 1...60 as ClosedRange<UInt64>)
  func orders(seed: UInt64) throws {
    var scene = try MovingScene()
    try scene.earn(9)
    let (day, clerk) = (scene.street.today, scene.street.staff[2])
    let household = try scene.street.household(at: scene.b)
    try scene.street.member(scene.resident, of: household, from: day, at: scene.b)
    scene.street.today = day.adding(days: 1)
    try scene.street.leave(scene.resident, on: scene.street.today, at: scene.c)
    let move = try scene.give(to: scene.a, after: scene.resident, moves: true, at: scene.b)
    try scene.spend(1, at: scene.a)
    try scene.spend(1, basis: 2, at: scene.c)
    let left = try scene.street.leave(
      scene.resident, on: scene.street.today, after: move, at: scene.a)
    try scene.street.reactivate(
      left, after: move, at: Counter(office: scene.a.office, clerk: clerk))
    try scene.street.receiptForAll()
    scene.street.today = day.adding(days: 400)
    try scene.end(2026, in: 0)
    let lost = try scene.retire(scene.b, for: scene.c)
    let back = try scene.give(to: scene.c, after: move, moves: true, at: scene.a)
    try scene.give(household, to: scene.a, after: lost, moves: true, at: scene.c)
    try scene.spend(2, at: scene.c)
    let ops = scene.street.written
    let expected = Snapshot(MemoryReplica(ops))
    #expect(expected.verdicts[back] == Verdict(.posted, [.movedHere]))
    var dice = Dice(seed: seed)
    let order = Arrival.order(of: ops, using: &dice)
    expectSame(Snapshot(MemoryReplica(order)), expected, "seed \(seed)")
    expectSame(Snapshot(MemoryReplica(order, batchedBy: &dice)), expected, "seed \(seed)")
  }
}

extension MovingScene {
  fileprivate func community(_ index: Int) -> OpID { scene.street.communities[index] }

  /// The community of the resident's file.
  fileprivate func community() throws -> Cell? {
    try scene.state.cell("resident", [resident.packed], "community")
  }

  fileprivate func leftOn() throws -> Int64? {
    try scene.state.cell("resident", [resident.packed], "left_on")?.integer
  }

  /// The hub ends a year's points in a community.
  fileprivate mutating func end(_ year: Int64, in index: Int) throws {
    try scene.street.write(
      "points.expire_year",
      [
        "community": .reference(community(index)), "year": .integer(year), "rule": .integer(0),
      ])
  }
}
