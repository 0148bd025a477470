import Community
import FoldKit
import OpLog
import Testing

/// What an office refuses to record, as it knows best at that moment.
@Suite struct RecordRuleTests {
  @Test func `what counts may stand`() throws {
    var scene = try Scene()
    try scene.street.receive(scene.item, quantity: 1, at: scene.a)
    #expect(try refusal(scene) == nil)
    try scene.earn(9)
    #expect(try refusal(scene) == nil)
    try scene.spend(9, at: scene.a)
    #expect(try refusal(scene) == nil)
    try scene.street.update(scene.resident, replaces: [scene.resident], at: scene.b)
    #expect(try refusal(scene) == nil)
  }

  @Test func `an award that waits for approval may stand`() throws {
    var scene = try Scene()
    _ = try scene.street.grant(
      scene.resident, scene.activity, policy: scene.street.approved(at: scene.a), at: scene.a)
    #expect(try refusal(scene) == nil)
  }

  @Test func `an award by another community's rules is refused`() throws {
    var scene = try Scene()
    for policy in [scene.street.spot(at: scene.b), scene.street.approved(at: scene.b)] {
      _ = try scene.street.grant(scene.resident, scene.activity, policy: policy, at: scene.a)
      #expect(try refusal(scene) == .wouldNotCount(.pending, [.wrongReference]))
    }
  }

  @Test func `an award that is there, or is claimed too high, is refused`() throws {
    var scene = try Scene()
    _ = try scene.street.grant(scene.resident, scene.activity, points: 4, at: scene.a)
    #expect(try refusal(scene) == .claimAbovePublished(points: 3))
    _ = try scene.street.grant(scene.resident, scene.activity, at: scene.b)
    #expect(try refusal(scene) == .wouldNotCount(.duplicate, [.doubleAward]))
    #expect(try refusal(scene)?.code == "double-award")
  }

  @Test func `a reversal that has no effect is refused`() throws {
    var scene = try Scene()
    let award = try scene.earn(3, at: scene.approver)
    _ = try scene.street.reverse(award, at: scene.approver)
    #expect(try refusal(scene) == .wouldNotCount(.pending, [.reversedByRecorder]))
    let others = try (1...2).map { _ in
      Counter(
        office: scene.a.office,
        clerk: try scene.street.appoint(in: 0, roles: Role.approver.mask))
    }
    _ = try scene.street.reverse(award, at: others[0])
    #expect(try refusal(scene) == nil)
    _ = try scene.street.reverse(award, at: others[1])
    #expect(try refusal(scene) == .wouldNotCount(.duplicate, []))
    #expect(try refusal(scene)?.code == "would-not-count")
  }

  @Test func `more points than the home knows of are refused`() throws {
    var scene = try Scene()
    try scene.street.receive(scene.item, quantity: 5, at: scene.a)
    try scene.earn(9)
    try scene.spend(10, at: scene.a)
    #expect(try refusal(scene) == .notEnoughPoints(balance: 9, needed: 10))
  }

  @Test func `more goods than the shelf holds are refused`() throws {
    var scene = try Scene()
    try scene.earn(9)
    try scene.street.receive(scene.item, quantity: 1, at: scene.a)
    _ = try scene.street.redeem(scene.resident, [(scene.item, 2, 1)], at: scene.a)
    #expect(try refusal(scene) == .notEnoughStock(item: scene.item, onHand: 1))
  }

  @Test func `what lies on no shelf needs no stock`() throws {
    var scene = try Scene()
    let service = try scene.street.defineItem(points: 1, sort: 1, at: scene.a)
    try scene.earn(9)
    try scene.street.redeem(scene.resident, [(service, 9, 1)], at: scene.a)
    #expect(try refusal(scene) == nil)
  }

  @Test func `a price that is not the item's is refused`() throws {
    var scene = try Scene()
    try scene.earn(9)
    try scene.street.receive(scene.item, quantity: 1, at: scene.a)
    var cheap = scene
    try cheap.street.redeem(cheap.resident, [(cheap.item, 1, 0)], at: cheap.a)
    #expect(try refusal(cheap) == .priceDiffers(item: scene.item, points: 9))
    try scene.street.redeem(scene.resident, [(scene.item, 1, 9)], at: scene.a)
    #expect(try refusal(scene) == nil)
  }

  @Test func `the shelf's count is right where several lines take the same goods`() throws {
    var scene = try Scene()
    try scene.earn(9)
    try scene.street.receive(scene.item, quantity: 3, at: scene.a)
    _ = try scene.street.redeem(
      scene.resident, [(scene.item, 2, 1), (scene.item, 2, 1)], at: scene.a)
    #expect(try refusal(scene) == .notEnoughStock(item: scene.item, onHand: 3))
  }

  @Test func `on trust there are limits per visit, person, and office`() throws {
    var scene = try Scene()
    try scene.street.receive(scene.item, quantity: 50, at: scene.b)
    try trust(10, scene.resident, &scene)
    #expect(try refusal(scene) == .visitLimit(limit: 9))
    scene = try Scene()
    try scene.street.receive(scene.item, quantity: 50, at: scene.b)
    for points in [9, 9] as [Int64] {
      try trust(points, scene.resident, &scene)
      #expect(try refusal(scene) == nil)
    }
    let neighbour = try scene.street.register(at: scene.a)
    try trust(2, neighbour, &scene)
    #expect(try refusal(scene) == nil)
    var greedy = scene
    try trust(1, scene.resident, &greedy)
    #expect(try refusal(greedy) == .personLimit(limit: 18, uncovered: 18))
    try trust(1, neighbour, &scene)
    #expect(try refusal(scene) == .officeLimit(limit: 20, uncovered: 20))
  }

  @Test func `44: above the limits another of the staff allows it by name, and the desk shows it`()
    throws
  {
    var scene = try Scene()
    try scene.street.receive(scene.item, quantity: 50, at: scene.b)
    func insist(_ deciding: OpID, basis: Int64 = 2) throws -> OpID {
      try scene.street.redeem(
        scene.resident, [(scene.item, 1, 9), (scene.item, 2, 9)], basis: basis,
        policy: scene.street.spot(at: scene.b), override: deciding, at: scene.b)
    }
    let allowed = try insist(scene.street.staff[4])
    #expect(try refusal(scene) == nil)
    #expect(scene.verdict(allowed) == Verdict(.posted, [.standIn, .limitOverridden]))
    // Nobody lifts a limit alone, under whichever appointment; what is gone all the same counts.
    let own = try insist(scene.b.clerk)
    #expect(try refusal(scene) == .wouldNotCount(.posted, [.ownRecord]))
    #expect(scene.verdict(own) == Verdict(.posted, [.standIn, .limitOverridden, .ownRecord]))
    // Nobody of another community allows it.
    _ = try insist(scene.street.staff[2])
    #expect(try refusal(scene) == .wouldNotCount(.posted, [.actorNotEntitled]))
    try scene.street.write("standin.cover", by: scene.a.office, ["debit": .reference(allowed)])
    #expect(scene.verdict(allowed) == Verdict(.posted, [.limitOverridden]))
  }

  @Test func `on trust without a policy, at home, or by no grant is refused`() throws {
    var scene = try Scene()
    try scene.street.receive(scene.item, quantity: 9, at: scene.a)
    try scene.street.receive(scene.item, quantity: 9, at: scene.b)
    try scene.earn(9)
    var other = scene
    try other.spend(1, basis: 2, at: other.b)
    #expect(try refusal(other) == .visitLimit(limit: 0))
    other = scene
    try other.spend(9, basis: 2, at: other.a)
    #expect(try refusal(other) == .wouldNotCount(.posted, [.standInAtHome]))
    other = scene
    try other.spend(9, basis: 0, at: other.b)
    #expect(try refusal(other) == .wouldNotCount(.posted, [.debitWithoutStanding]))
    try scene.spend(1, basis: 1, at: scene.b)
    #expect(try refusal(scene) == .notEnoughRights(held: 0, needed: 1))
  }

  @Test func `what only the hub writes, and what nobody is entitled to, is refused`() throws {
    var scene = try Scene()
    try scene.street.write("community.define", by: scene.a.office, ["name": .text("x")])
    #expect(try refusal(scene) == .onlyHub)
    for counter in [scene.auditor, Counter(office: scene.a.office, clerk: scene.b.clerk)] {
      try scene.street.receive(scene.item, quantity: 1, at: counter)
      #expect(try refusal(scene) == .wouldNotCount(.pending, [.actorNotEntitled]))
    }
  }

  @Test func `every refusal has a code`() throws {
    let item = try Scene().item
    let codes = [
      Refusal.wouldNotCount(.void, []), .notEnoughPoints(balance: 0, needed: 1),
      .visitLimit(limit: 1), .personLimit(limit: 1, uncovered: 1),
      .officeLimit(limit: 1, uncovered: 1), .notEnoughStock(item: item, onHand: 0),
      .grantedElsewhere(balance: 1, granted: 1, needed: 1), .notEnoughRights(held: 1, needed: 1),
      .isHome, .askedAlready(request: item, points: 1), .onlyHub, .claimAbovePublished(points: 1),
      .priceDiffers(item: item, points: 1), .reserved(item: item, kept: 1),
      .itemLimit(item: item, limit: 1, period: .year), .minorLimit(limit: 1),
      .offlineTooLong(days: 2, limit: 1), .otherCommunity, .poolsAreOff, .alreadyReturned,
      .notPayableInCoins(points: 1), .notEnoughCoins(denomination: 2, vault: 0),
      .paidInCoins(award: item), .bookedDiffers(item: item, booked: 1), .offerLimit(limit: 1),
      .earnedTooLittle(least: 1), .coverTooLarge(limit: 0),
    ].map(\.code)
    #expect(Set(codes).count == codes.count)
  }

  /// Redeems one thing on trust at office `b`.
  private func trust(_ points: Int64, _ resident: OpID, _ scene: inout Scene) throws {
    let service = try scene.street.defineItem(points: points, sort: 1, at: scene.a)
    try scene.street.redeem(
      resident, [(service, 1, points)], basis: 2, policy: scene.street.spot(at: scene.b),
      at: scene.b)
  }

  /// What the rule says of the last op, with all before it folded.
  private func refusal(_ scene: Scene) throws -> Refusal? {
    let last = try #require(scene.street.written.last)
    let state = scene.state
    let entry = Entry(
      op: last.op, payload: try #require(last.payload), kind: try #require(last.kind),
      isFirst: true)
    return RecordRule.refusal(of: entry, try #require(state.verdicts[last.op.id]), in: state)
  }
}
