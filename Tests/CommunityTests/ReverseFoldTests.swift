import Community
import FoldKit
import OpLog
import Testing

/// `COVERAGE.md`, case 25, and the rounds of one award.
@Suite struct ReverseFoldTests {
  private let posted = Verdict(.posted)

  @Test func `a reversal takes the award back, whichever record it names`() throws {
    var scene = try Scene()
    let own = try scene.street.grant(scene.resident, scene.activity, at: scene.a)
    let other = try scene.street.grant(scene.resident, scene.activity, at: scene.b)
    let reversal = try scene.street.reverse(other, at: scene.approver)
    #expect(scene.verdict(reversal) == posted)
    #expect(scene.verdict(own) == Verdict(.void))
    #expect(scene.verdict(other) == Verdict(.duplicate, [.doubleAward]))
    #expect(try scene.balance() == 0)
    #expect(try scene.earned() == 0)
    #expect(try scene.state.count("account") == 0)
  }

  @Test func `who recorded a grant does not reverse it`() throws {
    var scene = try Scene()
    let recorder = scene.street.staff[4]
    let counters = [scene.b, scene.c].map { Counter(office: $0.office, clerk: recorder) }
    let award = try scene.street.grant(scene.resident, scene.activity, at: counters[0])
    for counter in counters {
      let reversal = try scene.street.reverse(award, at: counter)
      #expect(scene.verdict(reversal) == Verdict(.pending, [.reversedByRecorder]))
    }
    #expect(scene.verdict(award) == posted)
    #expect(try scene.balance() == 3)
  }

  @Test func `an approver of the recorder's or the organiser's community, nobody else`() throws {
    var scene = try Scene()
    let elsewhere = Counter(office: scene.b.office, clerk: scene.street.staff[4])
    let own = try scene.street.grant(scene.resident, scene.activity, at: scene.a)
    for (counter, reason) in [(elsewhere, .notOrganiser), (scene.a, .actorNotEntitled)]
      as [(Counter, DeskReason)]
    {
      let reversal = try scene.street.reverse(own, at: counter)
      #expect(scene.verdict(reversal) == Verdict(.pending, [reason]))
    }
    #expect(try scene.balance() == 3)
    let abroad = try scene.street.grant(scene.resident, scene.activity, session: 2, at: scene.b)
    #expect(try scene.balance() == 6)
    let third = try scene.street.grant(scene.resident, scene.activity, session: 3, at: scene.b)
    for (award, counter) in [
      (abroad, scene.approver), (own, scene.approver), (third, elsewhere),
    ] {
      let reversal = try scene.street.reverse(award, at: counter)
      #expect(scene.verdict(reversal) == posted)
    }
  }

  @Test func `an award is taken back once; the lowest reversal counts`() throws {
    var scene = try Scene()
    let award = try scene.street.grant(scene.resident, scene.activity, at: scene.b)
    let high = try scene.street.reverse(
      award, at: Counter(office: scene.c.office, clerk: scene.street.staff[4]))
    let low = try scene.street.reverse(award, at: scene.approver)
    #expect(scene.verdict(low) == posted)
    #expect(scene.verdict(high) == Verdict(.duplicate))
    #expect(try scene.balance() == 0)
  }

  @Test func `a new grant of a reversed award names the reversal`() throws {
    var scene = try Scene()
    let award = try scene.street.grant(scene.resident, scene.activity, at: scene.a)
    let reversal = try scene.street.reverse(award, at: scene.approver)
    let silent = try scene.street.grant(scene.resident, scene.activity, at: scene.a)
    #expect(scene.verdict(silent)?.outcome == .duplicate)
    let late = try scene.street.grant(scene.resident, scene.activity, at: scene.b)
    #expect(scene.verdict(late)?.outcome == .duplicate)
    #expect(try scene.balance() == 0)
    let named = try scene.street.grant(
      scene.resident, scene.activity, points: 2, after: reversal, at: scene.b)
    #expect(scene.verdict(named) == posted)
    #expect(try scene.balance() == 2)
    let organiser = try scene.street.grant(
      scene.resident, scene.activity, points: 1, after: reversal, at: scene.a)
    #expect(scene.verdict(named) == Verdict(.duplicate, [.doubleAward]))
    #expect(scene.verdict(organiser) == posted)
    #expect(try scene.balance() == 1)
  }

  @Test func `naming either of two reversals gives one new award`() throws {
    var scene = try Scene()
    let award = try scene.street.grant(scene.resident, scene.activity, at: scene.a)
    let other = try scene.street.appoint(in: 0, roles: Role.approver.mask)
    let one = try scene.street.reverse(
      award, at: Counter(office: scene.a.office, clerk: other))
    let two = try scene.street.reverse(award, at: scene.approver)
    _ = try scene.street.grant(scene.resident, scene.activity, after: one, at: scene.a)
    _ = try scene.street.grant(scene.resident, scene.activity, after: two, at: scene.b)
    #expect(try scene.balance() == 3)
  }

  @Test func `naming a reversal without effect does not make the award count twice`() throws {
    var scene = try Scene()
    let award = try scene.street.grant(scene.resident, scene.activity, at: scene.a)
    let vain = try scene.street.reverse(award, at: scene.a)
    let again = try scene.street.grant(
      scene.resident, scene.activity, after: vain, at: scene.a)
    #expect(try scene.balance() == 3)
    #expect(scene.verdict(award) == posted)
    #expect(scene.verdict(again) == Verdict(.duplicate, [.doubleAward]))
  }

  @Test func `naming the reversal of another award is void`() throws {
    var scene = try Scene()
    let award = try scene.street.grant(scene.resident, scene.activity, session: 2, at: scene.a)
    let reversal = try scene.street.reverse(award, at: scene.approver)
    let wrong = try scene.street.grant(scene.resident, scene.activity, after: reversal, at: scene.a)
    #expect(scene.verdict(wrong) == Verdict(.void, [.wrongReference]))
    #expect(try scene.balance() == 0)
    let heir = try scene.street.reverse(wrong, at: scene.approver)
    #expect(scene.verdict(heir) == Verdict(.void, [.wrongReference]))
    let later = try scene.street.grant(scene.resident, scene.activity, after: heir, at: scene.a)
    #expect(scene.verdict(later) == Verdict(.void, [.wrongReference]))
  }

  @Test func `a chain of 16 vain reversals is of one round, a longer one is too long`() throws {
    var scene = try Scene()
    let award = try scene.street.grant(scene.resident, scene.activity, at: scene.a)
    var last = award
    for link in 1...16 {
      let vain = try scene.street.reverse(last, at: scene.a)
      last = try scene.street.grant(scene.resident, scene.activity, after: vain, at: scene.a)
      let expected = Verdict(.duplicate, [.doubleAward])
      #expect(scene.verdict(last) == expected, "link \(link)")
    }
    let vain = try scene.street.reverse(last, at: scene.a)
    let late = try scene.street.grant(scene.resident, scene.activity, after: vain, at: scene.a)
    #expect(scene.verdict(late) == Verdict(.void, [.tooManyRounds]))
    #expect(scene.verdict(award) == posted)
    #expect(try scene.balance() == 3)
  }

  @Test func `an award goes round 16 times at most`() throws {
    var scene = try Scene()
    var after: OpID?
    for round in 1...16 {
      let award = try scene.street.grant(scene.resident, scene.activity, after: after, at: scene.a)
      #expect(scene.verdict(award) == posted, "round \(round)")
      after = try scene.street.reverse(award, at: scene.approver)
    }
    let award = try scene.street.grant(scene.resident, scene.activity, after: after, at: scene.a)
    #expect(scene.verdict(award) == Verdict(.void, [.tooManyRounds]))
    let reversal = try scene.street.reverse(award, at: scene.approver)
    #expect(scene.verdict(reversal) == Verdict(.void, [.wrongReference]))
  }

  @Test func `25: a debt by a mistake of staff is proposed to the community`() throws {
    var scene = try Scene()
    try scene.earn(4)
    let award = try scene.earn(9)
    try scene.spend(13, at: scene.a)
    _ = try scene.street.reverse(award, cause: 0, at: scene.approver)
    #expect(scene.isOnDesk(.coverProposed, scene.resident))
    let key = [scene.resident.packed]
    #expect(try scene.state.cell("cover_proposal", key, "points") == .integer(9))
    try scene.earn(4)
    #expect(try scene.state.cell("cover_proposal", key, "points") == .integer(5))
    try scene.earn(5)
    #expect(!scene.isOnDesk(.coverProposed, scene.resident))
  }

  @Test func `25: a loss that was covered is not proposed again`() throws {
    var scene = try Scene()
    let award = try scene.earn(9)
    try scene.spend(9, at: scene.a)
    let loss = try scene.street.reverse(award, cause: 0, at: scene.approver)
    let other = try scene.street.appoint(in: 0, roles: Role.approver.mask)
    try scene.street.record(
      "points.cover", at: Counter(office: scene.a.office, clerk: other),
      [
        "account": .reference(scene.resident), "loss": .reference(loss), "points": .integer(6),
      ])
    #expect(try scene.balance() == -3)
    #expect(!scene.isOnDesk(.coverProposed, scene.resident))
    #expect(scene.isOnDesk(.overdrawn, scene.resident))
  }

  @Test("25: other debts are not proposed", arguments: [1, 2] as [Int64])
  func otherCauses(cause: Int64) throws {
    var scene = try Scene()
    let award = try scene.earn(9)
    try scene.spend(9, at: scene.a)
    _ = try scene.street.reverse(award, cause: cause, at: scene.approver)
    #expect(scene.isOnDesk(.overdrawn, scene.resident))
    #expect(!scene.isOnDesk(.coverProposed, scene.resident))
  }

  @Test func `points that were spent leave a debt, which later awards repay`() throws {
    var scene = try Scene()
    let award = try scene.earn(9)
    let redemption = try scene.spend(9, at: scene.a)
    _ = try scene.street.reverse(award, cause: 1, at: scene.approver)
    #expect(try scene.balance() == -9)
    #expect(try scene.earned() == 0)
    #expect(scene.verdict(redemption) == posted)
    #expect(scene.isOnDesk(.overdrawn, scene.resident))
    try scene.earn(9)
    #expect(try scene.balance() == 0)
    #expect(!scene.isOnDesk(.overdrawn, scene.resident))
  }
}
