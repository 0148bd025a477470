import Community
import Conformance
import FoldKit
import OpLog
import Testing

/// What nobody had a right to is on trust or on the desk, until somebody bears it.
@Suite struct TrustTests {
  @Test func `what a lost home gave on trust stays on trust, and the community can bear it`() throws
  {
    var scene = try MovingScene()
    try scene.earn(9)
    try scene.retire(scene.b, for: scene.c)
    let firm = try scene.spend(9, at: scene.c)
    let late = try scene.spend(9, basis: 2, at: scene.b)
    #expect([firm, late].map(scene.verdict) == [.plain, Verdict(.posted, [.standIn])])
    #expect(try scene.uncovered() == 9)
    let cover = try scene.street.write(
      "points.cover", actor: nil,
      [
        "account": .reference(scene.resident), "loss": .reference(late), "points": .integer(9),
      ])
    #expect(scene.verdict(cover) == .plain)
    #expect(try scene.balance() == 0)
    try scene.expectModel()
  }

  @Test func `a cover by the home is for what was on trust, and hides no other debit`() throws {
    var scene = try MovingScene()
    try scene.earn(9)
    let stolen = try scene.spend(9, at: scene.c)
    let cover = try scene.street.write(
      "standin.cover", by: scene.b.office, ["debit": .reference(stolen)])
    #expect(scene.verdict(cover) == Verdict(.void, [.wrongReference]))
    #expect(scene.verdict(stolen) == Verdict(.posted, [.debitWithoutStanding]))
    try scene.expectModel()
  }

  @Test func `a late cover gives nothing`() throws {
    var scene = try MovingScene()
    try scene.earn(9)
    let away = try scene.spend(9, basis: 2, at: scene.c)
    try scene.spend(9, at: scene.b)
    try scene.retire(scene.b, for: scene.c)
    let cover = try scene.street.write(
      "points.cover", by: scene.b.office, actor: scene.street.staff[4],
      policy: scene.street.spot(at: scene.b),
      ["account": .reference(scene.resident), "loss": .reference(away), "points": .integer(9)])
    #expect(scene.verdict(cover) == Verdict(.void, [.late]))
    #expect(try scene.balance() == -9)
    try scene.expectModel()
  }

  @Test func `the home takes over coins for an award that stopped counting`() throws {
    var scene = try MovingScene()
    try scene.earn(20)
    let activity = try scene.street.publish(points: 3, at: scene.c)
    let award = try scene.street.grant(scene.resident, activity, points: 3, at: scene.c)
    let issue = try scene.street.issueCoins(
      Street.coins(threes: 1), to: scene.resident, for: [award], at: scene.c)
    _ = try scene.street.reverse(
      award, at: Counter(office: scene.c.office, clerk: scene.street.staff[4]))
    #expect(scene.verdict(issue) == Verdict(.posted, [.debitWithoutStanding]))
    #expect(try scene.isOnTrust(issue))
    try scene.street.write("standin.cover", by: scene.b.office, ["debit": .reference(issue)])
    #expect(scene.verdict(issue) == .plain)
    #expect(try scene.uncovered() == 0)
    try scene.expectModel()
  }

  @Test func `no counter promises trust where an account is known to be empty`() throws {
    var scene = try MovingScene()
    #expect(try scene.promise(at: scene.c) == 9)
    try scene.street.receiptForAll()
    #expect(try scene.promise(at: scene.c) == 0)
  }
}

/// What only the hub and two persons decide, nobody decides with others' names.
@Suite struct TwoApproversTests {
  @Test func `a retirement or a succession without two approvers bounds no log`() throws {
    var scene = try MovingScene()
    let (clerk, approver) = (scene.street.staff[1], scene.street.staff[4])
    let same = try scene.street.appoint(in: 1, roles: Role.approver.mask, person: approver)
    var decided: [OpID] = []
    for approvers in [[clerk, approver], [approver, same]] {
      decided.append(
        try scene.street.write(
          "replica.retire",
          [
            "enrolment": .reference(scene.street.enrolments[1]), "seq": .integer(0),
            "hash": .bytes([UInt8](repeating: 7, count: 32)),
            "successor": .reference(scene.street.enrolments[2]),
            "approvers": .references(approvers.sorted()), "reason": .integer(0),
          ]))
      decided.append(
        try scene.street.write(
          "hub.succeed",
          [
            "heads": .records([
              [
                .integer(Int64(scene.b.office.rawValue)), .integer(0),
                .bytes([UInt8](repeating: 7, count: 32)),
              ]
            ]), "approvers": .references(approvers.sorted()),
          ]))
    }
    let sale = try scene.spend(1, at: scene.b)
    let refused = Verdict(.pending, [.actorNotEntitled])
    #expect(decided.map(scene.verdict) == decided.map { _ in refused })
    #expect(scene.verdict(sale) == .plain)
    try scene.expectModel()
  }

  @Test(
    "whom the hub appointed in its roll-call signs the end of it only if the appointment says so",
    arguments: [true, false])
  func appointed(isSaid: Bool) throws {
    var scene = try MovingScene()
    let late = try scene.street.budget(scene.street.enrolments[2], 7)
    try scene.street.succeed(behind: 1, byAppointed: isSaid)
    let ops = scene.street.written.map(\.op)
    let appointment = try #require(ops.last { $0.kind == 6 }).id
    let end = try #require(ops.last { $0.kind == HubSucceedFold.kind }).id
    #expect(scene.verdict(end) == (isSaid ? .plain : Verdict(.pending, [.actorNotEntitled])))
    let adoption = try #require(ops.last { $0.kind == HubAdoptFold.kind }).id
    let adopted = Verdict(.posted, [.adoptedLog])
    #expect(
      scene.verdict(adoption) == (isSaid ? adopted : Verdict(.pending, [.actorNotEntitled])))
    #expect(scene.verdict(late) == (isSaid ? Verdict(.void, [.late]) : .plain))
    #expect(
      scene.verdict(appointment) == (isSaid ? Verdict(.posted, [.appointedInRollCall]) : .plain))
    try scene.expectModel()
  }

  @Test("bounds hold from the start of a refold", arguments: 1...12 as ClosedRange<UInt64>)
  func refold(seed: UInt64) throws {
    var scene = try MovingScene()
    try scene.retire(scene.b, for: scene.c)
    let late = try scene.street.budget(scene.street.enrolments[2], 7)
    try scene.street.succeed(behind: 1)
    let ops = scene.street.written
    #expect(MemoryReplica(ops).state.verdicts[late] == Verdict(.void, [.late]))
    var dice = Dice(seed: seed)
    let order = Arrival.order(of: ops, using: &dice)
    expectSame(Snapshot(MemoryReplica(order)), Snapshot(MemoryReplica(ops)), "seed \(seed)")
  }
}

extension MovingScene {
  /// What other offices have out on trust of the resident's points.
  fileprivate func uncovered() throws -> Int64 {
    try scene.state.sum("account", [resident.packed], "uncovered")
  }

  /// Whether the home's program would take a debit over.
  fileprivate func isOnTrust(_ id: OpID) throws -> Bool {
    try scene.state.cell("open_debit", [id.packed], "account") == .id(resident)
  }

  /// What a counter would give on trust.
  fileprivate func promise(at counter: Counter) throws -> Int64 {
    let state = scene.state
    let row = try #require(state.row(Tables.policy, [scene.street.spot(at: counter).packed]))
    return SpendingPromise(
      of: resident, at: Int64(counter.office.rawValue), Policy(row: row),
      on: scene.street.today, in: state
    ).onTrust
  }
}
