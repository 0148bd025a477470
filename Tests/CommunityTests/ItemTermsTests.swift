import Community
import FoldKit
import OpLog
import Testing

/// How much of an item one person may take, and from which age.
///
/// The street's today is Tuesday, 13 January 2026.
@Suite struct ItemTermsTests {
  /// A scene where the resident has points and the shelf some cups with terms of their own.
  private struct Shop {
    var scene: Scene
    let cup: OpID
    let rules: OpID

    init(_ terms: Terms) throws {
      var scene = try Scene()
      rules = try scene.street.setRules(
        ["redeem.item_limit": 1, "redeem.household_item_limit": 1], in: 0)
      cup = try scene.street.defineItem(points: 2, terms: terms, at: scene.a)
      try scene.street.receive(cup, quantity: 20, at: scene.a)
      try scene.earn(60)
      self.scene = scene
    }

    mutating func sell(
      _ quantity: Int64 = 1, to person: OpID? = nil, collector: OpID? = nil, terms: [OpID] = [],
      at counter: Counter? = nil
    ) throws -> OpID {
      let counter = counter ?? scene.a
      return try scene.street.sell(
        cup, quantity, price: 2, to: person ?? scene.resident,
        basis: counter.office == scene.a.office ? 0 : 2, collector: collector, terms: terms,
        policy: counter.office == scene.a.office ? rules : nil, at: counter)
    }

    func isOver(_ sale: OpID) -> Bool { scene.isOnDesk(.itemLimit, sale, detail: 1) }

    /// Fails unless every order of arrival gives one state, and the naive model the same.
    func check() throws {
      let expected = Snapshot(MemoryReplica(scene.street.written))
      for seed in 1...10 as ClosedRange<UInt64> {
        var dice = Dice(seed: seed)
        let order = Arrival.order(of: scene.street.written, using: &dice)
        expectSame(Snapshot(MemoryReplica(order)), expected, "order \(seed)")
      }
      try expectModel(of: scene.street.written)
    }
  }

  @Test func `an item's own limit goes before those of the rules, at the counter and on the desk`()
    throws
  {
    var shop = try Shop(Terms(limit: 2, period: 1))
    let first = try shop.sell(2)
    #expect(try shop.scene.refusalOfLast() == nil)
    // February is of the same quarter, April is not.
    shop.scene.street.today = shop.scene.street.today.adding(days: 31)
    var same = shop
    _ = try same.sell()
    #expect(
      try same.scene.refusalOfLast() == .itemLimit(item: shop.cup, limit: 2, period: .quarter))
    let elsewhere = try shop.sell(at: shop.scene.b)
    #expect(shop.scene.verdict(elsewhere) == Verdict(.posted, [.standIn]))
    #expect(shop.isOver(elsewhere) && !shop.isOver(first))
    shop.scene.street.today = shop.scene.street.today.adding(days: 60)
    let later = try shop.sell(2)
    #expect(try shop.scene.refusalOfLast() == nil)
    #expect(!shop.isOver(later))
    try shop.scene.street.bringBack(first, 1, at: shop.scene.a)
    #expect(!shop.isOver(elsewhere))
    try shop.check()
  }

  @Test func `a change holds for those who knew it, and what it leaves out stays`() throws {
    var shop = try Shop(Terms(limit: 2, minAge: 2))
    let change = try shop.scene.street.reprice(
      shop.cup, points: 2, terms: Terms(limit: 1), replaces: [shop.cup], at: shop.scene.a)
    var counter = shop
    _ = try counter.sell(2, terms: [change])
    #expect(
      try counter.scene.refusalOfLast() == .itemLimit(item: shop.cup, limit: 1, period: .month))
    // An office that had not heard of it hands out two.
    let unknowing = try shop.sell(2, at: shop.scene.b)
    #expect(!shop.isOver(unknowing))
    let knowing = try shop.sell(terms: [change])
    #expect(shop.isOver(max(unknowing, knowing)))
    let child = try shop.scene.street.register(at: shop.scene.a, ageBand: 1)
    let young = try shop.sell(to: child, terms: [change])
    #expect(shop.scene.verdict(young)?.reasons.contains(.underAge) == true)
    // A later price that says nothing of terms leaves them; another takes the limit off.
    let price = try shop.scene.street.reprice(
      shop.cup, points: 2, replaces: [change], at: shop.scene.a)
    let state = shop.scene.state
    let day = Int64(shop.scene.street.today.day)
    #expect(ItemPrices.terms(of: shop.cup, on: day, in: state) == change)
    let free = try shop.scene.street.reprice(
      shop.cup, points: 2, terms: Terms(limit: 0), replaces: [price], at: shop.scene.a)
    #expect(ItemPrices.terms(of: shop.cup, on: day, in: shop.scene.state) == free)
    #expect(ItemTerms.standing(of: shop.cup, on: day, in: shop.scene.state)?.limit == nil)
    try shop.check()
  }

  @Test func `who is younger than an item allows is refused at the counter; at a sync it is told`()
    throws
  {
    var shop = try Shop(Terms(minAge: 1))
    let child = try shop.scene.street.register(at: shop.scene.a, ageBand: 0)
    let silent = try shop.scene.street.register(at: shop.scene.a)
    for person in [child, silent] {
      _ = try shop.scene.street.grant(
        person, shop.scene.activity, points: 3, at: shop.scene.a)
    }
    var counter = shop
    _ = try counter.sell(to: child)
    #expect(try counter.scene.refusalOfLast() == .wouldNotCount(.posted, [.underAge]))
    let told = Verdict(.posted, [.underAge])
    let own = try shop.sell(to: child)
    let fetched = try shop.sell(collector: child)
    let unknown = try shop.sell(to: silent)
    #expect([own, fetched, unknown].map(shop.scene.verdict) == [told, told, .plain])
    // It turns out how old somebody is.
    try shop.scene.street.update(
      silent, "age_band", replaces: [silent], ageBand: 0, at: shop.scene.a)
    #expect(shop.scene.verdict(unknown) == told)
    try shop.check()
  }
}
