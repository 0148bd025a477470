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

  @Test func `amendments of one field that replace the same are a fork, closed by naming both`()
    throws
  {
    var scene = try Scene()
    let other = Counter(office: try scene.street.enroll(4200, in: 0), clerk: scene.a.clerk)
    let snow = scene.activity
    let more = try scene.street.amend(
      snow, points: 5, title: "扫雪", replaces: [snow], at: scene.a)
    let less = try scene.street.amend(snow, points: 2, replaces: [snow], at: other)
    #expect(scene.isOnDesk(.fork, snow))
    #expect(!scene.isOnDesk(.fork, snow, detail: ActivityRegister.title.rawValue))
    // The later of the two is shown, and nobody who came for more gets less.
    #expect(try cell(scene, "points") == .integer(2))
    #expect(try cell(scene, "points_most") == .integer(5))
    #expect(try cell(scene, "title") == .text("扫雪"))
    let both = try scene.street.amend(snow, points: 4, replaces: [more, less], at: scene.a)
    #expect([more, less, both].map(scene.verdict) == [posted, posted, posted])
    #expect(scene.state.desk.isEmpty)
    #expect(try cell(scene, "points") == .integer(4))
    #expect(try scene.state.cell("field", [snow.packed, 0], "live") == .text("\(both)"))
  }

  @Test func `what names nothing replaces all before it; what names another activity is void`()
    throws
  {
    var scene = try Scene()
    let snow = scene.activity
    let named = try scene.street.amend(snow, points: 5, replaces: [snow], at: scene.a)
    let old = try scene.street.amend(snow, points: 2, at: scene.a)
    #expect(try scene.state.cell("field", [snow.packed, 0], "live") == .text("\(old)"))
    let elsewhere = try scene.street.publish(points: 1, at: scene.a)
    let wrong = try scene.street.amend(elsewhere, points: 9, replaces: [named], at: scene.a)
    #expect(scene.verdict(wrong) == Verdict(.void, [.wrongReference]))
    #expect(scene.state.desk.count == 1)
  }

  @Test func `times that are amended are those that overlap`() throws {
    var scene = try Scene()
    let morning = try scene.street.announce(hours: 480...540, at: scene.a)
    let noon = try scene.street.announce(hours: 600...660, at: scene.a)
    let awards = try [morning, noon].map {
      try scene.street.grant(scene.resident, $0, at: scene.a)
    }
    #expect(scene.state.desk.isEmpty)
    try scene.street.amend(noon, hours: 500...560, replaces: [noon], at: scene.a)
    let isOverlapping = scene.isOnDesk(.overlap, awards[1])
    #expect(isOverlapping)
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

  @Test func `what was ended by mistake goes on, and what the mistake hid counts`() throws {
    var scene = try Scene()
    let award = try scene.street.grant(scene.resident, scene.activity, at: scene.a)
    let cancel = try scene.street.cancel(scene.activity, at: scene.a)
    let close = try scene.street.close(scene.activity, headcount: 7, at: scene.a)
    #expect(scene.verdict(award) == held)
    let byClerk = try scene.street.resume(cancel, at: scene.b)
    #expect(scene.verdict(byClerk)?.outcome == .pending)
    let guest = try scene.street.resume(
      cancel, at: Counter(office: scene.b.office, clerk: scene.street.staff[4]))
    #expect(scene.verdict(guest) == Verdict(.pending, [.notOrganiser]))
    let undone = try scene.street.resume(cancel, at: scene.approver)
    let again = try scene.street.resume(cancel, at: scene.approver)
    #expect(scene.verdict(undone) == posted)
    #expect(scene.verdict(again) == Verdict(.duplicate))
    #expect(scene.verdict(cancel) == Verdict(.void))
    #expect(scene.verdict(close) == posted)
    #expect(scene.verdict(award) == posted)
    #expect(try cell(scene, "headcount") == .integer(7))
    try scene.street.resume(close, at: scene.approver)
    #expect(try cell(scene, "state") == .text("published"))
    try scene.street.cancel(scene.activity, at: scene.a)
    #expect(scene.verdict(award) == held)
  }

  // MARK: How awards are valued

  @Test func `an activity's own rule values its awards wherever they are recorded`() throws {
    var scene = try Scene()
    let rules = try scene.street.setRules(
      [.awardPosting: 0, .awardMode: 0, .awardMinutes: 120, .awardMinutesLarge: 240], in: 1)
    func worth(_ activity: OpID) throws -> Int64 {
      let before = try scene.balance()
      _ = try scene.street.grant(
        scene.resident, activity, points: 9, minutes: 500, policy: rules, at: scene.b)
      return try scene.balance() - before
    }
    let hourly = try scene.street.announce(points: 9, rule: .perHour, at: scene.a)
    #expect(try worth(hourly) == 2)
    let large = try scene.street.announce(points: 9, isLarge: true, rule: .perHour, at: scene.a)
    #expect(try worth(large) == 4)
    // One of an older version says nothing: the recorder's rules decide.
    let silent = try scene.street.announce(points: 9, at: scene.a)
    #expect(try worth(silent) == 9)
    // Joining is no work: a number, whatever the rule.
    let joining = try scene.street.announce(points: 5, category: 8, rule: .perHour, at: scene.a)
    #expect(try worth(joining) == 5)
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
