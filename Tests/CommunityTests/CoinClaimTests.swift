import Community
import FoldKit
import OpLog
import Testing

/// Away from the account's home coins are handed out for awards that count, and for nothing else.
@Suite struct CoinClaimTests {
  private func issue(
    _ scene: inout Scene, _ threes: Int64, for awards: [OpID]
  ) throws -> OpID {
    try scene.street.issueCoins(
      Street.coins(threes: threes), to: scene.resident, for: awards, at: scene.b)
  }

  private let unfounded = Verdict(.posted, [.debitWithoutStanding])

  @Test func `a claim is worth what counts of it`() throws {
    var scene = try Scene()
    let rules = try scene.street.setRules(["award.mode": 1], in: 1)
    let award = try scene.street.grant(
      scene.resident, scene.activity, points: 1_000, minutes: 180, policy: rules, at: scene.b)
    let fair = try issue(&scene, 1, for: [award])
    #expect(scene.verdict(fair) == .plain)
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
    #expect(scene.verdict(paid) == .plain)
    #expect(scene.verdict(again) == unfounded)
    _ = try scene.street.reverse(award, at: scene.approver)
    #expect(scene.verdict(paid) == unfounded)
  }

  @Test func `an award pays once: the lower id, whichever came first`() throws {
    var scene = try Scene()
    let award = try scene.street.grant(scene.resident, scene.activity, at: scene.b)
    let first = try issue(&scene, 1, for: [award])
    let second = try issue(&scene, 1, for: [award])
    #expect(scene.verdict(first) == .plain)
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
    #expect(scene.verdict(issue) == .plain)
  }
}
