import Community
import FoldKit
import OpLog
import Testing

@Suite struct StreetFoldTests {
  @Test func `the hub's set-up fills the reference tables`() throws {
    let street = try Street()
    let state = MemoryReplica(street.written).state
    #expect(state.verdicts.values.allSatisfy { $0 == .plain })
    #expect(state.desk.isEmpty)
    #expect(try state.cell("street", [street.written[0].op.id.packed], "name") == .text("青龙街"))
    #expect(
      try state.cell("community", [street.communities[1].packed], "name") == .text("金辰园社区"))
    for (index, office) in street.offices.enumerated() {
      let key = [Int64(office.rawValue)]
      #expect(try state.cell("replica", key, "op")?.id == street.enrolments[index])
      #expect(try state.cell("replica", key, "community")?.id == street.communities[min(index, 1)])
      #expect(try state.cell("replica", key, "revoked_by") == .null)
    }
    #expect(
      try state.cell("staff", [street.staff[2].packed], "roles")
        == .integer(Role.clerk.mask | Role.grid.mask | Role.approver.mask))
    for (counter, community) in zip(street.counters, street.communities) {
      let spot = [street.spot(at: counter).packed]
      #expect(try state.cell("policy", spot, "community")?.id == community)
      #expect(try state.cell("policy", spot, "award_posting") == .integer(0))
      #expect(try state.cell("policy", spot, "points_value_fen") == .null)
      let approved = [street.approved(at: counter).packed]
      #expect(try state.cell("policy", approved, "community")?.id == community)
      #expect(try state.cell("policy", approved, "award_posting") == .integer(1))
    }
  }

  @Test func `the first revocation of a replica stays`() throws {
    var scene = try Scene()
    let enrolment = PayloadValue.reference(scene.street.enrolments[1])
    let first = try scene.street.write(
      "replica.revoke", ["enrolment": enrolment, "reason": .integer(0)])
    let second = try scene.street.write(
      "replica.revoke", ["enrolment": enrolment, "reason": .integer(1)])
    #expect(scene.verdict(first) == .plain)
    #expect(scene.verdict(second) == .plain)
    let key = [Int64(scene.b.office.rawValue)]
    #expect(try scene.state.cell("replica", key, "revoked_by")?.id == first)
    // What it wrote stays, and what it writes still comes in: only its door is shut.
    let award = try scene.street.grant(scene.resident, scene.activity, at: scene.b)
    #expect(scene.verdict(award) == .plain)
  }

  @Test func `only an enrolment is revoked`() throws {
    var scene = try Scene()
    let wrong = try scene.street.write(
      "replica.revoke",
      ["enrolment": .reference(scene.street.communities[0]), "reason": .integer(0)])
    #expect(scene.verdict(wrong) == Verdict(.void, [.wrongReference]))
  }

  @Test func `a replica id is issued once`() throws {
    var scene = try Scene()
    try scene.street.enroll(4097, in: 1)
    let again = scene.street.enrolments[3]
    #expect(scene.verdict(again) == Verdict(.duplicate))
    #expect(
      try scene.state.cell("replica", [4097], "community")?.id == scene.street.communities[0])
  }

  @Test(
    "an id that a later hub enrols again is of the former one's community, whichever comes first",
    arguments: [0, 1])
  func enrolledAgain(community: Int) throws {
    var scene = try Scene()
    let later = ReplicaID.hub(incarnation: 2)
    let enrolment = try scene.street.write(
      "replica.enroll", by: later,
      [
        "replica": .integer(4097), "community": .reference(scene.street.communities[community]),
        "label": .text("x"),
      ])
    let revocation = try scene.street.write(
      "replica.revoke", by: later, ["enrolment": .reference(enrolment), "reason": .integer(0)])
    _ = try scene.street.register(at: scene.a)
    let ops = scene.street.written
    let setUp = ops.filter {
      $0.kind?.name == "street.define" || $0.kind?.name == "community.define"
    }
    let early = setUp + ops.filter { $0.op.id.replica != .hub(incarnation: 1) } + ops
    let (inOrder, shuffled) = (MemoryReplica(ops), MemoryReplica(early))
    expectSame(Snapshot(inOrder), Snapshot(shuffled))
    #expect(shuffled.state.verdicts[enrolment] == Verdict(.duplicate))
    // Whoever shut the door by the later enrolment shut it.
    let row = try #require(shuffled.state.row(Tables.replica, id: 4097))
    #expect(row[1].id == scene.street.enrolments[0])
    #expect(row[4].id == revocation)
  }

  @Test("a later hub enrols an office of a former one whose enrolment is lost")
  func lostEnrolment() throws {
    var scene = try Scene()
    let again = try scene.street.write(
      "replica.enroll", by: .hub(incarnation: 2),
      [
        "replica": .integer(4100), "community": .reference(scene.street.communities[0]),
        "label": .text("x"),
      ])
    #expect(scene.verdict(again) == .plain)
    #expect(
      try scene.state.cell("replica", [4100], "community")?.id == scene.street.communities[0])
  }

  @Test(
    "a hub issues only ids of its own life, or of one before",
    arguments: [1, 4095, 4096, 8192, 8193])
  func foreignIDs(number: UInt32) throws {
    var scene = try Scene()
    try scene.street.enroll(number, in: 0)
    #expect(scene.verdict(scene.street.enrolments[3]) == Verdict(.void, [.wrongReference]))
    #expect(try scene.state.count("replica") == 3)
  }
}
