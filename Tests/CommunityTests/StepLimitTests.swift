import Community
import FoldKit
import OpLog
import Testing

/// Nobody makes every replica slow with one activity, sale, or transfer: the first 32 steps of each
/// office are looked at, and which these are no order of arrival decides.
@Suite struct StepLimitTests {
  @Test func `steps beyond an office's lowest 32 are duplicates, in any order of arrival`() throws {
    var scene = try Scene()
    let (b, c) = (scene.b, scene.c)
    let activity = try scene.street.publish(at: b)
    let kept = try scene.street.reserve(scene.item, for: scene.resident, at: b)
    let sale = try scene.street.redeem(scene.resident, [(scene.item, 99, 1)], at: b)
    let sent = try scene.street.send(scene.item, 99, to: scene.street.enrolments[2], at: b)
    let volunteer = try scene.street.enlist(scene.resident, at: b)
    for counter in [c, b] {
      for number in 1...34 as ClosedRange<Int64> {
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
    #expect(try state.count("redemption_step") == 64)
    #expect(try state.count("transfer_step") == 32)
    let row = try #require(state.row(Tables.activity, [activity.packed]))
    #expect(OpList.decode(row[12].text).count == 64)
    var dice = Dice(seed: 9)
    for number in 1...6 {
      let order = Arrival.order(of: scene.street.written, using: &dice)
      expectSame(Snapshot(MemoryReplica(order)), expected, "order \(number)")
    }
  }

  @Test func `so are decisions of an award, departures, and covers`() throws {
    var scene = try Scene()
    let award = try scene.street.grant(
      scene.resident, scene.activity, policy: scene.street.approved(at: scene.b), at: scene.b)
    let clerk = try scene.street.appoint(in: 1, roles: Role.approver.mask)
    let deciders = [Counter(office: scene.c.office, clerk: clerk), scene.approver]
    let loss = try scene.street.reverse(try scene.earn(9), at: scene.approver)
    let other = Counter(
      office: scene.a.office, clerk: try scene.street.appoint(in: 0, roles: Role.approver.mask))
    var departures: [OpID] = []
    for number in 1...68 as ClosedRange<Int64> {
      let decider = deciders[number % 2 == 0 ? 0 : 1]
      if number % 3 == 0 {
        try scene.street.reject([award], at: decider)
      } else {
        try scene.street.approve([award], points: number % 3, at: decider)
      }
      departures.append(
        try scene.street.leave(
          scene.resident, on: scene.street.today.adding(days: 70 - number), at: scene.a))
      try scene.street.cover(scene.resident, loss, points: 1, at: other)
    }
    for departure in [departures[39], departures[39], departures[3]] {
      _ = try scene.street.reactivate(departure, at: scene.approver)
    }
    try scene.street.write(
      "staff.end",
      ["staff": .reference(clerk), "ended_on": .integer(Int64(scene.street.today.day) - 1)])
    try scene.street.receiptForAll()
    let expected = Snapshot(MemoryReplica(scene.street.written))
    let state = scene.state
    #expect(try state.count("departure") == 32)
    let round = try #require(
      state.row(Tables.award, [scene.activity.packed, scene.resident.packed, 1, 0, 0]))
    #expect(OpList.decode(round[14].text).count == 64)
    let cover = try #require(state.row(Tables.cover, [loss.packed]))
    #expect(OpList.decode(cover[5].text).count == 31)
    #expect(state.verdicts[departures[39]] == Verdict(.duplicate))
    var dice = Dice(seed: 9)
    for number in 1...6 {
      let order = Arrival.order(of: scene.street.written, using: &dice)
      expectSame(Snapshot(MemoryReplica(order)), expected, "order \(number)")
    }
  }
}
