import Community
import FoldKit
import OpLog
import Testing

/// What the counter refuses although a sync would let it stand.
@Suite struct CounterDoorTests {
  @Test func `a redemption below the least is refused, and flagged where it happened`() throws {
    var scene = try Scene()
    let rules = try scene.street.setRules(["redeem.min_points": 2], in: 0)
    try scene.earn(9)
    let bow = try scene.street.defineItem(points: 1, sort: 1, at: scene.a)
    let sale = try scene.street.sell(bow, price: 1, to: scene.resident, policy: rules, at: scene.a)
    #expect(scene.verdict(sale) == Verdict(.posted, [.belowMinimum]))
    #expect(try scene.refusalOfLast() == .wouldNotCount(.posted, [.belowMinimum]))
    try scene.street.sell(bow, 2, price: 1, to: scene.resident, policy: rules, at: scene.a)
    #expect(try scene.refusalOfLast() == nil)
    try scene.street.sell(bow, price: 1, to: scene.resident, at: scene.a)
    #expect(try scene.refusalOfLast() == nil)
  }

  @Test func `what is above the cap can only be given away`() throws {
    var scene = try Scene()
    let rules = try scene.street.setRules(["points.balance_cap": 10], in: 0)
    let heir = try scene.street.register(at: scene.a)
    let offer = try scene.street.record(
      "offer.publish", at: scene.a,
      ["title": .text("理发"), "points": .integer(2), "valid_to": .integer(40_000)])
    let service = try scene.street.defineItem(points: 3, sort: 1, at: scene.a)
    try scene.street.adjustCoins(3, 9, at: scene.approver)
    try scene.earn(12)
    #expect(try scene.earned() == 12)
    let doors: [(inout Scene) throws -> Void] = [
      { try $0.street.sell(service, price: 3, to: $0.resident, policy: rules, at: $0.a) },
      {
        try $0.street.issueCoins(
          Street.coins(threes: 1), to: $0.resident, policy: rules, at: $0.a)
      },
      {
        try $0.street.record(
          "offer.use", policy: rules, at: $0.a,
          [
            "offer": .reference(offer), "resident": .reference($0.resident), "times": .integer(1),
          ])
      },
    ]
    for door in doors {
      var full = scene
      try door(&full)
      #expect(try full.refusalOfLast() == .aboveCap(limit: 10, excess: 2))
      #expect(full.verdict(try #require(full.street.written.last?.op.id)) == .plain)
    }
    try scene.street.give(2, from: scene.resident, to: heir, policy: rules, at: scene.a)
    #expect(try scene.refusalOfLast() == nil)
    for door in doors {
      var rest = scene
      try door(&rest)
      #expect(try rest.refusalOfLast() == nil)
    }
  }

  @Test func `a cap holds for the community's own residents, and not for pools`() throws {
    var scene = try Scene()
    let rules = try scene.street.setRules(
      ["points.balance_cap": 10, "redeem.cross_community": 1, "standin.max_days": 366], in: 1)
    try scene.earn(12)
    let service = try scene.street.defineItem(points: 3, sort: 1, at: scene.a)
    try scene.street.sell(
      service, price: 3, to: scene.resident, basis: 2, policy: rules, at: scene.b)
    #expect(try scene.refusalOfLast() == nil)
  }

  @Test func `more coins than were ever printed are refused, and more than were issued shown`()
    throws
  {
    var scene = try Scene()
    try scene.street.adjustCoins(3, 4, at: scene.approver)
    try scene.earn(9)
    try scene.street.issueCoins(Street.coins(threes: 3), to: scene.resident, at: scene.a)
    try scene.street.record(
      "coin.collect", at: scene.b,
      ["coins": Street.coins(threes: 4), "resident": .reference(scene.resident)])
    // One of the four may have been handed out by an office that did not sync yet.
    #expect(try scene.refusalOfLast() == nil)
    let entry = DeskEntry(.coinsUnissued, subject: 4096 << 32, detail: 3)
    #expect(scene.state.desk.contains(entry))
    var more = scene
    try more.street.record("coin.collect", at: more.b, ["coins": Street.coins(threes: 1)])
    #expect(try more.refusalOfLast() == .coinsNotPrinted(denomination: 3, printed: 4))
    try more.street.receive(more.item, quantity: 1, at: more.a)
    try more.street.sell(
      more.item, price: 9, to: more.resident, coins: Street.coins(twos: 1), at: more.a)
    #expect(try more.refusalOfLast() == .coinsNotPrinted(denomination: 2, printed: 0))
    try scene.street.issueCoins(Street.coins(threes: 1), to: scene.resident, at: scene.a)
    #expect(!scene.state.desk.contains(entry))
  }

  @Test func `goods are not kept until a day that is over`() throws {
    var scene = try Scene()
    try scene.street.receive(scene.item, quantity: 1, at: scene.a)
    var late = scene
    try late.street.reserve(late.item, for: late.resident, days: -1, at: late.a)
    let yesterday = late.street.today.adding(days: -1)
    #expect(try late.refusalOfLast() == .keptUntilPast(day: yesterday))
    var greedy = scene
    try greedy.street.reserve(greedy.item, 3, for: greedy.resident, at: greedy.a)
    #expect(try greedy.refusalOfLast() == .notEnoughStock(item: greedy.item, onHand: 1))
    try scene.street.reserve(scene.item, for: scene.resident, days: 0, at: scene.a)
    #expect(try scene.refusalOfLast() == nil)
    try scene.street.reserve(scene.item, for: scene.resident, days: 0, at: scene.a)
    #expect(try scene.refusalOfLast() == .reserved(item: scene.item, kept: 1))
  }

  @Test(
    "an activity does not end before it starts", arguments: [(540, 480), (480, 480), (480, 540)])
  func times(starts: Int64, ends: Int64) throws {
    var scene = try Scene()
    try scene.street.record(
      "activity.publish", at: scene.a,
      [
        "title": .text("扫雪"), "category": .integer(0), "points": .integer(3),
        "held_on": .integer(Int64(scene.street.today.day)), "starts": .integer(starts),
        "ends": .integer(ends),
      ])
    #expect(try scene.refusalOfLast() == (ends < starts ? .endsBeforeStart : nil))
  }

  @Test func `a freeze does not end before it begins`() throws {
    var scene = try Scene()
    let yesterday = scene.street.today.adding(days: -1)
    _ = try scene.street.freeze(scene.resident, until: yesterday, at: scene.approver)
    #expect(try scene.refusalOfLast() == .frozenUntilPast(day: yesterday))
    _ = try scene.street.freeze(scene.resident, until: scene.street.today, at: scene.approver)
    #expect(try scene.refusalOfLast() == nil)
  }

  @Test func `too few points in one file: the counter names the other file of the person`() throws {
    var scene = try Scene()
    try scene.earn(9)
    let service = try scene.street.defineItem(points: 3, sort: 1, at: scene.a)
    let twin = try scene.street.register(at: scene.a)
    try scene.street.sell(service, price: 3, to: twin, at: scene.a)
    #expect(try scene.refusalOfLast() == .notEnoughPoints(balance: 0, needed: 3))
    try scene.street.decide(
      try scene.street.merge(scene.resident, twin, at: scene.approver))
    try scene.street.sell(service, 2, price: 3, to: twin, at: scene.a)
    #expect(
      try scene.refusalOfLast()
        == .pointsInOtherFile(balance: -3, needed: 6, file: scene.resident, holds: 9))
  }

  @Test func `coins don't pay a second time for a sale that they paid`() throws {
    var scene = try Scene()
    try scene.street.adjustCoins(3, 10, at: scene.approver)
    let rules = try scene.street.setRules(["redeem.credit_change": 1], in: 0)
    let sale = try scene.street.sell(
      scene.item, price: 9, to: scene.resident, coins: Street.coins(threes: 3), policy: rules,
      at: scene.a)
    try scene.street.record(
      "coin.collect", policy: rules, at: scene.a,
      ["coins": Street.coins(threes: 3), "redemption": .reference(sale)])
    #expect(try scene.refusalOfLast() == .paidAlready)
  }

  @Test func `nothing is given on trust to an account that is known to be empty`() throws {
    var scene = try Scene()
    let rules = scene.street.spot(at: scene.b)
    try scene.street.redeem(
      scene.resident, [(scene.item, 1, 9)], basis: 2, policy: rules, at: scene.b)
    try scene.street.receive(scene.item, quantity: 9, at: scene.b)
    try scene.street.receiptForAll()
    let before = scene
    try scene.street.redeem(
      scene.resident, [(scene.item, 1, 9)], basis: 2, policy: rules, at: scene.b)
    #expect(try scene.refusalOfLast() == .notEnoughPoints(balance: -9, needed: 9))
    // Who was offline since yesterday can't know.
    scene = before
    scene.street.now += 86_400_000
    scene.street.today = BusinessDate(stamp: scene.street.now)
    try scene.street.redeem(
      scene.resident, [(scene.item, 1, 9)], basis: 2, policy: rules, at: scene.b)
    #expect(try scene.refusalOfLast() == nil)
  }

  @Test func `trust ends at what is known to be there, once the street was heard`() throws {
    var scene = try Scene()
    let rules = scene.street.spot(at: scene.b)
    try scene.earn(8)
    let request = try scene.street.ask(scene.resident, 5, at: scene.b)
    let right = try scene.street.answer(request, 5, by: scene.a.office)
    let item = try scene.street.defineItem(points: 1, at: scene.a)
    try scene.street.receive(item, quantity: 20, at: scene.b)
    try scene.street.receiptForAll()
    let before = scene
    func refusal(_ points: Int64, spendingRight: Bool = false, later: Int64 = 0) throws -> Refusal?
    {
      var scene = before
      scene.street.now += later * 86_400_000
      scene.street.today = BusinessDate(stamp: scene.street.now)
      if spendingRight {
        try scene.street.spend(5, on: right, item: scene.item, to: scene.resident, at: scene.b)
      }
      try scene.street.redeem(
        scene.resident, [(item, points, 1)], basis: 2, policy: rules, at: scene.b)
      return try scene.refusalOfLast()
    }
    #expect(try refusal(10) == .visitLimit(limit: 9))
    #expect(try refusal(9) == .notEnoughPoints(balance: 8, needed: 9))
    #expect(try refusal(7) == .rightFirst(balance: 8, held: 5, needed: 7))
    #expect(try refusal(3) == nil)
    // The right first: then 3 points are left, and no more of them go on trust.
    #expect(try refusal(4, spendingRight: true) == .notEnoughPoints(balance: 3, needed: 4))
    #expect(try refusal(3, spendingRight: true) == nil)
    // Who was offline since yesterday can't know.
    #expect(try refusal(7, later: 1) == nil)
  }

  @Test func `only what the desk shows is resolved, and once`() throws {
    var scene = try Scene()
    let sale = try scene.spend(1, basis: 0, at: scene.b)
    let boss = Counter(office: scene.b.office, clerk: scene.street.staff[4])
    var wrong = scene
    try wrong.street.resolve(sale, .doubleAward, .noted, at: boss)
    #expect(try wrong.refusalOfLast() == .notOnDesk)
    try scene.street.resolve(sale, .debitWithoutStanding, .accepted, at: boss)
    #expect(try scene.refusalOfLast() == nil)
    try scene.street.resolve(sale, .debitWithoutStanding, .accepted, at: boss)
    #expect(try scene.refusalOfLast() == .notOnDesk)
  }

  @Test func `an entry about an item of a household's month is resolved by that item`() throws {
    var scene = try Scene()
    let rules = try scene.street.setRules(["redeem.household_item_limit": 1], in: 0)
    let home = try scene.street.household(at: scene.a)
    try scene.street.member(scene.resident, of: home, from: scene.street.today, at: scene.a)
    let sale = try scene.street.sell(
      scene.item, 2, price: 1, to: scene.resident, policy: rules, at: scene.a)
    #expect(scene.isOnDesk(.householdLimit, sale, detail: scene.item.packed))
    try scene.street.record(
      "desk.resolve", at: scene.approver,
      [
        "subject": .reference(sale), "reason": .text(DeskReason.householdLimit.rawValue),
        "outcome": .integer(Resolution.noted.rawValue), "record": .reference(scene.item),
      ])
    #expect(try scene.refusalOfLast() == nil)
  }
}
