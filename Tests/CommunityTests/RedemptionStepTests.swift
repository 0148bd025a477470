import Community
import FoldKit
import OpLog
import Testing

/// Voids and returns: `COVERAGE.md`, cases 26 and 27.
@Suite struct RedemptionStepTests {
  @Test func `a void gives back the points exactly, and the goods if they came back`() throws {
    for goodsReturned in [true, false] {
      var scene = try Scene()
      try scene.earn(9)
      try scene.street.receive(scene.item, quantity: 3, at: scene.a)
      let sale = try scene.spend(9, at: scene.a)
      let void = try scene.street.void(sale, goodsReturned: goodsReturned, at: scene.a)
      #expect(scene.verdict(void) == .plain)
      #expect(scene.verdict(sale) == Verdict(.void))
      #expect(try scene.balance() == 9)
      #expect(try scene.state.sum("account", [scene.resident.packed], "spent") == 0)
      #expect(try onHand(scene, scene.a) == (goodsReturned ? 3 : 2))
      #expect(try state(of: sale, scene) == "void")
    }
  }

  @Test func `what was given on trust is given back to the office that gave it`() throws {
    var scene = try Scene()
    let sale = try scene.spend(5, basis: 2, at: scene.b)
    try scene.street.void(sale, at: scene.b)
    #expect(try scene.state.count("office") == 0)
    #expect(try scene.state.sum("account", [scene.resident.packed], "uncovered") == 0)
    #expect(scene.verdict(sale) == Verdict(.void))
  }

  @Test func `once: of two voids the first to reach the hub counts, the other is a duplicate`()
    throws
  {
    var scene = try Scene()
    try scene.earn(9)
    let sale = try scene.spend(9, basis: 2, at: scene.b)
    let first = try scene.street.void(sale, at: scene.b)
    let rules = try scene.street.setRules(["void.days": 7], in: 1)
    let second = try scene.street.void(
      sale, policy: rules, at: Counter(office: scene.c.office, clerk: scene.street.staff[4]))
    try scene.street.receipt([(scene.c.office, second.seq)])
    try scene.street.receiptForAll()
    #expect(scene.verdict(second) == .plain)
    // The piece that came back at the other office is on no shelf.
    #expect(scene.verdict(first) == Verdict(.duplicate, [.goodsUnbooked]))
    #expect(try scene.balance() == 9)
    #expect(try onHand(scene, scene.c) == 1)
  }

  @Test func `a clerk on the day, an approver within the days, then nobody`() throws {
    let scene = try Scene()
    let days: [(days: Int64, byApprover: Bool, verdict: Verdict)] = [
      (0, false, .plain), (1, false, Verdict(.pending, [.actorNotEntitled])), (7, true, .plain),
      (8, true, Verdict(.void, [.voidTooLate])),
    ]
    for (days, byApprover, verdict) in days {
      var scene = scene
      let rules = try scene.street.setRules(["void.days": 7], in: 0)
      let sale = try scene.spend(9, at: scene.a)
      scene.street.today = scene.street.today.adding(days: days)
      let counter = byApprover ? scene.approver : scene.a
      let void = try scene.street.void(sale, policy: rules, at: counter)
      #expect(scene.verdict(void) == verdict, "\(days)")
    }
  }

  @Test func `a void under an old date is judged by its receipt, unless the sale came with it`()
    throws
  {
    let cases = [
      (7, false, Verdict.plain), (8, false, Verdict(.pending, [.actorNotEntitled])),
      (8, true, Verdict.plain),
    ]
    for (late, isTogether, verdict) in cases {
      var scene = try Scene()
      let rules = try scene.street.setRules(["void.days": 7, "backdate.max_days": 7], in: 0)
      let sale = try scene.spend(9, at: scene.a)
      if !isTogether { try scene.street.receiptForAll() }
      let void = try scene.street.void(sale, policy: rules, at: scene.a)
      scene.street.now += Int64(late) * 86_400_000
      try scene.street.receiptForAll()
      #expect(scene.verdict(void) == verdict, "\(late)")
    }
  }

  @Test func `what a clerk dates back too far counts, and a person looks at it`() throws {
    var scene = try Scene()
    let rules = try scene.street.setRules(["backdate.max_days": 7], in: 0)
    try scene.earn(20)
    scene.street.now += 8 * 86_400_000
    func sales(_ counter: Counter) throws -> OpID {
      try scene.street.sell(scene.item, price: 9, to: scene.resident, policy: rules, at: counter)
    }
    let (byClerk, byApprover) = (try sales(scene.a), try sales(scene.approver))
    try scene.street.receiptForAll()
    #expect(scene.verdict(byClerk) == Verdict(.posted, [.backdated]))
    #expect(scene.verdict(byApprover) == .plain)
  }

  @Test(
    "a redemption that waits for its date can be voided: its goods are gone, or came back",
    arguments: [true, false])
  func early(goodsReturned: Bool) throws {
    var scene = try Scene()
    try scene.earn(9)
    try scene.street.receive(scene.item, quantity: 3, at: scene.a)
    let today = scene.street.today
    scene.street.today = today.adding(days: 400)
    let sale = try scene.street.sell(
      scene.item, price: 9, to: scene.resident, coins: Street.coins(twos: 2), at: scene.a)
    try scene.street.receiptForAll()
    #expect(scene.verdict(sale) == Verdict(.pending, [.futureDate]))
    #expect(try onHand(scene, scene.a) == 3)
    scene.street.today = today
    let back = try scene.street.bringBack(sale, 1, at: scene.a)
    #expect(scene.verdict(back) == Verdict(.pending))
    let void = try scene.street.void(sale, goodsReturned: goodsReturned, at: scene.a)
    #expect(try scene.refusalOfLast() == nil)
    #expect(scene.verdict(void) == .plain)
    #expect(scene.verdict(sale) == Verdict(.void))
    #expect(try state(of: sale, scene) == "void")
    #expect(try scene.balance() == 9)
    #expect(try onHand(scene, scene.a) == (goodsReturned ? 3 : 2))
    #expect(try scene.state.sum("coin_box", [Int64(scene.a.office.rawValue), 2], "vault") == 0)
    scene.street.today = today.adding(days: 1)
    try scene.street.receiptForAll()
    #expect(scene.verdict(void) == .plain)
  }

  @Test func `a second void is a repeat, unless goods came back with it alone`() throws {
    let cases: [(counts: Bool, repeats: Bool, reasons: [DeskReason])] = [
      (true, true, []), (true, false, []), (false, false, []), (false, true, [.goodsUnbooked]),
    ]
    for (counts, repeats, reasons) in cases {
      var scene = try Scene()
      let sale = try scene.spend(9, at: scene.a)
      let first = try scene.street.void(sale, goodsReturned: counts, at: scene.a)
      let second = try scene.street.void(sale, goodsReturned: repeats, at: scene.a)
      #expect(scene.verdict(first) == .plain)
      #expect(scene.verdict(second) == Verdict(.duplicate, reasons))
    }
  }

  @Test func `at another office of the community only an approver may`() throws {
    var scene = try Scene()
    let rules = try scene.street.setRules(["void.days": 7], in: 1)
    let sale = try scene.spend(9, at: scene.b)
    let void = try scene.street.void(sale, policy: rules, at: scene.c)
    #expect(scene.verdict(void) == Verdict(.pending, [.actorNotEntitled]))
    #expect(try scene.balance() == -9)
    let approver = Counter(office: scene.c.office, clerk: scene.street.staff[4])
    let signed = try scene.street.void(sale, policy: rules, at: approver)
    #expect(scene.verdict(signed) == .plain)
  }

  @Test func `another community takes nothing back, whoever brings it there`() throws {
    var scene = try Scene()
    let rules = try scene.street.setRules(["void.days": 7], in: 1)
    let sale = try scene.spend(9, at: scene.a)
    let back = try scene.street.bringBack(sale, 1, at: scene.b)
    let void = try scene.street.void(
      sale, policy: rules, at: Counter(office: scene.b.office, clerk: scene.street.staff[4]))
    for step in [back, void] {
      #expect(scene.verdict(step) == Verdict(.pending, [.actorNotEntitled]))
    }
    #expect(try scene.balance() == -9)
    #expect(try onHand(scene, scene.b) == 0)
  }

  @Test func `pieces come back up to what was taken; damaged ones lie on no shelf`() throws {
    var scene = try Scene()
    try scene.earn(27)
    let sale = try scene.street.redeem(scene.resident, [(scene.item, 3, 9)], at: scene.a)
    let good = try scene.street.bringBack(sale, 1, at: scene.a)
    let damaged = try scene.street.bringBack(sale, 1, condition: 1, at: scene.a)
    #expect(try state(of: sale, scene) == "partly_returned")
    let much = try scene.street.bringBack(sale, 2, at: scene.a)
    let nothing = try scene.street.bringBack(sale, line: 2, 1, at: scene.a)
    #expect(scene.verdict(good) == .plain)
    #expect(scene.verdict(damaged) == .plain)
    #expect(scene.verdict(much) == Verdict(.void, [.returnAboveOriginal]))
    #expect(scene.verdict(nothing) == Verdict(.void, [.wrongReference]))
    #expect(try scene.balance() == 18)
    #expect(try onHand(scene, scene.a) == -2)
    try scene.street.bringBack(sale, 1, at: scene.a)
    #expect(try state(of: sale, scene) == "returned")
    #expect(try scene.balance() == 27)
  }

  @Test func `27: a void wins over a return, whichever came first`() throws {
    for voidIsFirst in [true, false] {
      var scene = try Scene()
      try scene.earn(18)
      let sale = try scene.street.redeem(scene.resident, [(scene.item, 2, 9)], at: scene.b)
      var void: OpID?
      if voidIsFirst { void = try scene.street.void(sale, at: scene.b) }
      let back = try scene.street.bringBack(sale, 1, at: scene.c)
      if !voidIsFirst { void = try scene.street.void(sale, at: scene.b) }
      #expect(scene.verdict(try #require(void)) == .plain)
      #expect(scene.verdict(back) == Verdict(.void, [.returnOfVoided]))
      #expect(try scene.balance() == 18)
      #expect(try onHand(scene, scene.b) == 0)
      #expect(try onHand(scene, scene.c) == 0)
    }
  }

  @Test func `26: what comes back is posted on its own day, beside the redemption`() throws {
    var scene = try Scene()
    let rules = try scene.street.setRules(["void.days": 40], in: 0)
    let sale = try scene.spend(9, at: scene.a)
    let sold = scene.street.today
    scene.street.today = sold.adding(days: 31)
    scene.street.now += 31 * 86_400_000
    let void = try scene.street.void(
      sale, goodsReturned: false, policy: rules, at: scene.approver)
    #expect(try scene.state.cell("redemption", [sale.packed], "points") == .integer(9))
    let key = [sale.packed, void.packed]
    #expect(try scene.state.cell("redemption_step", key, "points") == .integer(9))
    #expect(
      try scene.state.cell("redemption_step", key, "occurred_on")
        == .integer(Int64(scene.street.today.day)))
    #expect(try onHand(scene, scene.a) == -1)
  }

  @Test func `a date that turns out to lie ahead holds the steps back too`() throws {
    var scene = try Scene()
    let today = scene.street.today
    scene.street.today = today.adding(days: 30)
    let sale = try scene.spend(9, at: scene.a)
    let void = try scene.street.void(sale, at: scene.a)
    try scene.street.receiptForAll()
    #expect(scene.verdict(sale) == Verdict(.pending, [.futureDate]))
    #expect(scene.verdict(void)?.outcome == .pending)
    #expect(try scene.balance() == 0)
    #expect(try scene.state.count("shelf_item") == 0)
  }

  private func onHand(_ scene: Scene, _ counter: Counter) throws -> Int64 {
    let shelf = [Int64(counter.office.rawValue), scene.item.packed]
    return try scene.state.sum("shelf_item", shelf, "on_hand")
  }

  private func state(of sale: OpID, _ scene: Scene) throws -> String {
    try #require(try scene.state.cell("redemption", [sale.packed], "state")).text
  }
}
