import Community
import FoldKit
import OpLog
import Testing

/// A cover is never more than what was lost: `COVERAGE.md`, case 25.
@Suite struct CoverLossTests {
  /// A scene with a second approver, who covers.
  private struct Loss {
    var scene: Scene
    let other: Counter

    init() throws {
      scene = try Scene()
      other = Counter(
        office: scene.a.office, clerk: try scene.street.appoint(in: 0, roles: Role.approver.mask))
    }

    @discardableResult
    mutating func cover(_ loss: OpID, _ points: Int64) throws -> OpID {
      try scene.street.cover(scene.resident, loss, points: points, at: other)
    }
  }

  @Test func `what a claim was worth is covered, not what it claimed`() throws {
    var loss = try Loss()
    let rules = try loss.scene.street.setRules(["award.mode": 1], in: 0)
    let award = try loss.scene.street.grant(
      loss.scene.resident, loss.scene.activity, points: 1_000, minutes: 60, policy: rules,
      at: loss.scene.a)
    let reversal = try loss.scene.street.reverse(award, at: loss.scene.approver)
    let greedy = try loss.cover(reversal, 1_000)
    #expect(loss.scene.verdict(greedy) == .plain)
    #expect(try loss.scene.balance() == 1)
    let fair = try loss.cover(reversal, 1)
    #expect(loss.scene.verdict(fair) == Verdict(.duplicate))
    #expect(try loss.scene.balance() == 1)
  }

  @Test func `a reversal of what never counted, or a second one, loses nothing`() throws {
    var loss = try Loss()
    let rules = loss.scene.street.approved(at: loss.scene.a)
    let waiting = try loss.scene.street.grant(
      loss.scene.resident, loss.scene.activity, policy: rules, at: loss.scene.a)
    let reversal = try loss.scene.street.reverse(waiting, at: loss.scene.approver)
    let ofReversal = try loss.cover(reversal, 3)
    #expect(loss.scene.verdict(ofReversal) == Verdict(.void, [.wrongReference]))
    let award = try loss.scene.earn(9)
    let first = try loss.scene.street.reverse(award, at: loss.scene.approver)
    let second = try loss.scene.street.reverse(award, at: loss.scene.approver)
    let ofSecond = try loss.cover(second, 9)
    #expect(loss.scene.verdict(ofSecond) == Verdict(.void, [.wrongReference]))
    let ofFirst = try loss.cover(first, 9)
    #expect(loss.scene.verdict(ofFirst) == .plain)
    #expect(try loss.scene.balance() == 9)
  }

  @Test func `a cover follows what its award is worth, whatever comes later`() throws {
    var loss = try Loss()
    let award = try loss.scene.street.grant(
      loss.scene.resident, loss.scene.activity, points: 3, at: loss.scene.b)
    let reversal = try loss.scene.street.reverse(award, at: loss.scene.approver)
    let cover = try loss.cover(reversal, 3)
    #expect(try loss.scene.balance() == 3)
    // The organiser's record counts, and it says 1 point.
    _ = try loss.scene.street.grant(
      loss.scene.resident, loss.scene.activity, points: 1, at: loss.scene.a)
    #expect(loss.scene.verdict(cover) == .plain)
    #expect(try loss.scene.balance() == 1)
  }

  @Test func `a reversal took what its day counted less, not what the award said`() throws {
    var loss = try Loss()
    let rules = try loss.scene.street.setRules(
      [.awardPosting: 0, .awardsPerDay: 2, .reportsPerMonth: 9], in: 0)
    var awards: [OpID] = []
    for points in [3, 4, 5, 1] as [Int64] {
      let activity = try loss.scene.street.publish(points: points, at: loss.scene.a)
      awards.append(
        try loss.scene.street.grant(
          loss.scene.resident, activity, points: points, policy: rules, at: loss.scene.a))
    }
    #expect(try loss.scene.balance() == 9)
    // 5 and 4 count; without the 5 the 3 takes its place, then without the 4 the 1.
    let first = try loss.scene.street.reverse(awards[2], at: loss.scene.approver)
    let second = try loss.scene.street.reverse(awards[1], at: loss.scene.approver)
    let third = try loss.scene.street.reverse(awards[3], at: loss.scene.approver)
    #expect(try loss.scene.balance() == 3)
    let key = loss.scene.resident.packed
    func taken(_ reversal: OpID) throws -> Int64 {
      try loss.scene.state.sum("award_error", [key, reversal.packed], "points")
    }
    #expect(try [taken(first), taken(second), taken(third)] == [2, 3, 1])
    let sale = try loss.scene.spend(9, at: loss.scene.a)
    #expect(loss.scene.verdict(sale) == .plain)
    #expect(try loss.scene.state.sum("cover_proposal", [key], "points") == 6)
    let greedy = try loss.cover(first, 9)
    #expect(loss.scene.verdict(greedy) == .plain)
    #expect(try loss.scene.balance() == -4)
  }

  @Test func `a reversal in a year of hours took what the scale gave for them`() throws {
    var loss = try Loss()
    let rules = try loss.scene.street.setRules([.awardPosting: 0, .awardMode: 3], in: 0)
    let awards = try (1...2 as ClosedRange<Int64>).map { session in
      try loss.scene.street.grant(
        loss.scene.resident, loss.scene.activity, session: session, minutes: 720, policy: rules,
        at: loss.scene.a)
    }
    #expect(try loss.scene.balance() == 22)
    let reversal = try loss.scene.street.reverse(awards[0], at: loss.scene.approver)
    #expect(try loss.scene.balance() == 12)
    let cover = try loss.cover(reversal, 20)
    #expect(loss.scene.verdict(cover) == .plain)
    #expect(try loss.scene.balance() == 22)
  }

  @Test func `what another file of the person has too was not taken`() throws {
    var loss = try Loss()
    let twin = try loss.scene.street.register(at: loss.scene.a)
    _ = try loss.scene.street.grant(twin, loss.scene.activity, at: loss.scene.a)
    let award = try loss.scene.street.grant(
      loss.scene.resident, loss.scene.activity, at: loss.scene.a)
    let reversal = try loss.scene.street.reverse(award, at: loss.scene.approver)
    let key = [loss.scene.resident.packed, reversal.packed]
    #expect(try loss.scene.state.sum("award_error", key, "points") == 3)
    let merge = try loss.scene.street.merge(twin, loss.scene.resident, at: loss.scene.approver)
    try loss.scene.street.decide(merge)
    #expect(try loss.scene.state.sum("award_error", key, "points") == 0)
  }

  @Test func `of a redemption only what the account still bears is covered`() throws {
    var loss = try Loss()
    let sale = try loss.scene.street.redeem(
      loss.scene.resident, [(loss.scene.item, 2, 9)], basis: 2, at: loss.scene.b)
    let cover = try loss.cover(sale, 18)
    #expect(loss.scene.verdict(cover) == .plain)
    #expect(try loss.scene.balance() == 0)
    // Who brings a piece back is not poorer for it.
    try loss.scene.street.bringBack(sale, 1, at: loss.scene.b)
    #expect(loss.scene.verdict(cover) == .plain)
    #expect(try loss.scene.balance() == 0)
    let voided = try loss.scene.spend(9, basis: 2, at: loss.scene.b)
    try loss.scene.street.void(voided, at: loss.scene.b)
    let ofVoided = try loss.cover(voided, 9)
    #expect(loss.scene.verdict(ofVoided) == Verdict(.void, [.wrongReference]))
    #expect(try loss.scene.balance() == 0)
  }

  @Test func `what the home handed out by its own right is no loss`() throws {
    var loss = try Loss()
    let award = try loss.scene.earn(9, at: loss.scene.b)
    let sale = try loss.scene.spend(9, at: loss.scene.a)
    let boss = Counter(office: loss.scene.b.office, clerk: loss.scene.street.staff[4])
    let reversal = try loss.scene.street.reverse(award, at: boss)
    let ofReversal = try loss.cover(reversal, 9)
    // Another approver, who does not know of it, covers the same debt by the sale.
    let ofSale = try loss.cover(sale, 9)
    #expect(loss.scene.verdict(ofReversal) == .plain)
    #expect(loss.scene.verdict(ofSale) == Verdict(.void, [.wrongReference]))
    #expect(try loss.scene.balance() == 0)
  }

  @Test func `what was spent on a grant is no loss, unless there was no right behind it`() throws {
    var loss = try Loss()
    let award = try loss.scene.earn(9, at: loss.scene.a)
    let request = try loss.scene.street.ask(loss.scene.resident, 9, at: loss.scene.b)
    let grant = try loss.scene.street.answer(request, 9, by: loss.scene.a.office)
    let sales = try (1...2).map { _ in
      try loss.scene.street.spend(
        9, on: grant, item: loss.scene.item, to: loss.scene.resident, at: loss.scene.b)
    }
    _ = try loss.scene.street.reverse(award, at: loss.scene.approver)
    let covers = try sales.map { try loss.cover($0, 9) }
    #expect(
      covers.map(loss.scene.verdict) == [Verdict(.void, [.wrongReference]), .plain])
    #expect(try loss.scene.balance() == -9)
    // A grant that turns up late makes it good.
    let more = try loss.scene.street.ask(loss.scene.resident, 9, at: loss.scene.b)
    try loss.scene.street.answer(more, 9, by: loss.scene.a.office)
    #expect(
      covers.map(loss.scene.verdict) == covers.map { _ in Verdict(.void, [.wrongReference]) })
    #expect(try loss.scene.balance() == -18)
    let ops = loss.scene.street.written
    var dice = Dice(seed: 3)
    for _ in 1...4 {
      expectSame(
        Snapshot(MemoryReplica(Arrival.order(of: ops, using: &dice))), Snapshot(MemoryReplica(ops)))
    }
    try expectModel(of: ops)
  }

  @Test func `a second cover of an account is looked at`() throws {
    var loss = try Loss()
    let award = try loss.scene.earn(9, at: loss.scene.a)
    let reversal = try loss.scene.street.reverse(award, at: loss.scene.approver)
    let sale = try loss.scene.spend(9, basis: 2, at: loss.scene.b)
    let first = try loss.cover(sale, 9)
    #expect(!loss.scene.isOnDesk(.furtherCover, first))
    let second = try loss.cover(reversal, 9)
    #expect(loss.scene.isOnDesk(.furtherCover, second))
    #expect(!loss.scene.isOnDesk(.furtherCover, first))
  }

  @Test func `what a household's pool paid is no loss of the resident's`() throws {
    var loss = try Loss()
    let pool = try loss.scene.street.household(head: loss.scene.resident, at: loss.scene.a)
    let sale = try loss.scene.street.sell(
      loss.scene.item, price: 9, to: loss.scene.resident, pool: pool, at: loss.scene.a)
    let ofSale = try loss.cover(sale, 9)
    #expect(loss.scene.verdict(ofSale) == Verdict(.void, [.wrongReference]))
    #expect(try loss.scene.balance() == 0)
  }

  @Test func `the counter covers no more than the debt`() throws {
    var loss = try Loss()
    try loss.scene.earn(9)
    let sale = try loss.scene.spend(9, basis: 2, at: loss.scene.b)
    var early = loss
    try early.cover(sale, 9)
    #expect(try early.scene.refusalOfLast() == .coverTooLarge(limit: 0))
    let again = try loss.scene.spend(9, basis: 2, at: loss.scene.b)
    try loss.scene.earn(4)
    var greedy = loss
    try greedy.cover(again, 6)
    #expect(try greedy.scene.refusalOfLast() == .coverTooLarge(limit: 5))
    try loss.cover(again, 5)
    #expect(try loss.scene.refusalOfLast() == nil)
  }
}

extension Street {
  @discardableResult
  mutating func cover(
    _ account: OpID, _ loss: OpID, points: Int64, at counter: Counter
  ) throws -> OpID {
    try record(
      "points.cover", at: counter,
      [
        "account": .reference(account), "loss": .reference(loss), "points": .integer(points),
      ])
  }
}
