import Community
import FoldKit
import OpLog
import Testing

/// Away from the account's home coins are handed out on trust for awards that count, and for nothing
/// else.
@Suite struct CoinClaimTests {
  private func issue(
    _ scene: inout Scene, _ threes: Int64, for awards: [OpID]
  ) throws -> OpID {
    try scene.street.issueCoins(
      Street.coins(threes: threes), to: scene.resident, for: awards, at: scene.b)
  }

  private let onTrust = Verdict(.posted, [.standIn])
  private let unfounded = Verdict(.posted, [.debitWithoutStanding])

  @Test func `a claim is worth what counts of it`() throws {
    var scene = try Scene()
    let rules = try scene.street.setRules(["award.mode": 1], in: 1)
    let award = try scene.street.grant(
      scene.resident, scene.activity, points: 1_000, minutes: 180, policy: rules, at: scene.b)
    let fair = try issue(&scene, 1, for: [award])
    #expect(scene.verdict(fair) == onTrust)
    var greedy = try Scene()
    let others = try greedy.street.setRules(["award.mode": 1], in: 1)
    let same = try greedy.street.grant(
      greedy.resident, greedy.activity, points: 1_000, minutes: 180, policy: others, at: greedy.b)
    let issue = try issue(&greedy, 300, for: [same])
    #expect(greedy.verdict(issue) == unfounded)
  }

  @Test func `a duplicate, or what was taken back, is worth nothing`() throws {
    var scene = try Scene()
    let award = try scene.street.grant(scene.resident, scene.activity, at: scene.b)
    let copy = try scene.street.grant(scene.resident, scene.activity, at: scene.b)
    let paid = try issue(&scene, 1, for: [award])
    let again = try issue(&scene, 1, for: [copy])
    #expect(scene.verdict(paid) == onTrust)
    #expect(scene.verdict(again) == unfounded)
    _ = try scene.street.reverse(award, at: scene.approver)
    #expect(scene.verdict(paid) == unfounded)
  }

  @Test func `an award pays once: the lower id, whichever came first`() throws {
    var scene = try Scene()
    let award = try scene.street.grant(scene.resident, scene.activity, at: scene.b)
    let first = try issue(&scene, 1, for: [award])
    let second = try issue(&scene, 1, for: [award])
    #expect(scene.verdict(first) == onTrust)
    #expect(scene.verdict(second) == unfounded)
  }

  @Test func `an award that waits is worth something with its approval`() throws {
    var scene = try Scene()
    let award = try scene.street.grant(
      scene.resident, scene.activity, policy: scene.street.approved(at: scene.b), at: scene.b)
    let issue = try issue(&scene, 1, for: [award])
    #expect(scene.verdict(issue) == unfounded)
    try scene.street.approve(
      [award], at: Counter(office: scene.b.office, clerk: scene.street.staff[4]))
    #expect(scene.verdict(issue) == onTrust)
  }

  @Test func `an award over the limit of its day, or one that a merged file has too, pays nothing`()
    throws
  {
    var scene = try Scene()
    let rules = try scene.street.setRules(["award.max_per_day": 1], in: 1)
    let small = try scene.street.publish(points: 3, at: scene.b)
    let award = try scene.street.grant(scene.resident, small, policy: rules, at: scene.b)
    let paid = try issue(&scene, 1, for: [award])
    #expect(scene.verdict(paid) == onTrust)
    var full = scene
    let large = try full.street.publish(points: 5, at: full.b)
    let better = try full.street.grant(full.resident, large, points: 5, policy: rules, at: full.b)
    #expect(full.verdict(paid) == unfounded)
    _ = try full.street.reverse(
      better, at: Counter(office: full.b.office, clerk: full.street.staff[4]))
    #expect(full.verdict(paid) == onTrust)
    let twin = try scene.street.register(at: scene.b)
    _ = try scene.street.grant(twin, small, policy: rules, at: scene.b)
    let merge = try scene.street.merge(twin, scene.resident, at: scene.approver)
    try scene.street.decide(merge)
    #expect(scene.verdict(paid) == onTrust)
    let again = try scene.street.grant(scene.resident, scene.activity, at: scene.b)
    let first = try scene.street.grant(twin, scene.activity, at: scene.a)
    let surplus = try issue(&scene, 1, for: [again])
    #expect(scene.verdict(first) == .plain)
    #expect(scene.verdict(surplus) == unfounded)
  }

  @Test func `an award in hours pays what the scale gave for them, in the order of the days`()
    throws
  {
    var scene = try Scene()
    let rules = try scene.street.setRules([.awardPosting: 0, .awardMode: 3], in: 1)
    func grant(_ session: Int64, _ minutes: Int64) throws -> OpID {
      try scene.street.grant(
        scene.resident, scene.activity, session: session, minutes: minutes, policy: rules,
        at: scene.b)
    }
    let today = scene.street.today
    let late = try grant(1, 720)
    let paid = try issue(&scene, 4, for: [late])
    #expect(scene.verdict(paid) == onTrust)
    var greedy = scene
    let more = try greedy.street.grant(
      greedy.resident, greedy.activity, session: 2, minutes: 60, policy: rules, at: greedy.b)
    let issue = try issue(&greedy, 1, for: [more])
    #expect(greedy.verdict(issue) == unfounded)
    // 18 hours of the day before come first: 12 more are worth 2 and 5 points.
    scene.street.today = today.adding(days: -1)
    _ = try grant(3, 1_080)
    #expect(try scene.balance() == 18 + 7 - 12)
    #expect(scene.verdict(paid) == unfounded)
  }

  @Test func `coins on the spot weigh on trust until the home takes them over`() throws {
    var scene = try Scene()
    let award = try scene.earn(9, at: scene.b)
    try scene.spend(9, at: scene.a)
    let paid = try issue(&scene, 3, for: [award])
    #expect(try scene.balance() == -9)
    #expect(try scene.state.sum("account", [scene.resident.packed], "uncovered") == 9)
    let office = Int64(scene.b.office.rawValue)
    #expect(try scene.state.sum("office", [office], "uncovered") == 9)
    try scene.street.write("standin.cover", by: scene.a.office, ["debit": .reference(paid)])
    #expect(scene.verdict(paid) == .plain)
    #expect(try scene.state.sum("account", [scene.resident.packed], "uncovered") == 0)
    #expect(try scene.state.sum("office", [office], "uncovered") == 0)
  }

  @Test func `what is handed out on the spot is within the limits of trust`() throws {
    var scene = try Scene()
    let award = try scene.earn(12, at: scene.b)
    let rules = scene.street.spot(at: scene.b)
    let boss = Counter(office: scene.b.office, clerk: scene.street.staff[4])
    try scene.street.adjustCoins(3, 10, at: boss)
    try scene.street.issueCoins(
      Street.coins(threes: 4), to: scene.resident, for: [award], policy: rules, at: scene.b)
    let refusal = try scene.refusalOfLast()
    #expect(refusal == .visitLimit(limit: 9))
  }

  @Test func `coins are judged again when a record of their award is dropped`() throws {
    var scene = try Scene()
    let award = try scene.street.grant(scene.resident, scene.activity, points: 2, at: scene.c)
    for _ in 0..<31 {
      _ = try scene.street.grant(scene.resident, scene.activity, points: 3, at: scene.b)
    }
    let paid = try scene.street.issueCoins(
      Street.coins(twos: 1), to: scene.resident, for: [award], at: scene.c)
    #expect(scene.verdict(paid) == onTrust)
    _ = try scene.street.grant(scene.resident, scene.activity, points: 3, at: scene.b)
    #expect(scene.verdict(paid) == unfounded)
  }
}
