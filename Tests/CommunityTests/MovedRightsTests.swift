import Community
import FoldKit
import OpLog
import Testing

/// Rights away from home, where homes move and PCs are lost.
@Suite struct MovedRightsTests {
  @Test func `a request waits for the new home, and what it answers counts`() throws {
    var scene = try MovingScene()
    try scene.earn(9)
    let request = try scene.street.ask(scene.resident, 5, at: scene.a)
    #expect(try scene.asked(request) == .integer(4098))
    try scene.give(to: scene.c, after: scene.resident, at: scene.b)
    #expect(try scene.asked(request) == .integer(4099))
    let old = try scene.street.answer(request, 5, by: scene.b.office)
    let new = try scene.street.answer(request, 5, by: scene.c.office)
    #expect(scene.verdict(old) == Verdict(.void, [.actorNotEntitled]))
    #expect(scene.verdict(new) == .plain)
    let sale = try scene.street.spend(
      4, on: new, item: scene.item, to: scene.resident, at: scene.a)
    #expect(scene.verdict(sale) == .plain)
    #expect(try scene.asked(request) == nil)
    #expect(scene.left() == 4)
    scene.expectOneState()
  }

  @Test func `an office that becomes the home need not answer itself`() throws {
    var scene = try MovingScene()
    let request = try scene.street.ask(scene.resident, 5, at: scene.c)
    try scene.give(to: scene.c, after: scene.resident, at: scene.b)
    #expect(try scene.asked(request) == nil)
    scene.expectOneState()
  }

  @Test func `what a successor answers counts, and what the lost PC answers late does not`() throws
  {
    var scene = try MovingScene()
    try scene.earn(9)
    let requests = try [2, 3].map { try scene.street.ask(scene.resident, $0, at: scene.a) }
    try scene.retire(scene.b, for: scene.c)
    #expect(try requests.map(scene.asked) == [.integer(4099), .integer(4099)])
    let late = try scene.street.answer(requests[0], 2, by: scene.b.office)
    let heirs = try scene.street.answer(requests[1], 3, by: scene.c.office)
    #expect([late, heirs].map(scene.verdict) == [Verdict(.void, [.late]), .plain])
    #expect(try requests.map(scene.asked) == [.integer(4099), nil])
    scene.expectOneState()
  }

  @Test func `the rights of a lost PC fall back, and what it spends late is on the desk`() throws {
    var scene = try MovingScene()
    try scene.earn(9)
    let request = try scene.street.ask(scene.resident, 7, at: scene.c)
    let grant = try scene.street.answer(request, 7, by: scene.b.office)
    let early = try scene.street.spend(
      2, on: grant, item: scene.item, to: scene.resident, at: scene.c)
    #expect(scene.left() == 2)
    try scene.retire(scene.c, for: scene.b)
    #expect(scene.left() == 7)
    let late = try scene.street.spend(
      2, on: grant, item: scene.item, to: scene.resident, at: scene.c)
    #expect([early, late].map(scene.verdict) == [.plain, Verdict(.posted, [.late])])
    #expect(scene.left() == 5)
    scene.expectOneState()
  }

  @Test func `coins are the new home's by right when it says so, else on trust`() throws {
    var scene = try MovingScene()
    try scene.earn(9)
    let award = try scene.earn(3)
    try scene.give(to: scene.c, after: scene.resident, at: scene.b)
    let issues = try [nil, 0].map { (basis: Int64?) in
      try scene.street.issueCoins(
        Street.coins(threes: 1), to: scene.resident, for: [award], basis: basis, at: scene.c)
    }
    #expect(issues.map { scene.verdict($0)?.reasons.first } == [.standIn, nil])
  }

  @Test func `what a lost PC sold late is a loss that the community may bear`() throws {
    var scene = try MovingScene()
    try scene.earn(3)
    try scene.retire(scene.b, for: scene.c)
    let firm = try scene.spend(3, at: scene.c)
    let late = try scene.spend(2, at: scene.b)
    let approver = Counter(office: scene.c.office, clerk: scene.street.staff[4])
    let covers = try [firm, late].map { loss in
      try scene.street.record(
        "points.cover", at: approver,
        [
          "account": .reference(scene.resident), "loss": .reference(loss), "points": .integer(2),
        ])
    }
    #expect(covers.map(scene.verdict) == [Verdict(.void, [.wrongReference]), .plain])
    #expect(try scene.balance() == 0)
    scene.expectOneState()
  }
}

extension MovingScene {
  /// The office that has to answer a request; nil where nobody has.
  fileprivate func asked(_ request: OpID) throws -> Cell? {
    try scene.state.cell("open_request", [request.packed], "home")
  }

  /// What the home may still spend.
  fileprivate func left() -> Int64 { HomeRights.left(of: resident.packed, in: scene.state) }

  /// Any order of arrival gives this state.
  func expectOneState() {
    let expected = Snapshot(MemoryReplica(scene.street.written))
    for seed in 1...20 as ClosedRange<UInt64> {
      var dice = Dice(seed: seed)
      let order = Arrival.order(of: scene.street.written, using: &dice)
      expectSame(Snapshot(MemoryReplica(order)), expected, "order \(seed)")
    }
  }
}
