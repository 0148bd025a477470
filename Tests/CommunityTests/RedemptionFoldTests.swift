import Community
import FoldKit
import OpLog
import Testing

/// `COVERAGE.md`, cases 7, 9, 21, 24.
@Suite struct RedemptionFoldTests {
  @Test func `takes points, and goods from the writer's own shelf`() throws {
    var scene = try Scene()
    let second = try scene.street.defineItem(points: 2, at: scene.a)
    try scene.earn(20)
    try scene.street.receive(scene.item, quantity: 5, at: scene.a)
    let redemption = try scene.street.redeem(
      scene.resident, [(scene.item, 1, 9), (second, 3, 2)], at: scene.a)
    #expect(scene.verdict(redemption) == Verdict(.posted))
    #expect(try scene.balance() == 5)
    #expect(try scene.earned() == 20)
    #expect(try scene.state.sum("account", [scene.resident.packed], "spent") == 15)
    #expect(try onHand(scene, scene.item, scene.a) == 4)
    #expect(try onHand(scene, second, scene.a) == -3)
    #expect(try onHand(scene, scene.item, scene.b) == 0)
    #expect(scene.isOnDesk(.stockNegative, second, detail: Int64(scene.a.office.rawValue)))
    #expect(!scene.isOnDesk(.stockNegative, scene.item, detail: Int64(scene.a.office.rawValue)))
    #expect(try scene.state.cell("redemption", [redemption.packed], "points") == .integer(15))
    #expect(
      try scene.state.cell("redemption_line", [redemption.packed, 2], "quantity") == .integer(3))
  }

  @Test("what is no goods takes points and moves no stock", arguments: [1, 2, 3] as [Int64])
  func withoutStock(sort: Int64) throws {
    var scene = try Scene()
    let other = try scene.street.defineItem(points: 2, sort: sort, at: scene.a)
    try scene.earn(20)
    let redemption = try scene.street.redeem(
      scene.resident, [(other, 3, 2), (scene.item, 1, 9)], at: scene.a)
    #expect(scene.verdict(redemption) == Verdict(.posted))
    #expect(try scene.balance() == 5)
    #expect(try scene.state.cell("redemption", [redemption.packed], "points") == .integer(15))
    for (line, counts) in [(1, 0), (2, 1)] as [(Int64, Int64)] {
      let key = [redemption.packed, line]
      #expect(try scene.state.cell("redemption_line", key, "counts") == .integer(counts))
    }
    #expect(try onHand(scene, scene.item, scene.a) == -1)
    #expect(try scene.state.count("shelf_item") == 1)
    #expect(!scene.isOnDesk(.stockNegative, other, detail: Int64(scene.a.office.rawValue)))
  }

  @Test func `the price on the slip counts, whatever the list says now`() throws {
    var scene = try Scene()
    try scene.spend(4, at: scene.a)
    #expect(try scene.balance() == -4)
  }

  @Test func `away from home it is on trust and uncovered`() throws {
    var scene = try Scene()
    try scene.earn(9)
    let trusted = try scene.spend(5, basis: 2, at: scene.b)
    #expect(scene.verdict(trusted) == Verdict(.posted, [.standIn]))
    #expect(try scene.balance() == 4)
    #expect(try scene.state.sum("account", [scene.resident.packed], "uncovered") == 5)
    #expect(try scene.state.sum("office", [Int64(scene.b.office.rawValue)], "uncovered") == 5)
  }

  @Test func `on trust at home is flagged, and nobody's budget bears it`() throws {
    var scene = try Scene()
    let odd = try scene.spend(5, basis: 2, at: scene.a)
    #expect(scene.verdict(odd) == Verdict(.posted, [.standInAtHome]))
    #expect(try scene.state.sum("account", [scene.resident.packed], "uncovered") == 0)
    #expect(try scene.state.count("office") == 0)
    #expect(try scene.balance() == -5)
  }

  @Test("a firm debit without the right counts and is flagged", arguments: [0, 1] as [Int64])
  func withoutStanding(basis: Int64) throws {
    var scene = try Scene()
    let debit = try scene.spend(5, basis: basis, at: scene.b)
    #expect(scene.verdict(debit) == Verdict(.posted, [.debitWithoutStanding]))
    #expect(scene.isOnDesk(.debitWithoutStanding, debit))
    #expect(try scene.balance() == -5)
  }

  @Test func `home is where the file says`() throws {
    var scene = try Scene()
    let visitor = try scene.street.register(at: scene.a, home: scene.street.enrolments[1])
    let atHome = try scene.street.redeem(visitor, [(scene.item, 1, 1)], at: scene.b)
    let away = try scene.street.redeem(visitor, [(scene.item, 1, 1)], basis: 2, at: scene.a)
    #expect(scene.verdict(atHome) == Verdict(.posted))
    #expect(scene.verdict(away) == Verdict(.posted, [.standIn]))
    let nowhere = try scene.street.register(at: scene.a, home: scene.street.communities[0])
    #expect(scene.verdict(nowhere) == Verdict(.void, [.wrongReference]))
  }

  @Test func `two offices that spend the same 9 points leave a debt of 9`() throws {
    var scene = try Scene()
    try scene.earn(9)
    let home = try scene.spend(9, at: scene.a)
    let away = try scene.spend(9, basis: 2, at: scene.b)
    #expect(scene.verdict(home)?.outcome == .posted)
    #expect(scene.verdict(away)?.outcome == .posted)
    #expect(try scene.balance() == -9)
    #expect(scene.isOnDesk(.overdrawn, scene.resident))
  }

  @Test func `a date after the day after receipt is pending: points, goods, and trust`() throws {
    var scene = try Scene()
    scene.street.today = scene.street.today.adding(days: 30)
    let redemption = try scene.spend(9, basis: 2, at: scene.b)
    #expect(try scene.balance() == -9)
    let before = scene.state
    #expect(try before.count("office") == 1)
    try scene.street.receiptForAll()
    #expect(scene.verdict(redemption) == Verdict(.pending, [.futureDate, .standIn]))
    #expect(try scene.balance() == 0)
    #expect(try scene.state.count("account") == 0)
    #expect(try scene.state.count("office") == 0)
    #expect(try scene.state.count("shelf_item") == 0)
    #expect(try scene.state.count("redemption_line") == 1)
  }

  private func onHand(_ scene: Scene, _ item: OpID, _ counter: Counter) throws -> Int64 {
    try scene.state.sum("shelf_item", [Int64(counter.office.rawValue), item.packed], "on_hand")
  }
}
