import Community
import FoldKit
import OpLog
import Testing

@Suite struct VolunteerFoldTests {
  @Test func `of several days of leaving a team the earliest counts`() throws {
    var scene = try Scene()
    let enrolment = try scene.street.enlist(scene.resident, at: scene.a)
    scene.street.today = scene.street.today.adding(days: 5)
    let later = try scene.street.leaveTeam(enrolment, at: scene.a)
    scene.street.today = scene.street.today.adding(days: -1)
    let earlier = try scene.street.leaveTeam(enrolment, at: scene.b)
    #expect(scene.verdict(earlier) == .plain)
    #expect(scene.verdict(later) == Verdict(.duplicate))
    #expect(
      try scene.state.cell("volunteer", [enrolment.packed], "left_on")
        == .integer(Int64(scene.street.today.day)))
  }
}
