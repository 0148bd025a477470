import Community
import FoldKit
import OpLog
import Testing

/// Nobody makes every replica slow with one activity, sale, or transfer: the first 32 steps are looked
/// at, and which these are no order of arrival decides.
@Suite struct StepLimitTests {
  @Test func `steps beyond the lowest 32 are duplicates, in any order of arrival`() throws {
    var scene = try Scene()
    let (b, c) = (scene.b, scene.c)
    let activity = try scene.street.publish(at: b)
    let kept = try scene.street.reserve(scene.item, for: scene.resident, at: b)
    let sale = try scene.street.redeem(scene.resident, [(scene.item, 99, 1)], at: b)
    let sent = try scene.street.send(scene.item, 99, to: scene.street.enrolments[2], at: b)
    let volunteer = try scene.street.enlist(scene.resident, at: b)
    for counter in [c, b] {
      for number in 1...20 as ClosedRange<Int64> {
        try scene.street.amend(activity, points: number, at: counter)
        try scene.street.checkIn(scene.resident, activity, at: counter)
        try scene.street.bringBack(sale, 1, at: counter)
        try scene.street.leaveTeam(volunteer, at: counter)
      }
    }
    for _ in 1...40 {
      try scene.street.release(kept, at: b)
      try scene.street.accept(sent, 1, at: c)
    }
    try scene.street.receiptForAll()
    let expected = Snapshot(MemoryReplica(scene.street.written))
    let state = scene.state
    #expect(try state.count("redemption_step") == 32)
    #expect(try state.count("transfer_step") == 32)
    let row = try #require(state.row(Tables.activity, [activity.packed]))
    #expect(OpList.decode(row[12].text).count == 32)
    var dice = Dice(seed: 9)
    for number in 1...20 {
      let order = Arrival.order(of: scene.street.written, using: &dice)
      expectSame(Snapshot(MemoryReplica(order)), expected, "order \(number)")
    }
  }
}
