import Community
import FoldKit
import OpLog
import Testing

/// What a counter tells a person before anything is recorded: exactly what it records then.
@Suite struct SpendingPromiseTests {
  @Test func `what is promised is recorded, and nothing where nothing is promised`() throws {
    var bars: Set<String> = []
    var kept = (guaranteed: 0, onTrust: 0)
    for seed in 1...120 as ClosedRange<UInt64> {
      var visit = try Visit(seed: seed)
      let promise = try visit.promise()
      let (sure, trust) = (promise.guaranteed, promise.onTrust)
      #expect((promise.bar == nil) == (sure + trust > 0), "seed \(seed)")
      var more = visit
      #expect(
        try more.redeem(max(sure + 1, visit.least), onTrust: false) != nil, "seed \(seed)")
      if let bar = promise.bar {
        bars.insert(bar.code)
        #expect(
          try visit.redeem(visit.least, onTrust: true) != nil, "seed \(seed): \(bar.code)")
      }
      if sure > 0 {
        kept.guaranteed += 1
        #expect(try visit.redeem(sure, onTrust: false) == nil, "seed \(seed): \(sure)")
      }
      if trust > 0 {
        kept.onTrust += 1
        #expect(try visit.redeem(trust, onTrust: true) == nil, "seed \(seed): \(trust) on trust")
      }
    }
    #expect(kept.guaranteed > 10 && kept.onTrust > 10, "\(kept)")
    let seen: Set = [
      "other-community", "coins-needed", "closed-day", "below-minimum", "above-cap",
      "quarter-limit", "minor-limit", "not-enough-points", "offline-too-long", "person-limit",
      "visit-limit",
    ]
    #expect(bars.isSuperset(of: seen), "\(seen.subtracting(bars))")
  }

  @Test func `a home that cannot read what touches an account promises nothing`() throws {
    var visit = try Visit(seed: 1, rules: [:], earned: 12, isHome: true)
    let parked = visit.scene.activity
    #expect(try visit.promise().guaranteed == 12)
    let promise = try visit.promise(parkedOp: parked)
    #expect(promise.bar == .accountNotFirm(op: parked))
    #expect(promise.guaranteed == 0)
    #expect(try visit.redeem(1, onTrust: false, parkedOp: parked) == promise.bar)
    // What the home granted before, or trusts, stays with the office that has it.
    let away = try Visit(seed: 1, rules: [:], earned: 12, isHome: false)
    #expect(try away.promise(parkedOp: parked) == away.promise())
  }

  @Test func `points that others hold are promised to nobody else`() throws {
    var visit = try Visit(seed: 1, rules: [:], earned: 12, isHome: true)
    try visit.grant(12)
    #expect(
      try visit.promise().bar == .grantedElsewhere(balance: 12, granted: 12, needed: 1))
    #expect(try visit.redeem(1, onTrust: false) != nil)
  }

  @Test func `a household's pool is promised only where households share points`() throws {
    var scene = try Scene()
    let pool = try scene.street.household(at: scene.a)
    for isOn in [0, 1] as [Int64] {
      let rules: [Policy.Name: Int64] = [.householdPool: isOn]
      let policy = try scene.street.setRules(rules, in: 0)
      let row = try #require(scene.state.row(Tables.policy, [policy.packed]))
      let promise = SpendingPromise(
        of: pool, at: Int64(scene.a.office.rawValue), Policy(row: row), on: scene.street.today,
        in: scene.state)
      #expect(promise.bar?.code == (isOn == 1 ? "not-enough-points" : "pools-are-off"))
    }
  }
}

/// A person at a counter, under rules that dice chose.
private struct Visit {
  var scene: Scene
  let counter: Counter
  private let resident: OpID
  private let adult: OpID
  private let rules: OpID
  private var granted: OpID?
  /// The least that a redemption costs here.
  let least: Int64

  /// Somebody who did what dice say.
  init(seed: UInt64) throws {
    var dice = Dice(seed: seed)
    func some(_ values: [Int64], once: Int) -> Int64? {
      dice.once(in: once) ? values.randomElement(using: &dice) : nil
    }
    var rules: [Policy.Name: Int64] = [.standInVisit: 9, .standInPerson: 18, .standInOffice: 20]
    rules[.standInVisit] = some([0, 3, 9], once: 2) ?? 9
    rules[.standInPerson] = some([0, 4, 12], once: 2) ?? 18
    rules[.crossesCommunities] = some([0, 1], once: 3)
    rules[.coinsOnly] = some([0, 1], once: 5)
    rules[.redeemWeekday] = some([0, 1, 2], once: 4)
    rules[.fairDay] = some([13, 20], once: 8)
    rules[.leastPoints] = some([2, 5], once: 3)
    rules[.redemptionsPerQuarter] = some([1, 2], once: 3)
    rules[.balanceCap] = some([10], once: 4)
    rules[.minorPerDay] = some([0, 7], once: 2)
    rules[.standInDays] = some([0, 7], once: 3)
    rules[.guardian] = some([0, 1], once: 2)
    let band = some([0, 1, 2], once: 2)
    try self.init(
      seed: seed, rules: rules, earned: Int64.random(in: 0...15, using: &dice),
      isHome: dice.once(in: 3), ageBand: band)
    if dice.once(in: 2) { try grant(Int64.random(in: 1...8, using: &dice)) }
    if dice.once(in: 2) { try scene.street.receiptForAll() }
    if dice.once(in: 3) {
      _ = try redeem(Int64.random(in: least...(least + 4), using: &dice), onTrust: true)
    }
    if dice.once(in: 3) {
      _ = try redeem(Int64.random(in: least...(least + 2), using: &dice), onTrust: false)
    }
    if dice.once(in: 3) { scene.street.today = scene.street.today.adding(days: 1) }
  }

  /// Somebody who earned so much, at the home or at another community's office.
  init(
    seed: UInt64, rules: [Policy.Name: Int64], earned: Int64, isHome: Bool, ageBand: Int64? = nil
  ) throws {
    scene = try Scene()
    counter = isHome ? scene.a : scene.b
    resident = try scene.street.register(at: scene.a, ageBand: ageBand)
    adult = try scene.street.register(at: scene.a, ageBand: 2)
    self.rules = try scene.street.setRules(rules, in: isHome ? 0 : 1)
    least = max(1, rules[.leastPoints] ?? 1)
    guard earned > 0 else { return }
    let activity = try scene.street.publish(points: earned, at: scene.a)
    _ = try scene.street.grant(resident, activity, points: earned, at: scene.a)
  }

  /// Gives the second community's office a right, if the home has it.
  mutating func grant(_ points: Int64) throws {
    var next = scene
    let request = try next.street.ask(resident, points, at: next.b)
    let answer = try next.street.answer(request, points, by: next.a.office)
    guard try next.refusalOfLast() == nil else { return }
    (scene, granted) = (next, answer)
  }

  /// What the counter says.
  func promise(parkedOp: OpID? = nil) throws -> SpendingPromise {
    let state = scene.state
    let row = try #require(state.row(Tables.policy, [rules.packed]))
    return SpendingPromise(
      of: resident, at: Int64(counter.office.rawValue), Policy(row: row), on: scene.street.today,
      parkedOp: parkedOp, in: state)
  }

  /// Records a redemption if the counter does not refuse it.
  mutating func redeem(
    _ points: Int64, onTrust: Bool, parkedOp: OpID? = nil
  ) throws -> Refusal? {
    var next = scene
    let isHome = counter.office == scene.a.office
    let item = try next.street.defineItem(points: points, sort: 1, at: next.a)
    let basis: Int64 = onTrust ? 2 : isHome ? 0 : 1
    try next.street.record(
      "redemption.record", policy: rules, at: counter,
      [
        "resident": .reference(resident),
        "lines": .records([[.reference(item), .integer(1), .integer(points)]]),
        "basis": .integer(basis), "grant": basis == 1 ? granted.map(PayloadValue.reference) : nil,
        "collector": .reference(adult),
      ])
    let last = try #require(next.street.written.last)
    let state = next.state
    let entry = Entry(
      op: last.op, payload: try #require(last.payload), kind: try #require(last.kind),
      isFirst: true)
    let refusal = RecordRule.refusal(
      of: entry, try #require(state.verdicts[last.op.id]), in: state, parkedOp: parkedOp)
    if refusal == nil { scene = next }
    return refusal
  }
}
