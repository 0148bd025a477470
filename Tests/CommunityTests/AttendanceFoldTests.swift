import Community
import FoldKit
import OpLog
import Testing

/// Check-ins, check-outs, and supplements of one natural key.
@Suite struct AttendanceFoldTests {
  private let posted = Verdict(.posted)

  private func cell(_ scene: Scene, _ column: String) throws -> Cell? {
    try scene.state.cell(
      "attendance", [scene.activity.packed, scene.resident.packed, 1, 0], column)
  }

  @Test func `somebody comes and leaves`() throws {
    var scene = try Scene()
    let checkIn = try scene.street.checkIn(scene.resident, scene.activity, at: scene.a)
    #expect(try cell(scene, "state") == .text("in"))
    #expect(try cell(scene, "minutes") == .null)
    let checkOut = try scene.street.checkOut(checkIn, minutes: 90, at: scene.a)
    #expect(scene.verdict(checkOut) == posted)
    #expect(try cell(scene, "state") == .text("out"))
    #expect(try cell(scene, "minutes") == .integer(90))
  }

  @Test func `of two check-ins and two check-outs the organiser's counts`() throws {
    var scene = try Scene()
    let other = try scene.street.checkIn(scene.resident, scene.activity, at: scene.b)
    let otherOut = try scene.street.checkOut(other, minutes: 30, at: scene.b)
    #expect(try cell(scene, "minutes") == .integer(30))
    let own = try scene.street.checkIn(scene.resident, scene.activity, at: scene.a)
    let ownOut = try scene.street.checkOut(own, minutes: 60, at: scene.a)
    #expect(scene.verdict(own) == posted)
    #expect(scene.verdict(other) == Verdict(.duplicate))
    #expect(scene.verdict(ownOut) == posted)
    #expect(scene.verdict(otherOut) == Verdict(.duplicate))
    #expect(try cell(scene, "minutes") == .integer(60))
    #expect(try scene.state.count("attendance") == 1)
  }

  @Test func `a supplement corrects, with another person as witness`() throws {
    var scene = try Scene()
    let checkIn = try scene.street.checkIn(scene.resident, scene.activity, at: scene.a)
    let alone = try scene.street.supplement(
      scene.resident, scene.activity, minutes: 100, witness: scene.a.clerk, at: scene.a)
    #expect(scene.verdict(alone) == Verdict(.pending, [.witnessIsRecorder]))
    #expect(try cell(scene, "state") == .text("in"))
    let witnessed = try scene.street.supplement(
      scene.resident, scene.activity, minutes: 45, witness: scene.approver.clerk, at: scene.a)
    #expect(scene.verdict(witnessed) == posted)
    #expect(scene.verdict(checkIn) == posted)
    #expect(try cell(scene, "state") == .text("corrected"))
    #expect(try cell(scene, "minutes") == .integer(45))
  }

  @Test func `a supplement beyond the days or the length needs an approver`() throws {
    var scene = try Scene()
    let rules = try scene.street.setRules([.supplementDays: 7], in: 0)
    let activity = try scene.street.announce(hours: 480...540, at: scene.a)
    let late = Verdict(.pending, [.supplementNeedsApprover])
    for (days, minutes, counter, expected) in [
      (7, 60, scene.a, posted), (8, 60, scene.a, late), (7, 61, scene.a, late),
      (8, 61, scene.approver, posted),
    ] as [(Int64, Int64, Counter, Verdict)] {
      var later = scene
      later.street.today = scene.street.today.adding(days: days)
      let resident = try later.street.register(at: later.a)
      let supplement = try later.street.supplement(
        resident, activity, minutes: minutes, witness: scene.auditor.clerk, policy: rules,
        at: counter)
      #expect(later.verdict(supplement) == expected, "\(days) days, \(minutes) minutes")
    }
  }

  @Test func `a supplement is in time again once the activity was put off`() throws {
    var scene = try Scene()
    let rules = try scene.street.setRules([.supplementDays: 7], in: 0)
    scene.street.today = scene.street.today.adding(days: 9)
    let supplement = try scene.street.supplement(
      scene.resident, scene.activity, minutes: 60, witness: scene.approver.clerk, policy: rules,
      at: scene.a)
    #expect(scene.verdict(supplement) == Verdict(.pending, [.supplementNeedsApprover]))
    try scene.street.amend(
      scene.activity, heldOn: scene.street.today.adding(days: -1), at: scene.a)
    #expect(scene.verdict(supplement) == posted)
    #expect(try cell(scene, "minutes") == .integer(60))
  }
}
