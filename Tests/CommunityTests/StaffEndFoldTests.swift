import Community
import OpLog
import Testing

@Suite struct StaffEndFoldTests {
  @Test func `a PIN that is gone and a departure taken back stand after the end, on the desk`()
    throws
  {
    var scene = try Scene()
    let wrong = try scene.street.leave(scene.resident, on: scene.street.today, at: scene.a)
    scene.street.today = scene.street.today.adding(days: 5)
    let reset = try scene.street.resetPIN(of: scene.a.clerk, at: scene.approver)
    let back = try scene.street.reactivate(wrong, at: scene.approver)
    #expect(scene.verdict(back) == .plain)
    try scene.street.end(scene.approver.clerk, on: scene.street.today.adding(days: -5))
    for op in [reset, back] {
      #expect(scene.verdict(op) == Verdict(.posted, [.actorNotEntitled]))
    }
    #expect(scene.verdict(wrong) == Verdict(.void))
  }

  @Test func `case 32: what was dated after the end waits, what was before stays`() throws {
    var scene = try Scene()
    let before = try scene.street.grant(scene.resident, scene.activity, at: scene.a)
    let last = scene.street.today
    scene.street.today = last.adding(days: 1)
    let after = try scene.street.grant(
      scene.resident, scene.activity, session: 2, at: scene.a)
    try scene.street.receive(scene.item, quantity: 4, at: scene.a)
    let redemption = try scene.spend(1, at: scene.a)
    let file = try scene.street.register(at: scene.a)
    try scene.street.end(scene.a.clerk, on: last.adding(days: 3))
    #expect(scene.verdict(after) == .plain)
    try scene.street.end(scene.a.clerk, on: last)
    #expect(scene.verdict(before) == .plain)
    #expect(scene.verdict(after) == Verdict(.pending, [.actorNotEntitled]))
    #expect(scene.verdict(redemption) == Verdict(.posted, [.actorNotEntitled]))
    #expect(scene.verdict(file) == .plain)
    #expect(try scene.balance() == 2)
    _ = try scene.street.register(at: scene.a)
    #expect(try refusal(scene) == .appointmentEnded(on: last))
  }
}
