import Community
import FoldKit
import OpLog
import Testing

@Suite struct PinResetFoldTests {
  @Test func `an approver resets the PIN of another of the same community, and the hub anybody's`()
    throws
  {
    var scene = try Scene()
    let clerk = scene.a.clerk
    let reset = try scene.street.resetPIN(of: clerk, at: scene.approver)
    let own = try scene.street.resetPIN(of: scene.approver.clerk, at: scene.approver)
    let plain = try scene.street.resetPIN(of: scene.approver.clerk, at: scene.a)
    let foreign = try scene.street.resetPIN(of: scene.b.clerk, at: scene.approver)
    let hub = try scene.street.write("staff.reset_pin", ["staff": .reference(clerk)])
    #expect(scene.verdict(reset) == .plain)
    #expect(scene.verdict(own) == Verdict(.pending, [.ownRecord]))
    #expect(scene.verdict(plain) == Verdict(.pending, [.actorNotEntitled]))
    #expect(scene.verdict(foreign) == Verdict(.pending, [.actorNotEntitled]))
    #expect(scene.verdict(hub) == .plain)
    let rows = scene.state.rows(Tables.pinReset, under: [clerk.packed])
    #expect(rows.map { $0[1].id } == [hub, reset].sorted())
  }
}
