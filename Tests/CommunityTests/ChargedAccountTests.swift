import Community
import FoldKit
import OpLog
import Testing

/// Every way by which points leave an account asks the same of it.
@Suite struct ChargedAccountTests {
  /// Each way, as the last op that was written.
  private static let doors = ["redemption", "pool", "coins", "gift", "offer"]

  private func scene() throws -> Scene {
    var scene = try Scene()
    try scene.earn(20)
    try scene.street.receive(scene.item, quantity: 9, at: scene.a)
    try scene.street.adjustCoins(3, 9, at: scene.approver)
    return scene
  }

  private func open(_ door: String, in scene: inout Scene) throws {
    let neighbour = try scene.street.register(at: scene.a)
    let pool = try scene.street.household(head: scene.resident, at: scene.a)
    try scene.street.member(
      scene.resident, of: pool, from: scene.street.today.adding(days: -9), at: scene.a)
    try scene.street.give(9, from: scene.resident, to: pool, at: scene.a)
    let offer = try scene.street.record(
      "offer.publish", at: scene.a,
      ["title": .text("理发"), "points": .integer(2), "valid_to": .integer(40_000)])
    switch door {
    case "redemption":
      try scene.street.sell(scene.item, price: 9, to: scene.resident, at: scene.a)
    case "pool":
      try scene.street.sell(scene.item, price: 9, to: scene.resident, pool: pool, at: scene.a)
    case "coins":
      try scene.street.issueCoins(Street.coins(threes: 1), to: scene.resident, at: scene.a)
    case "gift": try scene.street.give(2, from: scene.resident, to: neighbour, at: scene.a)
    default:
      try scene.street.record(
        "offer.use", at: scene.a,
        [
          "offer": .reference(offer), "resident": .reference(scene.resident), "times": .integer(1),
        ])
    }
  }

  @Test("33: a freeze shuts every door", arguments: doors)
  func frozen(door: String) throws {
    var scene = try scene()
    var free = scene
    try open(door, in: &free)
    #expect(try free.refusalOfLast() == nil)
    let until = scene.street.today.adding(days: 5)
    try scene.street.decide(
      try scene.street.freeze(scene.resident, until: until, at: scene.approver))
    try open(door, in: &scene)
    #expect(try scene.refusalOfLast() == .accountFrozen(until: until))
  }

  @Test("18: an account of one who left long ago is shut", arguments: doors)
  func left(door: String) throws {
    var scene = try scene()
    let day = scene.street.today
    try scene.street.leave(scene.resident, on: day, at: scene.a)
    scene.street.today = day.adding(days: 91)
    try open(door, in: &scene)
    #expect(try scene.refusalOfLast() == .residentLeft(on: day))
  }

  @Test("at its home an account gives nothing on trust that is not there")
  func onTrustAtHome() throws {
    var scene = try scene()
    let offer = try scene.street.record(
      "offer.publish", at: scene.a,
      ["title": .text("理发"), "points": .integer(2), "valid_to": .integer(40_000)])
    try scene.street.record(
      "offer.use", at: scene.a,
      [
        "offer": .reference(offer), "resident": .reference(scene.resident),
        "times": .integer(11), "basis": .integer(1),
      ])
    #expect(try scene.refusalOfLast() == .notEnoughPoints(balance: 20, needed: 22))
  }

  @Test("what a newer version did to an account shuts its firm doors", arguments: doors)
  func parked(door: String) throws {
    var scene = try scene()
    try open(door, in: &scene)
    let last = try #require(scene.street.written.last)
    let entry = Entry(
      op: last.op, payload: try #require(last.payload), kind: try #require(last.kind),
      isFirst: true)
    let account = try #require(RecordRule.account(chargedBy: entry))
    #expect((account == scene.resident) == (door != "pool"))
    let state = scene.state
    let verdict = try #require(state.verdicts[last.op.id])
    #expect(
      RecordRule.refusal(of: entry, verdict, in: state, parkedOp: scene.activity)
        == .accountNotFirm(op: scene.activity))
  }
}
