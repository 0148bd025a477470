import Community
import FoldKit
import OpLog
import Testing

/// Prices, limits, coins, offers, and gifts: `COVERAGE.md`, cases 21 and 31; §9 A.
@Suite struct CounterRuleTests {
  @Test func `21: an older price counts, one that never was is on the desk`() throws {
    var scene = try Scene()
    let later = try scene.street.reprice(
      scene.item, points: 8, from: scene.street.today.adding(days: 1), replaces: [scene.item],
      at: scene.a)
    #expect(scene.verdict(later) == .plain)
    let early = try scene.street.sell(scene.item, price: 8, to: scene.resident, at: scene.b)
    #expect(scene.isOnDesk(.priceDiffers, early, detail: 1))
    scene.street.today = scene.street.today.adding(days: 1)
    let unseen = try scene.street.sell(scene.item, price: 9, to: scene.resident, at: scene.b)
    let seen = try scene.street.sell(scene.item, price: 8, to: scene.resident, at: scene.b)
    let never = try scene.street.sell(scene.item, price: 7, to: scene.resident, at: scene.b)
    for sale in [unseen, seen] {
      #expect(!scene.isOnDesk(.priceDiffers, sale, detail: 1))
    }
    #expect(scene.isOnDesk(.priceDiffers, never, detail: 1))
    #expect(try scene.state.cell("redemption", [never.packed], "points") == .integer(7))
    try scene.street.reprice(
      scene.item, points: 7, from: scene.street.today.adding(days: -3), replaces: [later],
      at: scene.a)
    #expect(!scene.isOnDesk(.priceDiffers, never, detail: 1))
  }

  @Test func `the counter takes the price of the day; two at once are a fork`() throws {
    var scene = try Scene()
    try scene.earn(20)
    try scene.street.receive(scene.item, quantity: 5, at: scene.a)
    let first = try scene.street.reprice(
      scene.item, points: 8, from: scene.street.today.adding(days: 1), replaces: [scene.item],
      at: scene.a)
    var today = scene
    try today.street.sell(today.item, price: 8, to: today.resident, at: today.a)
    #expect(try today.refusalOfLast() == .priceDiffers(item: today.item, points: 9))
    scene.street.today = scene.street.today.adding(days: 1)
    try scene.street.sell(scene.item, price: 8, to: scene.resident, at: scene.a)
    #expect(try scene.refusalOfLast() == nil)
    let second = try scene.street.reprice(
      scene.item, points: 7, replaces: [scene.item], at: scene.a)
    #expect(scene.isOnDesk(.fork, scene.item))
    try scene.street.reprice(scene.item, points: 6, replaces: [first, second], at: scene.a)
    #expect(!scene.isOnDesk(.fork, scene.item))
    let foreign = try scene.street.reprice(
      scene.item, points: 5, replaces: [scene.item], at: scene.b)
    #expect(scene.verdict(foreign) == Verdict(.void, [.wrongReference]))
  }

  @Test func `over the limit per person and month the counter refuses, a sync flags`() throws {
    var scene = try Scene()
    let rules = try scene.street.setRules(["redeem.item_limit": 2], in: 0)
    try scene.earn(90)
    try scene.street.receive(scene.item, quantity: 9, at: scene.a)
    let first = try scene.street.sell(
      scene.item, 2, price: 9, to: scene.resident, policy: rules, at: scene.a)
    #expect(try scene.refusalOfLast() == nil)
    let second = try scene.street.sell(
      scene.item, price: 9, to: scene.resident, policy: rules, at: scene.a)
    #expect(try scene.refusalOfLast() == .itemLimit(item: scene.item, limit: 2, period: .month))
    #expect(scene.isOnDesk(.itemLimit, second, detail: 1))
    #expect(scene.verdict(second) == .plain)
    try scene.street.void(first, at: scene.a)
    #expect(!scene.isOnDesk(.itemLimit, second, detail: 1))
    scene.street.today = scene.street.today.adding(days: 31)
    try scene.street.sell(
      scene.item, 2, price: 9, to: scene.resident, policy: rules, at: scene.a)
    #expect(try scene.refusalOfLast() == nil)
  }

  @Test func `each line of one item is on the desk by itself`() throws {
    var scene = try Scene()
    let sale = try scene.street.sell(
      scene.item, price: 5, andAt: 6, to: scene.resident, at: scene.a)
    let rules = try scene.street.setRules(["redeem.item_limit": 1], in: 0)
    try scene.street.receive(scene.item, quantity: 3, at: scene.a)
    try scene.street.reprice(scene.item, points: 6, replaces: [scene.item], at: scene.a)
    #expect(scene.isOnDesk(.priceDiffers, sale, detail: 1))
    #expect(!scene.isOnDesk(.priceDiffers, sale, detail: 2))
    let over = try scene.street.sell(
      scene.item, 2, price: 9, andAt: 9, to: scene.resident, policy: rules, at: scene.a)
    #expect(scene.isOnDesk(.itemLimit, over, detail: 1))
    #expect(scene.isOnDesk(.itemLimit, over, detail: 2))
    try scene.street.bringBack(over, line: 2, 1, at: scene.a)
    #expect(scene.isOnDesk(.itemLimit, over, detail: 1))
    #expect(!scene.isOnDesk(.itemLimit, over, detail: 2))
  }

  @Test func `a minor spends so much a day, and rules may keep others out`() throws {
    var scene = try Scene()
    let rules = try scene.street.setRules(
      ["redeem.minor_per_day": 10, "redeem.cross_community": 0], in: 0)
    try scene.street.receive(scene.item, quantity: 9, at: scene.a)
    let child = try scene.street.record(
      "resident.register", at: scene.a, ["age_band": .integer(1)])
    let activity = try scene.street.publish(points: 50, at: scene.a)
    _ = try scene.street.grant(child, activity, points: 50, at: scene.a)
    try scene.street.sell(scene.item, price: 9, to: child, policy: rules, at: scene.a)
    #expect(try scene.refusalOfLast() == nil)
    var greedy = scene
    try greedy.street.sell(greedy.item, price: 9, to: child, policy: rules, at: greedy.a)
    #expect(try greedy.refusalOfLast() == .minorLimit(limit: 10))
    scene.street.today = scene.street.today.adding(days: 1)
    try scene.street.sell(scene.item, price: 9, to: child, policy: rules, at: scene.a)
    #expect(try scene.refusalOfLast() == nil)
    let stranger = try scene.street.register(at: scene.b, home: scene.street.enrolments[0])
    _ = try scene.street.grant(stranger, activity, points: 50, at: scene.a)
    try scene.street.sell(scene.item, price: 9, to: stranger, policy: rules, at: scene.a)
    #expect(try scene.refusalOfLast() == .otherCommunity)
  }

  @Test func `trust ends after days without a receipt`() throws {
    var scene = try Scene()
    let rules = try scene.street.setRules(["standin.max_days": 7], in: 1)
    try scene.street.receive(scene.item, quantity: 9, at: scene.b)
    try scene.street.receiptForAll()
    for days in [7, 8] as [Int64] {
      var scene = scene
      scene.street.today = scene.street.today.adding(days: days)
      try scene.street.sell(
        scene.item, price: 9, to: scene.resident, basis: 2, policy: rules, at: scene.b)
      #expect(
        try scene.refusalOfLast() == (days == 7 ? nil : .offlineTooLong(days: 8, limit: 7)))
    }
  }

  @Test func `more coins than a price takes are refused where no change is given`() throws {
    for credits in [true, false] {
      var scene = try Scene()
      let rules = try scene.street.setRules(["redeem.credit_change": credits ? 1 : 0], in: 0)
      let printer = Counter(office: scene.b.office, clerk: scene.street.staff[4])
      for coin in Coins.denominations { try scene.street.adjustCoins(coin, 20, at: printer) }
      try scene.street.receive(scene.item, quantity: 9, at: scene.a)
      try scene.street.sell(
        scene.item, price: 9, to: scene.resident, coins: Street.coins(twos: 3, threes: 3),
        policy: rules, at: scene.a)
      let threes = [CoinCount(denomination: 3, count: 3)]
      let refusal = try scene.refusalOfLast()
      #expect(refusal == (credits ? nil : .tooManyCoins(points: 9, enough: threes)))
    }
    #expect(
      Coins.least(8, twos: 3, threes: 1)
        == [CoinCount(denomination: 2, count: 3), CoinCount(denomination: 3, count: 1)])
    #expect(Coins.least(1, twos: 2, threes: 1) == [CoinCount(denomination: 2, count: 1)])
    #expect(Coins.least(8, twos: 1, threes: 1) == nil)
  }

  @Test func `A: three twos and a three buy 9 exactly; for 8 they pay 9 without change`() throws {
    #expect(
      Coins.exact(9, twos: 3, threes: 1)
        == [CoinCount(denomination: 2, count: 3), CoinCount(denomination: 3, count: 1)])
    #expect(Coins.exact(8, twos: 3, threes: 1) == nil)
    #expect(Coins.exact(1, twos: 9, threes: 9) == nil)
    #expect(Coins.exact(0, twos: 0, threes: 0) == [])
    for credits in [true, false] {
      var scene = try Scene()
      let rules = try scene.street.setRules(["redeem.credit_change": credits ? 1 : 0], in: 0)
      let sale = try scene.street.sell(
        scene.item, price: 8, to: scene.resident, coins: Street.coins(twos: 3, threes: 1),
        policy: rules, at: scene.a)
      #expect(scene.verdict(sale) == .plain)
      #expect(try scene.balance() == (credits ? 1 : 0))
      #expect(try box(scene, 2, "vault") == 3)
      #expect(try box(scene, 3, "out") == -1)
      try scene.street.void(sale, at: scene.a)
      #expect(try scene.balance() == 0)
      #expect(try scene.state.count("coin_box") == 0)
    }
  }

  @Test func `A: nothing costs 1 point where coins are all there is`() throws {
    var scene = try Scene()
    let rules = try scene.street.setRules(["coin.only": 1], in: 0)
    let prices: [(points: Int64, refusal: Refusal?)] = [
      (1, .notPayableInCoins(points: 1)), (2, nil),
    ]
    for (points, refusal) in prices {
      try scene.street.record(
        "item.define", policy: rules, at: scene.a,
        ["name": .text("香皂"), "sort": .integer(0), "points": .integer(points)])
      #expect(try scene.refusalOfLast() == refusal)
    }
  }

  @Test func `A: where coins are all there is, coins pay for all`() throws {
    var scene = try Scene()
    let rules = try scene.street.setRules(["coin.only": 1], in: 0)
    try scene.earn(12)
    try scene.street.receive(scene.item, quantity: 2, at: scene.a)
    try scene.street.adjustCoins(3, 9, at: scene.approver)
    try scene.street.issueCoins(Street.coins(threes: 3), to: scene.resident, at: scene.a)
    let purses: [(threes: Int64, refusal: Refusal?)] = [
      (2, .coinsNeeded(points: 3)), (3, nil),
    ]
    for (threes, refusal) in purses {
      var sold = scene
      try sold.street.sell(
        sold.item, price: 9, to: sold.resident, coins: Street.coins(threes: threes),
        policy: rules, at: sold.a)
      #expect(try sold.refusalOfLast() == refusal)
    }
  }

  @Test func `31: coins are counted: vault, out, destroyed, and printed`() throws {
    var scene = try Scene()
    try scene.street.adjustCoins(3, 10, at: scene.approver)
    let award = try scene.earn(3, at: scene.b)
    try scene.street.adjustCoins(
      3, 5, at: Counter(office: scene.b.office, clerk: scene.street.staff[4]))
    let rules = scene.street.spot(at: scene.b)
    let issue = try scene.street.issueCoins(
      Street.coins(threes: 1), to: scene.resident, for: [award], policy: rules, at: scene.b)
    #expect(scene.verdict(issue) == Verdict(.posted, [.standIn]))
    #expect(try scene.refusalOfLast() == nil)
    #expect(try scene.balance() == 0)
    #expect(try scene.earned() == 3)
    let again = try scene.street.issueCoins(
      Street.coins(threes: 1), to: scene.resident, for: [award], at: scene.b)
    #expect(try scene.refusalOfLast() == .paidInCoins(award: award))
    #expect(scene.isOnDesk(.coinsTwice, again, detail: award.packed))
    #expect(try box(scene, 3, "out", at: scene.b) == 2)
    try scene.street.record(
      "coin.collect", at: scene.a,
      ["coins": Street.coins(threes: 2), "resident": .reference(scene.resident)])
    #expect(try scene.balance() == 3)
    #expect(try box(scene, 3, "vault") == 12)
    #expect(try box(scene, 3, "out") == -2)
    try scene.street.adjustCoins(3, -1, reason: 2, at: scene.a)
    var destroyed = scene
    try destroyed.street.adjustCoins(3, 12, reason: 1, at: destroyed.approver)
    #expect(try destroyed.refusalOfLast() == .notEnoughCoins(denomination: 3, vault: 11))
    try scene.street.adjustCoins(3, 4, reason: 1, at: scene.approver)
    #expect(try scene.refusalOfLast() == nil)
    #expect(try box(scene, 3, "vault") == 7)
    #expect(try box(scene, 3, "destroyed") == 4)
    #expect(try box(scene, 3, "printed") == 10)
    let odd = try scene.street.adjustCoins(2, -1, reason: 0, at: scene.approver)
    #expect(scene.verdict(odd) == Verdict(.void, [.wrongQuantity]))
    let clerk = try scene.street.adjustCoins(2, 1, reason: 0, at: scene.a)
    #expect(scene.verdict(clerk) == Verdict(.pending, [.actorNotEntitled]))
  }

  @Test func `coins handed in for a redemption pay its points, and no more`() throws {
    var scene = try Scene()
    let sale = try scene.spend(9, at: scene.a)
    for _ in 0..<2 {
      try scene.street.record(
        "coin.collect", at: scene.a,
        ["coins": Street.coins(twos: 3), "redemption": .reference(sale)])
    }
    #expect(try scene.balance() == 0)
    #expect(try box(scene, 2, "vault") == 6)
  }

  @Test func `an offer has a limit per person, a day on which it ends, and a price`() throws {
    var scene = try Scene()
    let offer = try scene.street.record(
      "offer.publish", at: scene.a,
      [
        "title": .text("理发"), "points": .integer(2), "per_person": .integer(2),
        "min_earned": .integer(3), "valid_to": .integer(Int64(scene.street.today.day)),
      ])
    try use(offer, &scene)
    #expect(try scene.refusalOfLast() == .earnedTooLittle(least: 3))
    try scene.earn(9)
    try use(offer, &scene)
    #expect(try scene.refusalOfLast() == nil)
    let over = try use(offer, &scene)
    #expect(try scene.refusalOfLast() == .offerLimit(limit: 2))
    #expect(scene.isOnDesk(.offerLimit, over))
    #expect(scene.verdict(over) == .plain)
    #expect(try scene.balance() == 3)
    scene.street.today = scene.street.today.adding(days: 1)
    let late = try use(offer, &scene)
    #expect(scene.verdict(late) == Verdict(.posted, [.offerExpired]))
  }

  @Test func `a gift moves what may be spent, at the giver's home only`() throws {
    var scene = try Scene()
    let other = try scene.street.register(at: scene.b)
    try scene.earn(9)
    let gift = try scene.street.give(4, from: scene.resident, to: other, at: scene.a)
    #expect(scene.verdict(gift) == .plain)
    #expect(try scene.refusalOfLast() == nil)
    #expect(try scene.balance() == 5)
    #expect(try scene.earned() == 9)
    #expect(try scene.state.sum("account", [other.packed], "balance") == 4)
    #expect(try scene.state.sum("account", [other.packed], "earned") == 0)
    let away = try scene.street.give(4, from: scene.resident, to: other, at: scene.b)
    #expect(scene.verdict(away) == Verdict(.void, [.debitWithoutStanding]))
    try scene.street.give(6, from: scene.resident, to: other, at: scene.a)
    #expect(try scene.refusalOfLast() == .notEnoughPoints(balance: 5, needed: 6))
    let toItself = try scene.street.give(1, from: other, to: other, at: scene.b)
    #expect(scene.verdict(toItself) == Verdict(.void, [.wrongReference]))
  }

  @discardableResult
  private func use(_ offer: OpID, _ scene: inout Scene) throws -> OpID {
    try scene.street.record(
      "offer.use", at: scene.a,
      [
        "offer": .reference(offer), "resident": .reference(scene.resident), "times": .integer(1),
      ])
  }

  private func box(
    _ scene: Scene, _ denomination: Int64, _ column: String, at counter: Counter? = nil
  ) throws -> Int64 {
    let office = Int64((counter ?? scene.a).office.rawValue)
    return try scene.state.sum("coin_box", [office, denomination], column)
  }
}
