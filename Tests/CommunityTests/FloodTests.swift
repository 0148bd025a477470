import Community
import Conformance
import FoldKit
import OpLog
import Testing

/// Nobody undoes what an office wrote by writing much of the same: each writer has room of its own, and
/// who has no right takes none.
@Suite struct FloodTests {
  @Test func `a stranger's gives do not undo a give`() throws {
    var scene = try MovingScene()
    try scene.earn(9)
    _ = try scene.street.enroll(4100, in: 0)
    let give = try scene.give(to: scene.c, after: scene.resident, at: scene.b)
    let sale = try scene.spend(4, at: scene.c)
    for clerk in [scene.street.staff[0], scene.street.staff[2]] {
      for _ in 1...33 {
        try scene.street.give(
          scene.resident, to: scene.street.enrolments[3], after: scene.resident,
          at: Counter(office: scene.a.office, clerk: clerk))
      }
    }
    let back = try scene.spend(5, at: scene.b)
    #expect([give, sale].map(scene.verdict) == [.plain, .plain])
    #expect(scene.verdict(back) == Verdict(.posted, [.debitWithoutStanding]))
    try scene.expectModel()
  }

  @Test func `gives of a clerk take no room from those of the approver`() throws {
    var scene = try MovingScene()
    for _ in 1...33 {
      try scene.street.give(
        scene.resident, to: scene.street.enrolments[2], after: scene.resident, at: scene.b)
    }
    let give = try scene.give(to: scene.c, after: scene.resident, at: scene.b)
    #expect(scene.verdict(give) == .plain)
  }

  @Test func `a stranger's answers do not give a right back to the home`() throws {
    var scene = try MovingScene()
    try scene.earn(9)
    let request = try scene.street.ask(scene.resident, 9, at: scene.c)
    let grant = try scene.street.answer(request, 9, by: scene.b.office)
    for _ in 1...33 { try scene.street.answer(request, 9, by: scene.a.office) }
    let sale = try scene.street.spend(
      9, on: grant, item: scene.item, to: scene.resident, at: scene.c)
    #expect([grant, sale].map(scene.verdict) == [.plain, .plain])
    try scene.expectModel()
  }

  @Test func `a stranger's covers do not push out the home's or the community's`() throws {
    var scene = try MovingScene()
    try scene.earn(9)
    let trusted = try scene.spend(5, basis: 2, at: scene.c)
    let taken = try scene.street.write(
      "standin.cover", by: scene.b.office, ["debit": .reference(trusted)])
    let away = try scene.spend(9, basis: 2, at: scene.c)
    try scene.spend(4, at: scene.b)
    func cover(_ office: ReplicaID, _ staff: Int, _ scene: inout MovingScene) throws -> OpID {
      try scene.street.write(
        "points.cover", by: office, actor: scene.street.staff[staff],
        policy: scene.street.spot(at: scene.b),
        ["account": .reference(scene.resident), "loss": .reference(away), "points": .integer(9)])
    }
    let borne = try cover(scene.b.office, 4, &scene)
    for _ in 1...33 {
      try scene.street.write(
        "standin.cover", by: scene.a.office, ["debit": .reference(trusted)])
      _ = try cover(scene.a.office, 0, &scene)
      _ = try cover(scene.a.office, 2, &scene)
    }
    #expect([trusted, taken, borne].map(scene.verdict) == [.plain, .plain, .plain])
    #expect(try scene.balance() == 0)
    try scene.expectModel()
  }

  @Test func `a decision of an award beyond the room of its writer is a duplicate`() throws {
    var scene = try MovingScene()
    let activity = try scene.street.publish(points: 3, at: scene.b)
    let award = try scene.street.write(
      "award.grant", by: scene.b.office, actor: scene.b.clerk,
      policy: scene.street.approved(at: scene.b),
      [
        "activity": .reference(activity), "resident": .reference(scene.resident),
        "points": .integer(3),
      ])
    let approver = Counter(office: scene.b.office, clerk: scene.street.staff[4])
    let decisions = try (1...33).map { _ in try scene.street.approve([award], at: approver) }
    #expect(decisions.dropLast().allSatisfy { scene.verdict($0) == .plain })
    #expect(decisions.last.map(scene.verdict) == Verdict(.duplicate))
    let other = try scene.earn(3)
    let both = try scene.street.approve([award, other], at: approver)
    #expect(scene.verdict(both) == .plain)
    scene.expectOneState()
  }

  @Test func `a stranger's steps push out no void, release, or acceptance`() throws {
    var scene = try MovingScene()
    try scene.earn(9)
    try scene.street.receive(scene.item, quantity: 9, at: scene.b)
    let sale = try scene.spend(9, at: scene.b)
    let kept = try scene.street.reserve(scene.item, for: scene.resident, at: scene.b)
    let sent = try scene.street.send(
      scene.item, 2, to: scene.street.enrolments[2], at: scene.b)
    try scene.street.void(sale, at: scene.b)
    let release = try scene.street.release(kept, at: scene.b)
    let accept = try scene.street.accept(sent, 2, at: scene.c)
    for _ in 1...33 {
      try scene.street.void(sale, at: scene.a)
      try scene.street.release(kept, at: scene.a)
      try scene.street.accept(sent, 2, at: scene.a)
    }
    #expect([release, accept].map(scene.verdict) == [.plain, .plain])
    #expect(scene.verdict(sale) == Verdict(.void))
    #expect(try scene.balance() == 9)
    try scene.expectModel()
  }
}

extension MovingScene {
  /// The rules as people say them come to the same.
  func expectModel() throws {
    try CommunityTests.expectModel(of: scene.street.written)
  }
}
