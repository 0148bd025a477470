import Community
import FoldKit
import OpLog
import Testing

/// `COVERAGE.md`, cases 2, 3, 22, 24.
@Suite struct AwardFoldTests {
  private let posted = Verdict(.posted)
  private let doubled = Verdict(.duplicate, [.doubleAward])

  // MARK: One award, several records

  @Test func `the organiser's record counts, though another came first`() throws {
    var scene = try Scene()
    let other = try scene.street.grant(scene.resident, scene.activity, points: 2, at: scene.b)
    #expect(scene.verdict(other) == posted)
    #expect(try scene.balance() == 2)
    let own = try scene.street.grant(scene.resident, scene.activity, points: 3, at: scene.a)
    #expect(scene.verdict(own) == posted)
    #expect(scene.verdict(other) == doubled)
    #expect(scene.isOnDesk(.doubleAward, other))
    #expect(try scene.balance() == 3)
  }

  @Test func `any office of the organiser's community is the organiser`() throws {
    var scene = try Scene()
    let activity = try scene.street.publish(at: scene.b)
    let foreign = try scene.street.grant(scene.resident, activity, points: 1, at: scene.a)
    let own = try scene.street.grant(scene.resident, activity, points: 2, at: scene.c)
    #expect(scene.verdict(own) == posted)
    #expect(scene.verdict(foreign) == doubled)
    let publisher = try scene.street.grant(scene.resident, activity, points: 3, at: scene.b)
    #expect(scene.verdict(publisher) == posted)
    #expect(scene.verdict(own) == doubled)
    #expect(try scene.balance() == 3)
  }

  @Test func `without the organiser's, the lowest value counts, then the lowest id`() throws {
    var scene = try Scene()
    let high = try scene.street.grant(scene.resident, scene.activity, points: 2, at: scene.c)
    let low = try scene.street.grant(scene.resident, scene.activity, points: 1, at: scene.b)
    let again = try scene.street.grant(scene.resident, scene.activity, points: 3, at: scene.b)
    #expect(scene.verdict(low) == Verdict(.posted, [.valuesDiffer]))
    #expect(scene.verdict(high) == doubled)
    #expect(scene.verdict(again) == doubled)
    #expect(try scene.balance() == 1)
    let same = try scene.street.grant(scene.resident, scene.activity, points: 1, at: scene.c)
    #expect(scene.verdict(same) == doubled)
    let own = try scene.street.grant(scene.resident, scene.activity, points: 2, at: scene.a)
    #expect(scene.verdict(own) == posted)
    #expect(scene.verdict(low) == doubled)
  }

  @Test func `another session, role, activity, or person is another award`() throws {
    var scene = try Scene()
    let second = try scene.street.register(at: scene.a)
    let other = try scene.street.publish(at: scene.a)
    for award in [
      try scene.street.grant(scene.resident, scene.activity, at: scene.a),
      try scene.street.grant(scene.resident, scene.activity, session: 2, at: scene.a),
      try scene.street.grant(scene.resident, scene.activity, role: 1, at: scene.a),
      try scene.street.grant(scene.resident, other, at: scene.a),
      try scene.street.grant(second, scene.activity, at: scene.a),
    ] {
      #expect(scene.verdict(award) == posted)
    }
    #expect(try scene.balance() == 12)
    let same = try scene.street.grant(
      scene.resident, scene.activity, session: 1, role: 0, at: scene.a)
    #expect(scene.verdict(same) == doubled)
  }

  @Test func `an award's row is found by activity, resident, session, role, round`() throws {
    var scene = try Scene()
    let first = try scene.street.grant(
      scene.resident, scene.activity, session: 2, role: 1, at: scene.a)
    let reversal = try scene.street.reverse(first, at: scene.approver)
    let second = try scene.street.grant(
      scene.resident, scene.activity, session: 2, role: 1, after: reversal, at: scene.a)
    let key = [scene.activity.packed, scene.resident.packed, 2, 1]
    #expect(try scene.state.cell("award", key + [0], "op")?.id == first)
    #expect(try scene.state.cell("award", key + [1], "op")?.id == second)
    #expect(try scene.state.count("award") == 2)
  }

  @Test func `a claim above what was published counts as published`() throws {
    var scene = try Scene()
    let award = try scene.street.grant(scene.resident, scene.activity, points: 5, at: scene.a)
    #expect(scene.verdict(award) == Verdict(.posted, [.claimAbovePublished]))
    #expect(try scene.balance() == 3)
  }

  // MARK: When it posts

  @Test func `an award posts by the policy that it names`() throws {
    var scene = try Scene()
    let award = try scene.street.grant(
      scene.resident, scene.activity, policy: scene.street.approved(at: scene.a), at: scene.a)
    #expect(scene.verdict(award) == Verdict(.pending, [.awaitingApproval]))
    #expect(try scene.balance() == 0)
    let other = try scene.street.grant(scene.resident, scene.activity, at: scene.b)
    #expect(scene.verdict(other) == posted)
    #expect(scene.verdict(award) == Verdict(.pending, [.awaitingApproval]))
  }

  @Test func `an award that names no rules of the writer's community is pending`() throws {
    var scene = try Scene()
    let pending = Verdict(.pending, [.wrongReference])
    for policy in [
      scene.street.spot(at: scene.b), scene.street.approved(at: scene.b),
      scene.street.communities[0],
    ] {
      let award = try scene.street.grant(
        scene.resident, scene.activity, policy: policy, at: scene.a)
      #expect(scene.verdict(award) == pending)
    }
    let without = try scene.street.write(
      "award.grant", by: scene.a.office, actor: scene.a.clerk,
      [
        "activity": .reference(scene.activity), "resident": .reference(scene.resident),
        "points": .integer(3),
      ])
    #expect(scene.verdict(without) == pending)
    #expect(try scene.balance() == 0)
    let right = try scene.street.grant(scene.resident, scene.activity, at: scene.b)
    #expect(scene.verdict(right) == posted)
    #expect(scene.verdict(without) == pending)
    #expect(try scene.balance() == 3)
  }

  @Test func `the rules are those of the writer's community, not of the organiser's`() throws {
    var scene = try Scene()
    let award = try scene.street.grant(
      scene.resident, scene.activity, policy: scene.street.spot(at: scene.a), at: scene.b)
    #expect(scene.verdict(award) == Verdict(.pending, [.wrongReference]))
  }

  @Test func `a date after the day after receipt is pending, and counts once it is right`() throws {
    var scene = try Scene()
    let today = scene.street.today
    scene.street.today = today.adding(days: 2)
    let wrong = try scene.street.grant(scene.resident, scene.activity, at: scene.a)
    #expect(scene.verdict(wrong) == posted)
    try scene.street.receiptForAll()
    #expect(scene.verdict(wrong) == Verdict(.pending, [.futureDate]))
    #expect(try scene.balance() == 0)

    scene.street.today = today
    let reversal = try scene.street.reverse(wrong, at: scene.approver)
    #expect(scene.verdict(wrong) == Verdict(.void))
    #expect(scene.verdict(reversal) == posted)
    let right = try scene.street.grant(
      scene.resident, scene.activity, after: reversal, at: scene.a)
    try scene.street.receiptForAll()
    #expect(scene.verdict(right) == posted)
    #expect(try scene.balance() == 3)
  }

  @Test("the day of receipt, the day after, and a day long ago post", arguments: [-3_000, 0, 1])
  func dates(offset: Int64) throws {
    var scene = try Scene()
    scene.street.today = scene.street.today.adding(days: offset)
    let award = try scene.street.grant(scene.resident, scene.activity, at: scene.b)
    let isEntitled = scene.verdict(award) == posted
    try scene.street.receiptForAll()
    #expect(isEntitled)
    #expect(scene.verdict(award) == posted)
  }

  @Test func `the first receipt says when an op came, whatever later ones say`() throws {
    var scene = try Scene()
    scene.street.today = scene.street.today.adding(days: 5)
    let award = try scene.street.grant(scene.resident, scene.activity, at: scene.a)
    try scene.street.receiptForAll()
    scene.street.now += 10 * 86_400_000
    try scene.street.receiptForAll()
    #expect(scene.verdict(award) == Verdict(.pending, [.futureDate]))
  }
}
