import Community
import FoldKit
import OpLog
import Testing

/// What a word may take off the desk, and what it may not.
@Suite struct DeskEntryTests {
  @Test func `a request that waits for the hub stays on the desk until it is decided`() throws {
    var scene = try Scene()
    let other = Counter(
      office: scene.a.office, clerk: try scene.street.appoint(in: 0, roles: Role.approver.mask))
    let request = try scene.street.freeze(
      scene.resident, until: scene.street.today, at: scene.approver)
    let word = try scene.street.resolve(request, .awaitingHub, .noted, at: other)
    #expect(scene.verdict(word) == Verdict(.void))
    #expect(try scene.refusalOfLast() == .wouldNotCount(.void, []))
    #expect(try scene.state.count("resolution") == 0)
    #expect(scene.verdict(request) == Verdict(.pending, [.awaitingHub]))
  }

  @Test func `nobody's word takes off a proposal, so that the next mistake is proposed too`() throws
  {
    var scene = try Scene()
    let other = Counter(
      office: scene.a.office, clerk: try scene.street.appoint(in: 0, roles: Role.approver.mask))
    let award = try scene.earn(9)
    try scene.spend(9, at: scene.a)
    _ = try scene.street.reverse(award, at: scene.approver)
    #expect(scene.isOnDesk(.coverProposed, scene.resident))
    let word = try scene.street.resolve(scene.resident, .coverProposed, .noted, at: other)
    #expect(scene.verdict(word) == Verdict(.void))
    #expect(try scene.state.count("resolution") == 0)
  }

  @Test func `what warns of the hub is taken off by an office's approver, and by no hub`() throws {
    var scene = try Scene()
    let request = try scene.street.freeze(
      scene.resident, until: scene.street.today, at: scene.approver)
    try scene.street.decide(request)
    let second = try scene.street.decide(
      request, isApproved: false, signed: [scene.street.staff[4]])
    #expect(scene.verdict(second) == Verdict(.void, [.secondDecision]))
    let newcomer = Counter(
      office: scene.a.office,
      clerk: try scene.street.appoint(in: 0, roles: Role.approver.mask, inRollCall: true))
    let cases: [(subject: OpID, reason: DeskReason, named: Counter)] = [
      (second, .secondDecision, Counter(office: scene.b.office, clerk: scene.street.staff[4])),
      (newcomer.clerk, .appointedInRollCall, newcomer),
    ]
    for (subject, reason, named) in cases {
      let hub = try scene.street.resolve(subject, reason, .noted)
      #expect(scene.verdict(hub) == Verdict(.pending, [.actorNotEntitled]))
      let own = try scene.street.resolve(subject, reason, .noted, at: named)
      #expect(scene.verdict(own) == Verdict(.pending, [.ownRecord]))
      let office = try scene.street.resolve(subject, reason, .noted, at: scene.approver)
      #expect(scene.verdict(office) == .plain)
      #expect(try scene.refusalOfLast() == nil)
    }
  }

  @Test func `the hub takes other entries about its own ops off the desk, and no office does`()
    throws
  {
    var scene = try Scene()
    let wrong = try scene.street.decide(scene.resident)
    #expect(scene.verdict(wrong) == Verdict(.void, [.wrongReference]))
    let office = try scene.street.resolve(wrong, .wrongReference, .noted, at: scene.approver)
    #expect(scene.verdict(office) == Verdict(.pending, [.actorNotEntitled]))
    let hub = try scene.street.resolve(wrong, .wrongReference, .noted)
    #expect(scene.verdict(hub) == .plain)
    #expect(try scene.refusalOfLast() == nil)
  }
}

extension Street {
  /// The hub takes an entry off the desk.
  fileprivate mutating func resolve(
    _ subject: OpID, _ reason: DeskReason, _ outcome: Resolution
  ) throws -> OpID {
    try write(
      "desk.resolve",
      [
        "subject": .reference(subject), "reason": .text(reason.rawValue),
        "outcome": .integer(outcome.rawValue),
      ])
  }
}

/// The community bears what nobody had the right to take: `COVERAGE.md`, case 25.
@Suite struct BorneTests {
  private struct Away {
    var scene: Scene
    /// Another approver at the account's home.
    let home: Counter
    /// An approver where the points were taken.
    let away: Counter

    init() throws {
      scene = try Scene()
      home = Counter(
        office: scene.a.office, clerk: try scene.street.appoint(in: 0, roles: Role.approver.mask))
      away = Counter(office: scene.b.office, clerk: scene.street.staff[4])
      try scene.street.adjustCoins(3, 10, at: away)
    }

    /// Takes 3 points at another office, as if it were the home.
    mutating func take(by door: String) throws -> OpID {
      let b = scene.b
      switch door {
      case "redemption": return try scene.spend(3, basis: 0, at: b)
      case "coins":
        return try scene.street.issueCoins(
          Street.coins(threes: 1), to: scene.resident, basis: 0, at: b)
      default:
        let offer = try scene.street.record(
          "offer.publish", at: b,
          [
            "title": .text("理发"), "points": .integer(3),
            "valid_to": .integer(Int64(scene.street.today.adding(days: 30).day)),
          ])
        return try scene.street.record(
          "offer.use", at: b,
          [
            "offer": .reference(offer), "resident": .reference(scene.resident),
            "times": .integer(1), "basis": .integer(0),
          ])
      }
    }
  }

  @Test(
    "a debit without standing is borne by a cover that names it, whatever it was for",
    arguments: ["redemption", "coins", "offer"])
  func borne(door: String) throws {
    var away = try Away()
    let debit = try away.take(by: door)
    #expect(away.scene.verdict(debit) == Verdict(.posted, [.debitWithoutStanding]))
    #expect(try away.scene.balance() == -3)
    _ = try away.scene.street.resolve(
      debit, .debitWithoutStanding, .borneByCommunity, at: away.away)
    #expect(try away.scene.refusalOfLast() == .coverNeeded(loss: debit))
    let cover = try away.scene.street.cover(
      away.scene.resident, debit, points: 3, at: away.home)
    #expect(away.scene.verdict(cover) == .plain)
    #expect(try away.scene.balance() == 0)
    let word = try away.scene.street.resolve(
      debit, .debitWithoutStanding, .borneByCommunity, at: away.away)
    #expect(away.scene.verdict(word) == .plain)
  }

  @Test func `what the home gave by its own right is no loss`() throws {
    var away = try Away()
    try away.scene.earn(9)
    try away.scene.street.adjustCoins(3, 10, at: away.home)
    let coins = try away.scene.street.issueCoins(
      Street.coins(threes: 1), to: away.scene.resident, at: away.scene.a)
    let cover = try away.scene.street.cover(
      away.scene.resident, coins, points: 3, at: away.home)
    #expect(away.scene.verdict(cover) == Verdict(.void, [.wrongReference]))
    #expect(try away.scene.balance() == 6)
  }
}
