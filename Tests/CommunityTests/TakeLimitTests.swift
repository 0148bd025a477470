import Community
import FoldKit
import OpLog
import Testing

/// What households and quarters limit, days of redemption, guardians, and pools.
///
/// The street's today is Tuesday, 13 January 2026.
@Suite struct TakeLimitTests {
  /// A scene under some rules of both communities, where two residents live in one household.
  private struct Family {
    var scene: Scene
    /// The rules, by community.
    let rules: [OpID]
    let home: OpID
    let other: OpID
    /// Goods for a point, of which everybody has some.
    let soap: OpID
    private let activity: OpID

    init(_ keys: KeyValuePairs<String, Int64> = [:]) throws {
      var scene = try Scene()
      rules = [try scene.street.setRules(keys, in: 0), try scene.street.setRules(keys, in: 1)]
      home = try scene.street.household(head: scene.resident, at: scene.a)
      other = try scene.street.register(at: scene.a)
      soap = try scene.street.defineItem(points: 1, at: scene.a)
      try scene.street.receive(soap, quantity: 9, at: scene.a)
      activity = try scene.street.publish(points: 9, at: scene.a)
      for person in [scene.resident, other] {
        _ = try scene.street.grant(person, activity, points: 9, at: scene.a)
      }
      for person in [scene.resident, other] {
        try scene.street.member(
          person, of: home, from: scene.street.today.adding(days: -9), at: scene.a)
      }
      try scene.street.receiptForAll()
      self.scene = scene
    }

    /// Somebody else, who has points too.
    mutating func person(_ ageBand: Int64? = nil) throws -> OpID {
      let person = try scene.street.register(at: scene.a, ageBand: ageBand)
      _ = try scene.street.grant(person, activity, points: 9, at: scene.a)
      return person
    }

    @discardableResult
    mutating func sell(
      to person: OpID, pool: OpID? = nil, collector: OpID? = nil, at counter: Counter
    ) throws -> OpID {
      try scene.street.sell(
        soap, price: 1, to: person, basis: counter.office == scene.a.office ? 0 : 2,
        pool: pool, collector: collector,
        policy: rules[counter.office == scene.a.office ? 0 : 1], at: counter)
    }

    /// Fails unless every order of arrival gives the same state.
    func expectOneState() {
      let expected = Snapshot(MemoryReplica(scene.street.written))
      for seed in 1...20 as ClosedRange<UInt64> {
        var dice = Dice(seed: seed)
        let order = Arrival.order(of: scene.street.written, using: &dice)
        expectSame(Snapshot(MemoryReplica(order)), expected, "order \(seed)")
      }
    }
  }

  @Test func `a household's month is full: the counter refuses, a sync flags the later one`() throws
  {
    var family = try Family(["redeem.household_item_limit": 1])
    let first = try family.sell(to: family.scene.resident, at: family.scene.a)
    let item = family.soap
    #expect(try family.scene.refusalOfLast() == nil)
    var same = family
    try same.sell(to: same.other, at: same.scene.a)
    #expect(try same.scene.refusalOfLast() == .householdLimit(item: item, limit: 1))
    // Two offices, each right by what it knew.
    let second = try family.sell(to: family.other, at: family.scene.b)
    #expect(family.scene.verdict(second) == Verdict(.posted, [.standIn]))
    #expect(family.scene.isOnDesk(.householdLimit, second, detail: item.packed))
    #expect(!family.scene.isOnDesk(.householdLimit, first, detail: item.packed))
    family.expectOneState()
    // What came back leaves room, and so does a member who turns out to live elsewhere.
    var back = family
    try back.scene.street.bringBack(first, 1, at: back.scene.a)
    #expect(!back.scene.isOnDesk(.householdLimit, second, detail: item.packed))
    let elsewhere = try family.scene.street.household(at: family.scene.a)
    let kind = Catalogue.kind(named: "household.set_member")?.number
    let membership = try #require(
      family.scene.street.written.last {
        $0.op.kind == kind && $0.op.namedOps.contains(family.other)
      })
    try family.scene.street.member(
      family.other, of: elsewhere, from: family.scene.street.today.adding(days: -9),
      replaces: [membership.op.id], at: family.scene.a)
    #expect(!family.scene.isOnDesk(.householdLimit, second, detail: item.packed))
    family.expectOneState()
  }

  @Test func `what is too much stays on the desk when the person turns out to live elsewhere`()
    throws
  {
    var family = try Family(["redeem.household_item_limit": 1])
    let elsewhere = try family.scene.street.household(at: family.scene.a)
    let person = try family.person()
    let from = family.scene.street.today.adding(days: -9)
    let wrong = try family.scene.street.member(
      person, of: elsewhere, from: from, at: family.scene.a)
    try family.sell(to: person, at: family.scene.a)
    let second = try family.sell(to: person, at: family.scene.a)
    #expect(family.scene.isOnDesk(.householdLimit, second, detail: family.soap.packed))
    // The household with the lower id is settled before the other gives the entry up.
    _ = try family.scene.street.member(
      person, of: family.home, from: from, replaces: [wrong], at: family.scene.a)
    #expect(family.scene.isOnDesk(.householdLimit, second, detail: family.soap.packed))
    family.expectOneState()
  }

  @Test func `another month, and another household, have room of their own`() throws {
    var family = try Family(["redeem.household_item_limit": 1])
    try family.sell(to: family.scene.resident, at: family.scene.a)
    let stranger = try family.person()
    try family.sell(to: stranger, at: family.scene.a)
    #expect(try family.scene.refusalOfLast() == nil)
    family.scene.street.today = family.scene.street.today.adding(days: 31)
    try family.sell(to: family.other, at: family.scene.a)
    #expect(try family.scene.refusalOfLast() == nil)
  }

  @Test func `a quarter has so many redemptions; one that came back whole is none`() throws {
    var family = try Family(["redeem.max_per_quarter": 1])
    let first = try family.sell(to: family.scene.resident, at: family.scene.a)
    #expect(try family.scene.refusalOfLast() == nil)
    family.scene.street.today = family.scene.street.today.adding(days: 60)
    var same = family
    try same.sell(to: same.scene.resident, at: same.scene.a)
    #expect(try same.scene.refusalOfLast() == .quarterLimit(limit: 1))
    let second = try family.sell(to: family.scene.resident, at: family.scene.b)
    #expect(family.scene.isOnDesk(.quarterLimit, second))
    #expect(!family.scene.isOnDesk(.quarterLimit, first))
    family.expectOneState()
    try family.scene.street.bringBack(first, 1, at: family.scene.a)
    #expect(!family.scene.isOnDesk(.quarterLimit, second))
    family.expectOneState()
    family.scene.street.today = family.scene.street.today.adding(days: 31)
    try family.sell(to: family.scene.resident, at: family.scene.a)
    #expect(try family.scene.refusalOfLast() == nil)
  }

  @Test func `the counter redeems on the days that the rules name`() throws {
    // Monday is 0.
    let cases: [(keys: KeyValuePairs<String, Int64>, isOpen: Bool)] = [
      (["redeem.weekday": 1], true), (["redeem.weekday": 4], false), (["fair.day": 13], true),
      (["redeem.weekday": 4, "fair.day": 13], true), (["fair.day": 14], false), ([:], true),
    ]
    for (keys, isOpen) in cases {
      var family = try Family(keys)
      let sale = try family.sell(to: family.scene.resident, at: family.scene.a)
      #expect(
        family.scene.verdict(sale) == (isOpen ? .plain : Verdict(.posted, [.closedDay])),
        "\(keys)")
      #expect(
        try family.scene.refusalOfLast()
          == (isOpen ? nil : .wouldNotCount(.posted, [.closedDay])), "\(keys)")
    }
  }

  @Test func `who turns out to live elsewhere is over the limit there`() throws {
    var family = try Family(["redeem.household_item_limit": 1])
    let person = try family.person()
    let later = try family.scene.street.household(head: person, at: family.scene.a)
    let since = family.scene.street.today.adding(days: -9)
    let moved = try family.scene.street.member(
      person, of: later, from: since, at: family.scene.a)
    try family.sell(to: person, at: family.scene.a)
    let second = try family.sell(to: person, at: family.scene.a)
    let item = family.soap.packed
    #expect(family.scene.isOnDesk(.householdLimit, second, detail: item))
    // The month of the household with the lower id is settled first, and puts the same entry there.
    try family.scene.street.member(
      person, of: family.home, from: since, replaces: [moved], at: family.scene.a)
    #expect(try family.scene.state.count("household_month") == 1)
    #expect(family.scene.isOnDesk(.householdLimit, second, detail: item))
    family.expectOneState()
  }

  @Test func `a child redeems with somebody who is grown up`() throws {
    var family = try Family(["redeem.guardian": 1])
    let (child, minor, adult) = (try family.person(0), try family.person(1), try family.person(2))
    let cases: [(who: OpID, collector: OpID?, isRight: Bool)] = [
      (child, nil, false), (child, child, false), (child, minor, false), (child, adult, true),
      (child, family.other, true), (minor, nil, true), (adult, child, true),
    ]
    for (who, collector, isRight) in cases {
      let sale = try family.sell(to: who, collector: collector, at: family.scene.a)
      #expect(
        family.scene.verdict(sale) == (isRight ? .plain : Verdict(.posted, [.guardianNeeded])))
      #expect((try family.scene.refusalOfLast() == nil) == isRight)
    }
  }

  @Test func `nobody under 18 takes from a pool alone`() throws {
    var family = try Family(["redeem.guardian": 1, "household.pool": 1])
    let (minor, adult) = (try family.person(1), try family.person(2))
    for person in [minor, adult] {
      try family.scene.street.member(
        person, of: family.home, from: family.scene.street.today, at: family.scene.a)
    }
    try family.scene.street.give(
      5, from: family.scene.resident, to: family.home, at: family.scene.a)
    let alone = try family.sell(to: minor, pool: family.home, at: family.scene.a)
    #expect(family.scene.verdict(alone) == Verdict(.posted, [.guardianNeeded]))
    let together = try family.sell(
      to: minor, pool: family.home, collector: adult, at: family.scene.a)
    #expect(family.scene.verdict(together) == .plain)
    let grown = try family.sell(to: adult, pool: family.home, at: family.scene.a)
    #expect(family.scene.verdict(grown) == .plain)
  }

  @Test func `how old somebody is may be put right, from that day on`() throws {
    var family = try Family(["redeem.guardian": 1])
    let person = try family.person()
    let before = try family.sell(to: person, at: family.scene.a)
    #expect(family.scene.verdict(before) == .plain)
    family.scene.street.today = family.scene.street.today.adding(days: 1)
    let child = try family.scene.street.update(
      person, "age_band", replaces: [person], ageBand: 0, at: family.scene.a)
    let alone = try family.sell(to: person, at: family.scene.a)
    #expect(family.scene.verdict(alone) == Verdict(.posted, [.guardianNeeded]))
    #expect(family.scene.verdict(before) == .plain)
    family.scene.street.today = family.scene.street.today.adding(days: 1)
    try family.scene.street.update(
      person, "age_band", replaces: [child], ageBand: 1, at: family.scene.a)
    let after = try family.sell(to: person, at: family.scene.a)
    #expect(family.scene.verdict(after) == .plain)
    #expect(family.scene.verdict(alone) == Verdict(.posted, [.guardianNeeded]))
    family.expectOneState()
  }

  @Test func `where two offices disagree the younger band holds, and the fork is on the desk`()
    throws
  {
    var family = try Family(["redeem.guardian": 1])
    let person = try family.person(2)
    let child = try family.scene.street.update(
      person, "age_band", replaces: [person], ageBand: 0, at: family.scene.a)
    let adult = try family.scene.street.update(
      person, "age_band", replaces: [person], ageBand: 2, at: family.scene.b)
    let alone = try family.sell(to: person, at: family.scene.a)
    #expect(family.scene.verdict(alone) == Verdict(.posted, [.guardianNeeded]))
    #expect(family.scene.isOnDesk(.fork, person, detail: AgeBand.register))
    try family.scene.street.update(
      person, "age_band", replaces: [child, adult], ageBand: 2, at: family.scene.a)
    #expect(family.scene.verdict(alone) == .plain)
    #expect(!family.scene.isOnDesk(.fork, person, detail: AgeBand.register))
    family.expectOneState()
  }

  @Test func `a clock that is ahead does not put off what is said of a child`() throws {
    var family = try Family(["redeem.guardian": 1])
    let person = try family.person(2)
    let (today, far) = (family.scene.street.today, family.scene.street.today.adding(days: 400))
    family.scene.street.today = far
    let child = try family.scene.street.update(
      person, "age_band", replaces: [person], ageBand: 0, at: family.scene.a)
    family.scene.street.today = today
    try family.scene.street.receiptForAll()
    #expect(family.scene.verdict(child) == Verdict(.posted, [.futureDate]))
    let alone = try family.sell(to: person, at: family.scene.a)
    #expect(family.scene.verdict(alone) == Verdict(.posted, [.guardianNeeded]))
    family.expectOneState()
  }

  @Test func `a mistake about an age is put right for the days before it, too`() throws {
    var family = try Family(["redeem.guardian": 1])
    let person = try family.person(0)
    let start = family.scene.street.today
    family.scene.street.today = start.adding(days: 3)
    let sale = try family.sell(to: person, at: family.scene.a)
    family.scene.street.today = start.adding(days: 5)
    let adult = try family.scene.street.update(
      person, "age_band", replaces: [person], ageBand: 2, at: family.scene.a)
    #expect(family.scene.verdict(sale) == Verdict(.posted, [.guardianNeeded]))
    family.scene.street.today = start.adding(days: 2)
    try family.scene.street.update(
      person, "age_band", replaces: [adult], ageBand: 2, at: family.scene.a)
    #expect(family.scene.verdict(sale) == .plain)
    family.expectOneState()
  }

  @Test func `whoever is a child in one file is one in all files of the person`() throws {
    var family = try Family(["redeem.guardian": 1])
    let (silent, child) = (try family.person(), try family.person(0))
    let sale = try family.sell(to: silent, at: family.scene.a)
    #expect(family.scene.verdict(sale) == .plain)
    let merge = try family.scene.street.merge(silent, child, at: family.scene.approver)
    try family.scene.street.decide(merge)
    #expect(family.scene.verdict(sale) == Verdict(.posted, [.guardianNeeded]))
    let undone = try family.scene.street.unmerge(merge, at: family.scene.approver)
    try family.scene.street.decide(undone)
    #expect(family.scene.verdict(sale) == .plain)
    family.expectOneState()
  }

  @Test func `a band that replaces nothing is told, and not passed over`() throws {
    var family = try Family(["redeem.guardian": 1])
    let person = try family.person(2)
    let update = try family.scene.street.note(
      "resident.update", at: family.scene.a,
      ["resident": .reference(person), "age_band": .integer(0)])
    #expect(family.scene.verdict(update) == Verdict(.posted, [.wrongReference]))
  }

  @Test(
    "the band of a birth date",
    arguments: [
      ("2012-01-14", AgeBand.child), ("2012-01-13", .minor), ("2008-01-14", .minor),
      ("2008-01-13", .adult), ("1966-01-14", .adult), ("1966-01-13", .senior),
    ])
  func bands(born: String, band: AgeBand) throws {
    let day = try #require(BusinessDate("2026-01-13"))
    #expect(AgeBand(born: born, on: day) == band)
  }

  @Test func `only the household takes from its pool`() throws {
    var family = try Family(["household.pool": 1])
    let stranger = try family.person()
    let (resident, other) = (family.scene.resident, family.other)
    try family.scene.street.give(5, from: resident, to: family.home, at: family.scene.a)
    let own = try family.sell(to: resident, pool: family.home, collector: other, at: family.scene.a)
    #expect(family.scene.verdict(own) == .plain)
    #expect(try family.scene.refusalOfLast() == nil)
    for (who, collector) in [(resident, stranger), (stranger, resident), (stranger, nil)] {
      var scene = family
      let sale = try scene.sell(
        to: who, pool: scene.home, collector: collector, at: scene.scene.a)
      #expect(scene.scene.verdict(sale) == Verdict(.posted, [.notOfHousehold]))
      #expect(try scene.scene.refusalOfLast() == .wouldNotCount(.posted, [.notOfHousehold]))
    }
    // The membership reaches the hub after the redemption that another office flagged.
    let sale = try family.sell(
      to: resident, pool: family.home, collector: stranger, at: family.scene.b)
    #expect(family.scene.verdict(sale)?.reasons.contains(.notOfHousehold) == true)
    try family.scene.street.member(
      stranger, of: family.home, from: family.scene.street.today, at: family.scene.a)
    #expect(family.scene.verdict(sale) == Verdict(.posted, [.standIn]))
    family.expectOneState()
  }
}
