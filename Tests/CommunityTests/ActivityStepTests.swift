import Community
import FoldKit
import OpLog
import Testing

/// `COVERAGE.md`, cases 19 and 20, and what ends an activity.
@Suite struct ActivityStepTests {
  private let posted = Verdict(.posted)
  private let held = Verdict(.pending, [.activityCancelled])

  private func cell(_ scene: Scene, _ column: String) throws -> Cell? {
    try scene.state.cell("activity", [scene.activity.packed], column)
  }

  // MARK: Case 20

  @Test func `20: an award may claim the most that was ever announced`() throws {
    var scene = try Scene()
    let award = try scene.street.grant(scene.resident, scene.activity, points: 5, at: scene.a)
    #expect(scene.verdict(award) == Verdict(.posted, [.claimAbovePublished]))
    try scene.street.amend(scene.activity, points: 5, at: scene.a)
    try scene.street.amend(scene.activity, points: 1, at: scene.a)
    #expect(scene.verdict(award) == posted)
    #expect(try scene.balance() == 5)
    #expect(try cell(scene, "points") == .integer(1))
    #expect(try cell(scene, "points_most") == .integer(5))
  }

  @Test func `the last amendment to reach the hub is shown, field by field`() throws {
    var scene = try Scene()
    try scene.street.amend(scene.activity, points: 4, title: "扫雪", at: scene.a)
    try scene.street.receiptForAll()
    try scene.street.amend(scene.activity, title: "听讲座", at: scene.approver)
    #expect(try cell(scene, "title") == .text("听讲座"))
    #expect(try cell(scene, "points") == .integer(4))
  }

  @Test func `only the organiser's community changes its activity`() throws {
    var scene = try Scene()
    for step in [
      try scene.street.amend(scene.activity, points: 9, at: scene.b),
      try scene.street.cancel(scene.activity, at: scene.b),
      try scene.street.close(scene.activity, at: scene.b),
    ] {
      #expect(scene.verdict(step) == Verdict(.pending, [.notOrganiser]))
    }
    #expect(try cell(scene, "points_most") == .integer(3))
    #expect(try cell(scene, "state") == .text("published"))
  }

  // MARK: The end

  @Test func `of a cancellation and a close the first to reach the hub counts`() throws {
    var scene = try Scene()
    let office = try scene.street.enroll(4200, in: 0)
    let other = Counter(office: office, clerk: scene.a.clerk)
    let close = try scene.street.close(scene.activity, at: scene.a)
    let cancel = try scene.street.cancel(scene.activity, at: other)
    let again = try scene.street.cancel(scene.activity, at: other)
    try scene.street.receipt([(office, 2)])
    try scene.street.receiptForAll()
    #expect(scene.verdict(cancel) == posted)
    #expect(scene.verdict(again) == Verdict(.duplicate))
    #expect(scene.verdict(close) == Verdict(.void, [.activityEnded]))
    #expect(try cell(scene, "state") == .text("cancelled"))
    #expect(try cell(scene, "headcount") == .null)
  }

  @Test func `a close keeps the head count and takes nothing from awards`() throws {
    var scene = try Scene()
    let award = try scene.street.grant(scene.resident, scene.activity, at: scene.a)
    try scene.street.close(scene.activity, headcount: 21, at: scene.a)
    #expect(scene.verdict(award) == posted)
    #expect(try cell(scene, "state") == .text("closed"))
    #expect(try cell(scene, "headcount") == .integer(21))
  }

  // MARK: Case 19

  @Test func `19: the awards of a cancelled activity are held, check-ins stay`() throws {
    var scene = try Scene()
    let checkIn = try scene.street.checkIn(scene.resident, scene.activity, at: scene.a)
    let award = try scene.street.grant(scene.resident, scene.activity, at: scene.a)
    try scene.street.cancel(scene.activity, at: scene.a)
    let late = try scene.street.grant(scene.resident, scene.activity, session: 2, at: scene.b)
    #expect(scene.verdict(award) == held)
    #expect(scene.verdict(late) == held)
    #expect(scene.verdict(checkIn) == posted)
    #expect(try scene.balance() == 0)
  }

  @Test func `19: the organiser approves, gives a comfort value, or rejects`() throws {
    var scene = try Scene()
    var awards: [OpID] = []
    for session in 1...3 as ClosedRange<Int64> {
      awards.append(
        try scene.street.grant(scene.resident, scene.activity, session: session, at: scene.a))
    }
    try scene.street.cancel(scene.activity, at: scene.a)
    try scene.street.approve([awards[0]], at: scene.approver)
    #expect(try scene.balance() == 3)
    try scene.street.approve([awards[1]], points: 1, at: scene.approver)
    #expect(try scene.balance() == 4)
    try scene.street.reject([awards[2]], at: scene.approver)
    #expect(scene.verdict(awards[2]) == Verdict(.void))
    #expect(try scene.balance() == 4)
  }

  @Test func `19: an approval from before the cancellation does not answer it`() throws {
    var scene = try Scene()
    let award = try scene.street.grant(
      scene.resident, scene.activity, policy: scene.street.approved(at: scene.a), at: scene.a)
    try scene.street.approve([award], at: scene.approver)
    #expect(scene.verdict(award) == posted)
    try scene.street.cancel(scene.activity, at: scene.a)
    #expect(scene.verdict(award) == held)
    try scene.street.approve([award], at: scene.approver)
    #expect(scene.verdict(award) == posted)
  }
}
