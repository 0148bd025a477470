import Community
import FoldKit
import OpLog
import Testing

/// Approvals and rejections, and `COVERAGE.md`, cases 22 and 32.
@Suite struct AwardDecisionTests {
  private let posted = Verdict(.posted)
  private let waiting = Verdict(.pending, [.awaitingApproval])

  /// An award that the rules hold until it is approved.
  private func pendingAward(_ scene: inout Scene, at counter: Counter? = nil) throws -> OpID {
    let counter = counter ?? scene.a
    return try scene.street.grant(
      scene.resident, scene.activity, policy: scene.street.approved(at: counter), at: counter)
  }

  @Test func `points can be spent from the approval on`() throws {
    var scene = try Scene()
    let award = try pendingAward(&scene)
    #expect(scene.verdict(award) == waiting)
    #expect(try scene.balance() == 0)
    let approval = try scene.street.approve([award], at: scene.approver)
    #expect(scene.verdict(approval) == posted)
    #expect(scene.verdict(award) == posted)
    #expect(try scene.balance() == 3)
    let again = try scene.street.approve([award], at: scene.approver)
    #expect(scene.verdict(again) == posted)
    #expect(try scene.balance() == 3)
  }

  @Test func `an approval may give less, never more than was announced`() throws {
    for (points, expected) in [(2, 2), (9, 3)] as [(Int64, Int64)] {
      var scene = try Scene()
      let award = try pendingAward(&scene)
      try scene.street.approve([award], points: points, at: scene.approver)
      #expect(try scene.balance() == expected)
    }
  }

  @Test func `who recorded an award does not decide it`() throws {
    var scene = try Scene()
    let award = try pendingAward(&scene, at: scene.approver)
    for step in [
      try scene.street.approve([award], at: scene.approver),
      try scene.street.reject([award], at: scene.approver),
    ] {
      #expect(scene.verdict(step) == Verdict(.pending, [.approvedByRecorder]))
    }
    #expect(scene.verdict(award) == waiting)
  }

  @Test func `of many awards those of other recorders are approved`() throws {
    var scene = try Scene()
    let own = try pendingAward(&scene, at: scene.approver)
    let other = try scene.street.grant(
      scene.resident, scene.activity, session: 2, policy: scene.street.approved(at: scene.a),
      at: scene.a)
    let approval = try scene.street.approve([own, other], at: scene.approver)
    #expect(scene.verdict(approval) == Verdict(.posted, [.approvedByRecorder]))
    #expect(scene.verdict(own) == waiting)
    #expect(scene.verdict(other) == posted)
  }

  @Test func `a clerk does not approve, nor does another community`() throws {
    var scene = try Scene()
    let award = try pendingAward(&scene)
    let clerk = try scene.street.approve([award], at: scene.a)
    #expect(scene.verdict(clerk) == Verdict(.pending, [.actorNotEntitled]))
    let stranger = Counter(office: scene.b.office, clerk: scene.street.staff[4])
    let foreign = try scene.street.approve([award], at: stranger)
    #expect(try scene.refusalOfLast() == .wouldNotCount(.pending, [.notOrganiser]))
    #expect(scene.verdict(foreign) == Verdict(.pending, [.notOrganiser]))
    #expect(scene.verdict(award) == waiting)
  }

  @Test func `of an approval and a rejection the first to reach the hub decides`() throws {
    var scene = try Scene()
    let award = try pendingAward(&scene)
    let office = try scene.street.enroll(4200, in: 0)
    let approval = try scene.street.approve([award], at: scene.approver)
    let other = Counter(office: office, clerk: scene.approver.clerk)
    let rejection = try scene.street.reject([award], at: other)
    let head = try #require(scene.street.head(of: scene.a.office))
    try scene.street.receipt([(scene.a.office, head.seq - 1), (office, 1)])
    try scene.street.receiptForAll()
    #expect(scene.verdict(award) == Verdict(.void))
    #expect(try scene.balance() == 0)
    #expect(scene.isOnDesk(.stepTooLate, approval, detail: award.packed))
    #expect(!scene.isOnDesk(.stepTooLate, rejection, detail: award.packed))
    #expect(
      try scene.state.cell(
        "award", [scene.activity.packed, scene.resident.packed, 1, 0, 0], "state")
        == .text("rejected"))
  }

  @Test func `what counts is not rejected but reversed`() throws {
    var scene = try Scene()
    let award = try scene.earn(3)
    let rejection = try scene.street.reject([award], at: scene.approver)
    #expect(scene.verdict(award) == posted)
    #expect(scene.isOnDesk(.stepTooLate, rejection, detail: award.packed))
  }

  @Test func `an approval whose points change nothing says so`() throws {
    var scene = try Scene()
    let award = try scene.earn(3)
    let other = try scene.street.approve([award], points: 1, at: scene.approver)
    #expect(scene.isOnDesk(.stepTooLate, other, detail: award.packed))
    let waiting = try scene.street.grant(
      scene.resident, scene.activity, policy: scene.street.approved(at: scene.a), at: scene.a)
    try scene.street.approve([waiting], points: 2, at: scene.approver)
    let same = try scene.street.approve([waiting], points: 2, at: scene.approver)
    let late = try scene.street.approve([waiting], points: 1, at: scene.approver)
    #expect(!scene.isOnDesk(.stepTooLate, same, detail: waiting.packed))
    #expect(scene.isOnDesk(.stepTooLate, late, detail: waiting.packed))
    #expect(try scene.balance() == 5)
  }

  @Test func `32: what an approver signs after the end has no effect, known early or late`() throws
  {
    for isKnownFirst in [true, false] {
      var scene = try Scene()
      let signer = try scene.street.appoint(in: 0, roles: Role.approver.mask)
      let former = Counter(office: scene.a.office, clerk: signer)
      let yesterday = scene.street.today.adding(days: -1)
      let award = try scene.street.grant(
        scene.resident, scene.activity, policy: scene.street.approved(at: scene.a), at: scene.a)
      let counted = try scene.earn(4)
      let sale = try scene.street.redeem(
        scene.resident, [(scene.item, 1, 1)], basis: 1, at: scene.a)
      if isKnownFirst { try scene.street.end(signer, on: yesterday) }
      let approval = try scene.street.approve([award], at: former)
      let resolution = try scene.street.resolve(
        sale, .debitWithoutStanding, .accepted, at: former)
      let reversal = try scene.street.reverse(counted, at: former)
      if !isKnownFirst { try scene.street.end(signer, on: yesterday) }
      #expect(scene.verdict(award) == Verdict(.pending, [.awaitingApproval]))
      for op in [approval, resolution] {
        #expect(scene.verdict(op) == Verdict(.pending, [.actorNotEntitled]))
      }
      #expect(try scene.state.count("resolution") == 0)
      // What later rounds are built on stands; a person looks at it.
      #expect(scene.verdict(reversal) == Verdict(.posted, [.actorNotEntitled]))
    }
  }

  @Test func `32: an award by a clerk whose right had ended waits for an approver`() throws {
    var scene = try Scene()
    let clerk = try scene.street.appoint(
      in: 0, roles: Role.clerk.mask, to: scene.street.today.adding(days: -1))
    let former = Counter(office: scene.a.office, clerk: clerk)
    let award = try scene.street.grant(scene.resident, scene.activity, at: former)
    #expect(scene.verdict(award) == Verdict(.pending, [.actorNotEntitled]))
    try scene.street.approve([award], at: scene.approver)
    #expect(scene.verdict(award) == posted)
    scene.street.today = scene.street.today.adding(days: -1)
    let inTime = try scene.street.grant(scene.resident, scene.activity, session: 2, at: former)
    #expect(scene.verdict(inTime) == posted)
  }

  @Test func `22: an award dated back too far counts, and is on the desk until approved`() throws {
    var scene = try Scene()
    let rules = try scene.street.setRules([.awardPosting: 0, .backdateDays: 7], in: 0)
    let today = scene.street.today
    var awards: [OpID] = []
    for (days, counter) in [(-7, scene.a), (-8, scene.a), (-8, scene.approver)]
      as [(Int64, Counter)]
    {
      scene.street.today = today.adding(days: days)
      awards.append(
        try scene.street.grant(
          scene.resident, scene.activity, session: Int64(awards.count + 1), policy: rules,
          at: counter))
    }
    #expect(scene.verdict(awards[1]) == posted)
    scene.street.today = today
    try scene.street.receiptForAll()
    #expect(scene.verdict(awards[0]) == posted)
    #expect(scene.verdict(awards[1]) == Verdict(.posted, [.backdated]))
    #expect(scene.verdict(awards[2]) == posted)
    #expect(try scene.balance() == 9)
    try scene.street.approve([awards[1]], at: scene.approver)
    #expect(scene.verdict(awards[1]) == posted)
  }
}
