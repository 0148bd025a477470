import Community
import FoldKit
import OpLog
import Testing

/// What reaches the folds at all.
@Suite struct AdmissionTests {
  @Test func `repeats and gaps change nothing`() throws {
    let ops = try Scene().street.written
    let replica = MemoryReplica(ops)
    let before = Snapshot(replica)
    for delivery in ops.reversed() + ops { replica.receive(delivery) }
    expectSame(Snapshot(replica), before)
    let late = MemoryReplica(ops.dropFirst())
    #expect(Snapshot(late).rows.isEmpty)
  }

  @Test func `an op waits for what it names and for its writer's enrolment`() throws {
    var scene = try Scene()
    let award = try scene.street.grant(scene.resident, scene.activity, at: scene.b)
    let ops = scene.street.written
    let replica = MemoryReplica(ops.filter { $0.op.id.replica == scene.b.office })
    #expect(replica.waitingOps == [award])
    for delivery in ops where delivery.op.id.replica.isHub { replica.receive(delivery) }
    #expect(replica.waitingOps == [award])
    #expect(replica.state.verdicts[award] == nil)
    for delivery in ops { replica.receive(delivery) }
    #expect(replica.waitingOps.isEmpty)
    #expect(replica.state.verdicts[award] == .plain)
  }

  @Test func `an op that names others than it seems to is parked with all that names it`() throws {
    var scene = try Scene()
    let forged = try scene.street.write(
      "activity.publish", by: scene.a.office, actor: scene.a.clerk, names: 1,
      [
        "title": .text("x"), "category": .integer(0), "points": .integer(3),
        "held_on": .integer(0),
      ])
    let award = try scene.street.grant(scene.resident, forged, at: scene.b)
    let replica = MemoryReplica(scene.street.written)
    #expect(replica.state.verdicts[forged] == Verdict(.pending, [.namesMismatch]))
    #expect(replica.waitingOps == [award])
    #expect(try replica.state.count("activity") == 1)
  }

  @Test func `an unknown kind, a newer payload, and a broken one are parked`() throws {
    var scene = try Scene()
    let office = scene.a.office
    let unknown = try scene.street.write(60_000, by: office, payload: [0xA0])
    let newer = try scene.street.write(2, by: office, payload: [0xA2, 1, 0x61, 0x78, 9, 0])
    let broken = try scene.street.write(2, by: office, payload: [0xA0])
    let state = scene.state
    #expect(state.verdicts[unknown] == Verdict(.pending, [.unknownKind]))
    for op in [newer, broken] {
      #expect(state.verdicts[op] == Verdict(.pending, [.malformedPayload]))
    }
  }
}
