import Community
import FoldKit
import OpLog
import Testing

/// Spending away from home on rights that the home granted.
@Suite struct RightsTests {
  @Test func `an office spends what the home granted, and nothing of it is on trust`() throws {
    var scene = try Scene()
    try scene.earn(12)
    let (request, grant) = try scene.granted(9)
    #expect([request, grant].map(scene.verdict) == [.plain, .plain])
    #expect(try scene.held() == 9)
    let sale = try scene.spendOn(grant, 9)
    #expect(scene.verdict(sale) == .plain)
    #expect(try scene.held() == 0)
    #expect(try scene.balance() == 3)
    #expect(try scene.state.sum("account", [scene.resident.packed], "uncovered") == 0)
  }

  @Test func `of several answers the lowest id counts`() throws {
    var scene = try Scene()
    try scene.earn(9)
    let (request, grant) = try scene.granted(3)
    let second = try scene.street.answer(request, 0, by: scene.a.office)
    #expect([grant, second].map(scene.verdict) == [.plain, Verdict(.duplicate)])
    #expect(try scene.held() == 3)
  }

  @Test func `what another office answers, or above what was asked, has no effect`() throws {
    var scene = try Scene()
    try scene.earn(9)
    let request = try scene.street.ask(scene.resident, 5, at: scene.b)
    let foreign = try scene.street.answer(request, 5, by: scene.c.office)
    let own = try scene.street.answer(request, 5, by: scene.b.office)
    let above = try scene.street.answer(request, 6, by: scene.a.office)
    #expect(scene.verdict(foreign) == Verdict(.void, [.actorNotEntitled]))
    #expect(scene.verdict(own) == Verdict(.void, [.wrongReference]))
    #expect(scene.verdict(above) == Verdict(.void, [.wrongReference]))
    #expect(try scene.held() == 0)
    #expect(try scene.open() == 1)
    let grant = try scene.street.answer(request, 5, by: scene.a.office)
    #expect(scene.verdict(grant) == .plain)
    #expect(try scene.held() == 5)
    #expect(try scene.open() == 0)
  }

  @Test func `a request of somebody who may not ask gets no points from its home`() throws {
    var scene = try Scene()
    try scene.earn(9)
    let stranger = Counter(office: scene.b.office, clerk: scene.a.clerk)
    let request = try scene.street.ask(scene.resident, 5, at: stranger)
    #expect(scene.verdict(request) == Verdict(.pending, [.actorNotEntitled]))
    #expect(try scene.answer(to: request) == 0)
  }

  @Test func `what its office withdrew gets nothing, whatever its home answers`() throws {
    var scene = try Scene()
    try scene.earn(9)
    let early = try scene.street.ask(scene.resident, 5, at: scene.b)
    let withdrawal = try scene.street.answer(early, 0, by: scene.b.office)
    #expect(scene.verdict(withdrawal) == .plain)
    #expect(try scene.open() == 0)
    let (request, grant) = try scene.granted(5)
    #expect(try scene.held() == 5)
    let late = try scene.street.answer(request, 0, by: scene.b.office)
    let answer = try scene.street.answer(early, 5, by: scene.a.office)
    #expect(
      [late, grant, answer].map(scene.verdict)
        == [.plain, Verdict(.duplicate), Verdict(.duplicate)])
    #expect(try scene.held() == 0)
    #expect(scene.left() == 9)
    // What was spent meanwhile counts, and is on the desk.
    let sale = try scene.spendOn(grant, 5)
    #expect(scene.verdict(sale) == Verdict(.posted, [.debitWithoutStanding]))
    scene.expectOneState()
  }

  @Test func `nobody asks again while an answer may come, or withdraws what was answered`() throws {
    var scene = try Scene()
    try scene.earn(9)
    let request = try scene.street.ask(scene.resident, 5, at: scene.b)
    #expect(try scene.refusalOfLast() == nil)
    try scene.street.ask(scene.resident, 4, at: scene.b)
    #expect(try scene.refusalOfLast() == .askedAlready(request: request, points: 5))
    var other = scene
    try other.street.answer(request, 5, by: other.a.office)
    try other.street.answer(request, 0, by: other.b.office)
    #expect(try other.refusalOfLast() == .wouldNotCount(.duplicate, []))
    try scene.street.answer(request, 0, by: scene.b.office)
    #expect(try scene.refusalOfLast() == nil)
  }

  @Test func `a home grants what it holds, for requests of its own day`() throws {
    var scene = try Scene()
    try scene.earn(9)
    let request = try scene.street.ask(scene.resident, 9, at: scene.b)
    #expect(try scene.answer(to: request) == 9)
    #expect(try scene.answer(to: request, after: 1) == 0)
    #expect(try scene.answer(to: request, after: -1) == 0)
    let more = try scene.street.ask(scene.resident, 10, at: scene.b)
    #expect(try scene.answer(to: more) == 0)
    try scene.street.answer(request, 9, by: scene.a.office)
    let again = try scene.street.ask(scene.resident, 1, at: scene.c)
    #expect(try scene.answer(to: again) == 0)
    try scene.street.giveBack(scene.resident, 1, by: scene.b.office)
    #expect(try scene.answer(to: again) == 1)
  }

  @Test func `a frozen account grants nothing`() throws {
    var scene = try Scene()
    try scene.earn(9)
    let request = try scene.street.ask(scene.resident, 5, at: scene.b)
    let until = scene.street.today.adding(days: 5)
    try scene.street.decide(
      try scene.street.freeze(scene.resident, until: until, at: scene.approver))
    #expect(try scene.answer(to: request) == 0)
  }

  @Test func `a debit above what is held counts, is on the desk, and frees nothing`() throws {
    var scene = try Scene()
    try scene.earn(20)
    let (_, grant) = try scene.granted(9)
    let first = try scene.spendOn(grant, 5)
    let second = try scene.spendOn(grant, 5)
    let third = try scene.spendOn(grant, 1)
    #expect(scene.verdict(first) == .plain)
    #expect(scene.verdict(second) == Verdict(.posted, [.debitWithoutStanding]))
    #expect(scene.verdict(third) == Verdict(.posted, [.debitWithoutStanding]))
    #expect(try scene.balance() == 9)
    #expect(scene.left() == 9)
    // A second grant makes good for the first that was too much, as far as it goes.
    let (_, more) = try scene.granted(1)
    #expect(scene.verdict(more) == .plain)
    #expect(scene.verdict(second) == .plain)
    #expect(scene.verdict(third) == Verdict(.posted, [.debitWithoutStanding]))
    #expect(scene.left() == 9)
    scene.expectOneState()
  }

  @Test func `a debit on no grant, or on one to another office, has no standing`() throws {
    var scene = try Scene()
    try scene.earn(20)
    let (_, grant) = try scene.granted(9)
    let ungranted = try scene.street.spend(
      2, on: nil, item: scene.item, to: scene.resident, at: scene.b)
    let foreign = try scene.street.spend(
      2, on: grant, item: scene.item, to: scene.resident, at: scene.c)
    for sale in [ungranted, foreign] {
      #expect(scene.verdict(sale) == Verdict(.posted, [.debitWithoutStanding]))
    }
    #expect(try scene.held() == 9)
    #expect(scene.left() == 7)
  }

  @Test func `what comes back is the home's again, but never more than was held`() throws {
    var scene = try Scene()
    try scene.earn(9)
    try scene.granted(5)
    let back = try scene.street.giveBack(scene.resident, 3, by: scene.b.office)
    #expect(scene.verdict(back) == .plain)
    #expect(scene.left() == 7)
    let tooMuch = try scene.street.giveBack(scene.resident, 3, by: scene.b.office)
    #expect(scene.verdict(tooMuch) == Verdict(.posted, [.returnAboveHeld]))
    #expect(scene.left() == 9)
    #expect(try scene.held() == 0)
  }

  @Test func `a voided redemption gives the points to the account, not to the office`() throws {
    var scene = try Scene()
    try scene.earn(9)
    let (_, grant) = try scene.granted(5)
    let sale = try scene.spendOn(grant, 5)
    try scene.street.void(
      sale, goodsReturned: true, policy: scene.street.spot(at: scene.b), at: scene.b)
    #expect(try scene.balance() == 9)
    #expect(try scene.held() == 0)
    #expect(scene.left() == 9)
  }

  @Test func `at home no debit takes what others hold`() throws {
    var scene = try Scene()
    try scene.earn(9)
    try scene.street.receive(scene.item, quantity: 9, at: scene.a)
    try scene.granted(5)
    let wants = Refusal.grantedElsewhere(balance: 9, granted: 5, needed: 5)
    var other = scene
    try other.spend(5, at: other.a)
    #expect(try other.refusalOfLast() == wants)
    other = scene
    let friend = try other.street.register(at: other.a)
    try other.street.give(5, from: other.resident, to: friend, at: other.a)
    #expect(try other.refusalOfLast() == wants)
    other = scene
    try other.street.adjustCoins(3, 9, at: other.approver)
    try other.street.adjustCoins(2, 9, at: other.approver)
    try other.street.issueCoins(
      Street.coins(twos: 1, threes: 1), to: other.resident, for: [], at: other.a)
    #expect(try other.refusalOfLast() == wants)
    other = scene
    let offer = try other.street.record(
      "offer.publish", at: other.a,
      [
        "title": .text("理发"), "points": .integer(5),
        "valid_to": .integer(Int64(other.street.today.day)),
      ])
    try other.street.record(
      "offer.use", at: other.a,
      ["offer": .reference(offer), "resident": .reference(other.resident), "times": .integer(1)])
    #expect(try other.refusalOfLast() == wants)
    let service = try scene.street.defineItem(points: 4, sort: 1, at: scene.a)
    try scene.street.redeem(scene.resident, [(service, 1, 4)], at: scene.a)
    #expect(try scene.refusalOfLast() == nil)
  }

  @Test func `a counter asks only away from home, and spends only what it holds`() throws {
    var scene = try Scene()
    try scene.earn(9)
    try scene.street.receive(scene.item, quantity: 9, at: scene.b)
    try scene.street.ask(scene.resident, 5, at: scene.a)
    #expect(try scene.refusalOfLast() == .isHome)
    let request = try scene.street.ask(scene.resident, 5, at: scene.b)
    #expect(try scene.refusalOfLast() == nil)
    let grant = try scene.street.answer(request, 5, by: scene.a.office)
    #expect(try scene.refusalOfLast() == nil)
    let item = try scene.street.defineItem(points: 4, sort: 1, at: scene.a)
    try scene.street.spend(4, on: grant, item: item, to: scene.resident, at: scene.b)
    #expect(try scene.refusalOfLast() == nil)
    try scene.street.spend(4, on: grant, item: item, to: scene.resident, at: scene.b)
    #expect(try scene.refusalOfLast() == .notEnoughRights(held: 1, needed: 4))
  }

  @Test func `a home grants no more than it has`() throws {
    var scene = try Scene()
    try scene.earn(9)
    let request = try scene.street.ask(scene.resident, 10, at: scene.b)
    try scene.street.answer(request, 10, by: scene.a.office)
    #expect(try scene.refusalOfLast() == .notEnoughPoints(balance: 9, needed: 10))
  }

  @Test func `nobody takes over a debit with points that others hold`() throws {
    var scene = try Scene()
    try scene.earn(9)
    try scene.granted(5)
    let trusted = try scene.street.redeem(
      scene.resident, [(scene.item, 1, 5)], basis: 2, at: scene.c)
    try scene.street.write("standin.cover", by: scene.a.office, ["debit": .reference(trusted)])
    #expect(try scene.refusalOfLast() == .notEnoughPoints(balance: -1, needed: 0))
  }
}

/// `budget.set`: what an office may have out on trust.
@Suite struct BudgetTests {
  @Test func `the street's latest word goes before the rules`() throws {
    var scene = try Scene()
    let office = scene.street.enrolments[1]
    try scene.street.budget(office, 50)
    let latest = try scene.street.budget(office, 4)
    #expect(scene.verdict(latest) == .plain)
    let item = try scene.street.defineItem(points: 5, sort: 1, at: scene.a)
    let spot = scene.street.spot(at: scene.b)
    try scene.street.redeem(scene.resident, [(item, 1, 5)], basis: 2, policy: spot, at: scene.b)
    #expect(try scene.refusalOfLast() == .officeLimit(limit: 4, uncovered: 0))
    try scene.street.redeem(scene.resident, [(item, 1, 5)], basis: 2, policy: spot, at: scene.c)
    #expect(try scene.refusalOfLast() == nil)
  }

  @Test func `only the hub sets it`() throws {
    var scene = try Scene()
    let own = try scene.street.budget(scene.street.enrolments[1], 999, by: scene.b.office)
    #expect(scene.verdict(own) == Verdict(.void, [.onlyHub]))
    #expect(try scene.state.count("office_budget") == 0)
  }
}

extension Scene {
  /// Office `b` asks for points and the home grants them.
  @discardableResult
  fileprivate mutating func granted(_ points: Int64) throws -> (request: OpID, grant: OpID) {
    let request = try street.ask(resident, points, at: b)
    return (request, try street.answer(request, points, by: a.office))
  }

  @discardableResult
  fileprivate mutating func spendOn(_ grant: OpID, _ points: Int64) throws -> OpID {
    try street.spend(points, on: grant, item: item, to: resident, at: b)
  }

  /// What office `b` holds.
  fileprivate func held() throws -> Int64 {
    try state.sum("held_right", [Int64(b.office.rawValue), resident.packed], "held")
  }

  /// What the home may still spend.
  fileprivate func left() -> Int64 { HomeRights.left(of: resident.packed, in: state) }

  /// Any order of arrival gives this state.
  fileprivate func expectOneState() {
    let expected = Snapshot(MemoryReplica(street.written))
    for seed in 1...20 as ClosedRange<UInt64> {
      var dice = Dice(seed: seed)
      let order = Arrival.order(of: street.written, using: &dice)
      expectSame(Snapshot(MemoryReplica(order)), expected, "order \(seed)")
    }
  }

  fileprivate func open() throws -> Int { try state.count("open_request") }

  /// What the home would answer some days later.
  fileprivate func answer(to request: OpID, after days: Int = 0) throws -> Int64 {
    let key = [resident.packed, Int64(request.replica.rawValue), request.packed]
    let row = try #require(state.row(Tables.rightsRequest, key))
    return HomeRights.answer(
      to: row, on: street.today.adding(days: Int64(days)), in: state)
  }
}
