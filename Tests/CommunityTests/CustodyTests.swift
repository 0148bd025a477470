import Community
import FoldKit
import OpLog
import Testing

/// `custody.give`: a chain of homes, each made by the one before it.
@Suite struct CustodyTests {
  @Test func `the new home spends, and the old one does not any more`() throws {
    var scene = try MovingScene()
    try scene.earn(9)
    let before = try scene.spend(2, at: scene.b)
    let give = try scene.give(to: scene.c, after: scene.resident, at: scene.b)
    let after = try scene.spend(3, at: scene.b)
    let there = try scene.spend(4, at: scene.c)
    #expect(scene.verdict(give) == .plain)
    #expect(scene.verdict(before) == .plain)
    #expect(scene.verdict(after) == Verdict(.posted, [.debitWithoutStanding]))
    #expect(scene.verdict(there) == .plain)
    #expect(try scene.home() == .integer(4099))
  }

  @Test func `a give by others, or after another give, has no effect`() throws {
    var scene = try MovingScene()
    let foreign = try scene.give(to: scene.b, after: scene.resident, at: scene.c)
    #expect(scene.verdict(foreign) == Verdict(.void, [.notHome]))
    #expect(try scene.home() == nil)
    let first = try scene.give(to: scene.c, after: scene.resident, at: scene.b)
    let second = try scene.give(to: scene.c, after: scene.resident, at: scene.b)
    #expect([first, second].map(scene.verdict) == [.plain, Verdict(.void, [.notHome])])
    let back = try scene.give(to: scene.b, after: first, at: scene.c)
    #expect(scene.verdict(back) == .plain)
    #expect(try scene.home() == .integer(4098))
  }

  @Test func `what the old home took without a right stays on the desk when it is home again`()
    throws
  {
    var scene = try MovingScene()
    try scene.earn(9)
    let first = try scene.give(to: scene.c, after: scene.resident, at: scene.b)
    let stolen = try scene.spend(9, at: scene.b)
    let fair = try scene.spend(9, at: scene.c)
    let back = try scene.give(to: scene.b, after: first, at: scene.c)
    try scene.earn(9)
    let early = try scene.spend(1, at: scene.b)
    let taken = try scene.give(to: scene.b, after: back, at: scene.b)
    let firm = try scene.spend(1, at: scene.b)
    let wrong = Verdict(.posted, [.debitWithoutStanding])
    #expect([stolen, early].map(scene.verdict) == [wrong, wrong])
    #expect([fair, back, taken, firm].map(scene.verdict) == [.plain, .plain, .plain, .plain])
    try scene.expectModel()
  }

  @Test func `an account goes to another community only with people who move there`() throws {
    var scene = try MovingScene()
    let give = try scene.give(to: scene.a, after: scene.resident, at: scene.b)
    let near = try scene.give(to: scene.c, after: scene.resident, moves: true, at: scene.b)
    #expect(
      [give, near].map(scene.verdict) == [
        Verdict(.void, [.wrongReference]), Verdict(.void, [.wrongReference]),
      ])
  }

  @Test func `what was on trust at the new home stays so until that home takes it over`() throws {
    var scene = try MovingScene()
    try scene.earn(9)
    let trusted = try scene.spend(5, basis: 2, at: scene.c)
    try scene.give(to: scene.c, after: scene.resident, at: scene.b)
    #expect(scene.verdict(trusted) == Verdict(.posted, [.standIn]))
    let cover = try scene.street.write(
      "standin.cover", by: scene.c.office, ["debit": .reference(trusted)])
    #expect([trusted, cover].map(scene.verdict) == [.plain, .plain])
  }

  @Test func `a gift by the old home has no effect, one by the new home has`() throws {
    var scene = try MovingScene()
    try scene.earn(9)
    let other = try scene.street.register(at: scene.b)
    try scene.give(to: scene.c, after: scene.resident, at: scene.b)
    let gifts = try [scene.b, scene.c].map { counter in
      try scene.street.record(
        "points.transfer", at: counter,
        [
          "from": .reference(scene.resident), "to": .reference(other), "points": .integer(2),
        ])
    }
    #expect(
      gifts.map(scene.verdict) == [Verdict(.void, [.debitWithoutStanding]), .plain])
  }

  @Test func `the new home uses an offer firmly when it says so`() throws {
    var scene = try MovingScene()
    try scene.earn(9)
    let offer = try scene.street.record(
      "offer.publish", at: scene.b,
      ["title": .text("理发"), "points": .integer(2), "valid_to": .integer(99_999)])
    try scene.give(to: scene.c, after: scene.resident, at: scene.b)
    func use(_ counter: Counter, _ basis: Int64?, _ scene: inout MovingScene) throws -> OpID {
      try scene.street.record(
        "offer.use", at: counter,
        [
          "offer": .reference(offer), "resident": .reference(scene.resident),
          "times": .integer(1), "basis": basis.map(PayloadValue.integer),
        ])
    }
    let uses = [
      try use(scene.c, nil, &scene), try use(scene.c, 0, &scene), try use(scene.b, 0, &scene),
    ]
    #expect(
      uses.map(scene.verdict) == [
        Verdict(.posted, [.standIn]), .plain, Verdict(.posted, [.debitWithoutStanding]),
      ])
  }
}

/// What an office does before others know that it may is judged again when they do.
@Suite struct HomeOrderTests {
  @Test(
    "homes, covers, and debits come out alike in any order",
    arguments: 1...60 as ClosedRange<UInt64>)
  func orders(seed: UInt64) throws {
    var scene = try MovingScene()
    try scene.earn(9)
    let early = try scene.spend(2, basis: 2, at: scene.c)
    let give = try scene.give(to: scene.c, after: scene.resident, at: scene.b)
    try scene.spend(1, at: scene.b)
    let firm = try scene.spend(3, at: scene.c)
    try scene.street.write("standin.cover", by: scene.c.office, ["debit": .reference(early)])
    let retired = try scene.retire(scene.c, for: scene.b)
    try scene.spend(1, at: scene.b)
    let back = try scene.give(to: scene.b, after: retired, at: scene.b)
    let again = try scene.spend(1, at: scene.b)
    let trusted = try scene.spend(1, basis: 2, at: scene.a)
    try scene.street.write("standin.cover", by: scene.b.office, ["debit": .reference(trusted)])
    try scene.spend(1, at: scene.c)
    let ops = scene.street.written
    let expected = Snapshot(MemoryReplica(ops))
    for id in [early, give, firm, retired, back, again, trusted] {
      #expect(expected.verdicts[id] == .plain, "\(id)")
    }
    var dice = Dice(seed: seed)
    let order = Arrival.order(of: ops, using: &dice)
    expectSame(Snapshot(MemoryReplica(order)), expected, "seed \(seed)")
    expectSame(Snapshot(MemoryReplica(order, batchedBy: &dice)), expected, "seed \(seed)")
  }
}

/// `replica.retire`: a lost PC, its successor, and what turns up late.
@Suite struct RetirementTests {
  @Test func `the successor is home, and the late debit counts and is on the desk`() throws {
    var scene = try MovingScene()
    try scene.earn(9)
    let early = try scene.spend(1, at: scene.b)
    try scene.retire(scene.b, for: scene.c)
    let late = try scene.spend(2, at: scene.b)
    let firm = try scene.spend(3, at: scene.c)
    #expect(
      [early, late, firm].map(scene.verdict) == [.plain, Verdict(.posted, [.late]), .plain])
    #expect(try scene.balance() == 3)
  }

  @Test func `late awards count, late approvals and reversals do not`() throws {
    var scene = try MovingScene()
    let activity = try scene.street.publish(points: 3, at: scene.b)
    let award = try scene.street.grant(scene.resident, activity, at: scene.b)
    let approver = Counter(office: scene.b.office, clerk: scene.street.staff[4])
    try scene.retire(scene.b, for: scene.c)
    let late = try scene.earn(4)
    let reversal = try scene.street.reverse(award, at: approver)
    let again = try scene.street.grant(
      scene.resident, activity, after: reversal, at: scene.c)
    #expect(scene.verdict(late) == .plain)
    #expect(scene.verdict(reversal) == Verdict(.void, [.late]))
    // The reversal ended no round, so this is the same award once more.
    #expect(scene.verdict(again)?.outcome == .duplicate)
    #expect(try scene.balance() == 7)
  }

  @Test func `of two retirements the lower id counts, and a foreign successor never`() throws {
    var scene = try MovingScene()
    let foreign = try scene.retire(scene.b, for: scene.a)
    let first = try scene.retire(scene.b, for: scene.c)
    let second = try scene.retire(scene.b, for: scene.c)
    #expect(
      [foreign, first, second].map(scene.verdict) == [
        Verdict(.void, [.wrongReference]), .plain, Verdict(.duplicate),
      ])
  }

  @Test func `the successor's successor is home of what was given in between`() throws {
    var scene = try MovingScene()
    try scene.earn(9)
    let fourth = Counter(office: try scene.street.enroll(4100, in: 1), clerk: scene.b.clerk)
    let retired = try scene.retire(scene.b, for: scene.c)
    let give = try scene.give(to: fourth, after: retired, at: scene.c)
    #expect(try scene.home() == .integer(4100))
    let lost = try scene.retire(fourth, for: scene.c)
    // It had given the account away, so it says that it has it back.
    let back = try scene.give(to: scene.c, after: lost, at: scene.c)
    let firm = try scene.spend(3, at: scene.c)
    #expect([give, back, firm].map(scene.verdict) == [.plain, .plain, .plain])
  }

  @Test func `the shelf's books are the successor's, also what comes late`() throws {
    var scene = try MovingScene()
    try scene.street.receive(scene.item, quantity: 9, at: scene.b)
    try scene.street.receive(scene.item, quantity: 1, at: scene.c)
    try scene.retire(scene.b, for: scene.c)
    try scene.street.receive(scene.item, quantity: 2, at: scene.b)
    #expect(try scene.onHand() == [0, 12])
    try scene.retire(scene.c, for: scene.b)
    // In a circle nobody is the heir: both shelves are shown as they were.
    #expect(try scene.onHand() == [11, 1])
  }
}

/// A scene with a resident of office `b`, whose community has a second office, `c`.
@dynamicMemberLookup
struct MovingScene {
  var scene: Scene
  let resident: OpID

  init() throws {
    scene = try Scene()
    resident = try scene.street.register(at: scene.b)
  }

  subscript<T>(dynamicMember path: WritableKeyPath<Scene, T>) -> T {
    get { scene[keyPath: path] }
    set { scene[keyPath: path] = newValue }
  }

  subscript<T>(dynamicMember path: KeyPath<Scene, T>) -> T { scene[keyPath: path] }

  func verdict(_ id: OpID) -> Verdict? { scene.verdict(id) }

  func balance() throws -> Int64 {
    try scene.state.sum("account", [resident.packed], "balance")
  }

  /// What the table of moved accounts says.
  func home() throws -> Cell? { try scene.state.cell("custody", [resident.packed], "home") }

  /// What lies on the shelves of `b` and `c`, by their books.
  func onHand() throws -> [Int64] {
    let state = scene.state
    return try [scene.b, scene.c].map {
      try state.sum("shelf_item", [Int64($0.office.rawValue), scene.item.packed], "on_hand")
    }
  }

  @discardableResult
  mutating func earn(_ points: Int64) throws -> OpID {
    let activity = try scene.street.publish(points: points, at: scene.b)
    return try scene.street.grant(resident, activity, points: points, at: scene.b)
  }

  @discardableResult
  mutating func spend(_ points: Int64, basis: Int64 = 0, at counter: Counter) throws -> OpID {
    try scene.street.redeem(resident, [(scene.item, 1, points)], basis: basis, at: counter)
  }

  @discardableResult
  mutating func give(
    _ account: OpID? = nil, to: Counter, after: OpID, moves: Bool = false, at counter: Counter
  ) throws -> OpID {
    let clerk = scene.street.staff[counter.office == scene.a.office ? 2 : 4]
    return try scene.street.give(
      account ?? resident, to: try enrolment(of: to), after: after, moves: moves,
      at: Counter(office: counter.office, clerk: clerk))
  }

  /// Retires a PC at the end of its log.
  @discardableResult
  mutating func retire(_ lost: Counter, for heir: Counter) throws -> OpID {
    try scene.street.retire(
      try enrolment(of: lost), at: scene.street.head(of: lost.office)?.seq ?? 0,
      successor: try enrolment(of: heir))
  }

  private func enrolment(of counter: Counter) throws -> OpID {
    scene.street.enrolments[
      try #require(scene.street.offices.firstIndex(of: counter.office))]
  }
}
