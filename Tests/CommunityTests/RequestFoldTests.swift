import Community
import FoldKit
import OpLog
import Testing

/// What offices ask for and the hub decides, once.
@Suite struct RequestFoldTests {
  @Test func `a request waits for the hub, and is expected to`() throws {
    var scene = try Scene()
    let other = try scene.street.register(at: scene.b)
    let merge = try scene.street.merge(scene.resident, other, at: scene.approver)
    #expect(scene.verdict(merge) == Verdict(.pending, [.awaitingHub]))
    #expect(DeskReason.awaitingHub.isExpected)
    #expect(try representative(other, scene) == .null)
    try scene.street.decide(merge)
    #expect(scene.verdict(merge) == .plain)
    #expect(try representative(other, scene) == .id(scene.resident))
    #expect(try representative(scene.resident, scene) == .id(scene.resident))
  }

  @Test func `what followed a fraud may be appealed for the days that the rules say`() throws {
    var scene = try Scene()
    let rules = try scene.street.setRules(["appeal.file_days": 15], in: 0)
    let award = try scene.earn(3)
    let reversal = try scene.street.reverse(award, cause: 2, at: scene.approver)
    scene.street.today = scene.street.today.adding(days: 5)
    let until = scene.street.today.adding(days: 400)
    let freeze = try scene.street.freeze(scene.resident, until: until, at: scene.approver)
    let decision = try scene.street.decide(freeze)
    let decided = scene.street.today
    func refusal(_ against: OpID, after days: Int64, rules: OpID? = nil) throws -> Refusal? {
      var later = scene
      later.street.today = decided.adding(days: days)
      try later.street.record(
        "appeal.file", policy: rules, at: later.a, ["against": .reference(against)])
      return try later.refusalOfLast()
    }
    let last = decided.adding(days: 15)
    for against in [freeze, decision] {
      #expect(try refusal(against, after: 15, rules: rules) == nil)
      #expect(try refusal(against, after: 16, rules: rules) == .appealTooLate(until: last))
      #expect(try refusal(against, after: 16) == nil, "older rules say nothing of it")
    }
    #expect(try refusal(reversal, after: 10, rules: rules) == nil)
    #expect(
      try refusal(reversal, after: 11, rules: rules)
        == .appealTooLate(until: last.adding(days: -5)))
  }

  @Test func `case 13: merged files keep their own postings`() throws {
    var scene = try Scene()
    let other = try scene.street.register(at: scene.b)
    try scene.earn(5)
    let activity = try scene.street.publish(points: 4, at: scene.b)
    _ = try scene.street.grant(other, activity, points: 4, at: scene.b)
    try scene.street.decide(try scene.street.merge(scene.resident, other, at: scene.approver))
    #expect(try scene.balance() == 5)
    #expect(try scene.state.sum("account", [other.packed], "balance") == 4)
    #expect(try scene.state.count("merged_award") == 0)
  }

  @Test func `case 13: an award that the person has twice counts once`() throws {
    var scene = try Scene()
    let other = try scene.street.register(at: scene.b)
    let kept = try scene.street.grant(scene.resident, scene.activity, at: scene.a)
    let surplus = try scene.street.grant(other, scene.activity, at: scene.b)
    let merge = try scene.street.merge(other, scene.resident, at: scene.approver)
    try scene.street.decide(merge)
    #expect(try scene.balance() == 3)
    #expect(try scene.state.sum("account", [other.packed], "balance") == 0)
    #expect(try scene.state.sum("account", [other.packed], "earned") == 0)
    #expect(scene.isOnDesk(.mergedAward, surplus))
    #expect(!scene.isOnDesk(.mergedAward, kept))
    // A later one is compared too, and another session is another award.
    _ = try scene.street.grant(scene.resident, scene.activity, session: 2, at: scene.a)
    let again = try scene.street.grant(other, scene.activity, session: 2, at: scene.b)
    _ = try scene.street.grant(other, scene.activity, session: 3, at: scene.b)
    #expect(scene.isOnDesk(.mergedAward, again))
    #expect(try scene.state.sum("account", [other.packed], "balance") == 3)
    // When the award that counted is reversed, the other one stands in for it.
    _ = try scene.street.reverse(kept, at: scene.approver)
    #expect(!scene.isOnDesk(.mergedAward, surplus))
    #expect(try scene.state.sum("account", [other.packed], "balance") == 6)
  }

  @Test func `the organiser's award counts, whichever file it is under`() throws {
    var scene = try Scene()
    let other = try scene.street.register(at: scene.b)
    let activity = try scene.street.publish(points: 4, at: scene.b)
    let visitor = try scene.street.grant(scene.resident, activity, points: 4, at: scene.a)
    let organiser = try scene.street.grant(other, activity, points: 4, at: scene.b)
    try scene.street.decide(try scene.street.merge(scene.resident, other, at: scene.approver))
    #expect(visitor < organiser)
    #expect(scene.isOnDesk(.mergedAward, visitor))
    #expect(!scene.isOnDesk(.mergedAward, organiser))
  }

  @Test func `the counter refuses an award that the person has under another file`() throws {
    var scene = try Scene()
    let other = try scene.street.register(at: scene.b)
    try scene.street.decide(try scene.street.merge(scene.resident, other, at: scene.approver))
    _ = try scene.street.grant(scene.resident, scene.activity, at: scene.a)
    _ = try scene.street.grant(other, scene.activity, at: scene.a)
    #expect(try refusal(scene) == .wouldNotCount(.duplicate, [.mergedAward]))
  }

  @Test func `case 14: the files of a wrong merge part again`() throws {
    var scene = try Scene()
    let other = try scene.street.register(at: scene.b)
    let third = try scene.street.register(at: scene.b)
    for resident in [scene.resident, other, third] {
      _ = try scene.street.grant(resident, scene.activity, at: scene.a)
    }
    let wrong = try scene.street.merge(scene.resident, other, at: scene.approver)
    let right = try scene.street.merge(other, third, at: scene.approver)
    for merge in [wrong, right] { try scene.street.decide(merge) }
    for resident in [other, third] {
      #expect(try representative(resident, scene) == .id(scene.resident))
      #expect(try scene.state.sum("account", [resident.packed], "balance") == 0)
    }
    let undoing = try scene.street.unmerge(wrong, at: scene.approver)
    #expect(try representative(other, scene) == .id(scene.resident))
    try scene.street.decide(undoing)
    #expect(try representative(scene.resident, scene) == .null)
    #expect(try representative(third, scene) == .id(other))
    #expect(try scene.state.sum("account", [other.packed], "balance") == 3)
    #expect(try scene.state.sum("account", [third.packed], "balance") == 0)
    #expect(try scene.state.cell("hub_request", [wrong.packed], "state") == .text("undone"))
  }

  @Test func `one request, one decision: the first of the hub's log counts`() throws {
    var scene = try Scene()
    let other = try scene.street.register(at: scene.b)
    let merge = try scene.street.merge(scene.resident, other, at: scene.approver)
    let first = try scene.street.decide(merge, isApproved: false)
    let same = try scene.street.decide(merge, isApproved: false)
    let second = try scene.street.decide(merge)
    #expect(scene.verdict(first) == .plain)
    #expect(scene.verdict(same) == Verdict(.duplicate))
    #expect(scene.verdict(second) == Verdict(.void, [.secondDecision]))
    #expect(scene.verdict(merge) == Verdict(.void))
    #expect(try representative(other, scene) == .null)
    // A decision of a later hub gives way to the earlier hub's, whichever comes first.
    let later = try scene.street.decide(merge, by: ReplicaID.hub(incarnation: 2))
    #expect(scene.verdict(later) == Verdict(.void, [.secondDecision]))
    let ops = scene.street.written
    let early = ops.filter { $0.op.kind != 64 } + ops.filter { $0.op.id == later } + ops
    expectSame(Snapshot(MemoryReplica(early)), Snapshot(MemoryReplica(ops)))
  }

  @Test func `what two have to grant waits for two approvers, without the one who asks`() throws {
    var scene = try Scene()
    let other = try scene.street.register(at: scene.b)
    let merge = try scene.street.merge(scene.resident, other, byTwo: true, at: scene.approver)
    let staff = scene.street.staff
    let third = try scene.street.appoint(in: 0, roles: Role.approver.mask)
    let twin = try scene.street.appoint(in: 1, roles: Role.approver.mask, person: third)
    let vain = [[], [third], [third, twin], [third, staff[2]], [third, staff[0]]]
    for signed in vain {
      let decision = try scene.street.decide(merge, signed: signed)
      #expect(scene.verdict(decision) == Verdict(.pending, [.actorNotEntitled]))
    }
    #expect(scene.verdict(merge) == Verdict(.pending, [.awaitingHub]))
    #expect(try representative(other, scene) == .null)
    let decision = try scene.street.decide(merge, signed: [third, staff[4]])
    #expect([decision, merge].map(scene.verdict) == [.plain, .plain])
    #expect(try representative(other, scene) == .id(scene.resident))
    let ops = scene.street.written
    var dice = Dice(seed: 1)
    expectSame(
      Snapshot(MemoryReplica(Arrival.order(of: ops, using: &dice))), Snapshot(MemoryReplica(ops)))
  }

  @Test func `one person, and nobody, may refuse what two have to grant`() throws {
    var scene = try Scene()
    let other = try scene.street.register(at: scene.b)
    let merge = try scene.street.merge(scene.resident, other, byTwo: true, at: scene.approver)
    let refusal = try scene.street.decide(merge, isApproved: false)
    #expect([refusal, merge].map(scene.verdict) == [.plain, Verdict(.void)])
  }

  @Test func `who may not ask asks in vain`() throws {
    var scene = try Scene()
    let other = try scene.street.register(at: scene.b)
    let merge = try scene.street.merge(scene.resident, other, at: scene.a)
    try scene.street.decide(merge)
    #expect(scene.verdict(merge) == Verdict(.pending, [.actorNotEntitled]))
    #expect(try representative(other, scene) == .null)
  }

  @Test func `only the hub decides, and only requests`() throws {
    var scene = try Scene()
    let freeze = try scene.street.freeze(
      scene.resident, until: scene.street.today, at: scene.approver)
    let office = try scene.street.decide(freeze, by: scene.a.office)
    #expect(scene.verdict(office) == Verdict(.void, [.onlyHub]))
    let nothing = try scene.street.decide(scene.resident)
    #expect(scene.verdict(nothing) == Verdict(.void, [.wrongReference]))
    let itself = try scene.street.merge(scene.resident, scene.resident, at: scene.approver)
    #expect(scene.verdict(itself) == Verdict(.void, [.wrongReference]))
    let wrong = try scene.street.unmerge(freeze, at: scene.approver)
    #expect(scene.verdict(wrong) == Verdict(.void, [.wrongReference]))
  }

  @Test func `case 33: a redemption before the freeze arrived stands, later ones are refused`()
    throws
  {
    var scene = try Scene()
    try scene.earn(9)
    try scene.street.receive(scene.item, quantity: 3, at: scene.a)
    let until = scene.street.today.adding(days: 5)
    let freeze = try scene.street.freeze(scene.resident, until: until, at: scene.approver)
    let redemption = try scene.spend(1, at: scene.a)
    try scene.street.decide(freeze)
    #expect(scene.verdict(redemption) == .plain)
    let item = try scene.street.defineItem(points: 1, at: scene.a)
    try scene.street.receive(item, quantity: 3, at: scene.a)
    try scene.street.redeem(scene.resident, [(item, 1, 1)], at: scene.a)
    #expect(try refusal(scene) == .accountFrozen(until: until))
    scene.street.today = until.adding(days: 1)
    try scene.street.redeem(scene.resident, [(item, 1, 1)], at: scene.a)
    #expect(try refusal(scene) == nil)
    scene.street.today = until
    try scene.street.decide(try scene.street.unfreeze(freeze, at: scene.approver))
    try scene.street.redeem(scene.resident, [(item, 1, 1)], at: scene.a)
    #expect(try refusal(scene) == nil)
  }

  @Test func `case 43: an erased resident's points stay, under the id`() throws {
    var scene = try Scene()
    try scene.earn(3)
    let erase = try scene.street.erase(scene.resident, at: scene.approver)
    #expect(scene.state.erased.isEmpty)
    try scene.street.decide(erase)
    #expect(scene.state.erased == [scene.resident.packed])
    #expect(try scene.balance() == 3)
    let late = try scene.street.update(
      scene.resident, replaces: [scene.resident], at: scene.b)
    #expect(scene.verdict(late) == .plain)
    #expect(try refusal(scene) == .residentErased)
  }

  private func representative(_ resident: OpID, _ scene: Scene) throws -> Cell? {
    try scene.state.cell("resident", [resident.packed], "representative")
  }
}

/// Why an office that knew all of it would not have recorded the last op.
func refusal(_ scene: Scene) throws -> Refusal? {
  let last = try #require(scene.street.written.last)
  let state = scene.state
  let entry = Entry(
    op: last.op, payload: try #require(last.payload), kind: try #require(last.kind), isFirst: true)
  return RecordRule.refusal(of: entry, state.verdicts[last.op.id] ?? .plain, in: state)
}
