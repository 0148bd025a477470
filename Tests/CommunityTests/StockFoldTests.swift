import Community
import FoldKit
import OpLog
import Testing

@Suite struct StockFoldTests {
  @Test func `goods lie on the shelf of the office that received them`() throws {
    var scene = try Scene()
    try scene.street.receive(scene.item, quantity: 5, at: scene.a)
    try scene.street.receive(scene.item, quantity: 2, at: scene.a)
    try scene.street.receive(scene.item, quantity: 7, at: scene.b)
    let shelves = [scene.a, scene.b].map { [Int64($0.office.rawValue), scene.item.packed] }
    #expect(try scene.state.sum("shelf_item", shelves[0], "on_hand") == 7)
    #expect(try scene.state.sum("shelf_item", shelves[0], "received") == 7)
    #expect(try scene.state.sum("shelf_item", shelves[1], "on_hand") == 7)
    try scene.spend(9, at: scene.a)
    #expect(try scene.state.sum("shelf_item", shelves[0], "on_hand") == 6)
    #expect(try scene.state.sum("shelf_item", shelves[0], "issued") == 1)
  }

  @Test func `a date after the day after receipt is pending`() throws {
    var scene = try Scene()
    scene.street.today = scene.street.today.adding(days: 2)
    let stock = try scene.street.receive(scene.item, quantity: 5, at: scene.a)
    #expect(try scene.state.count("shelf_item") == 1)
    try scene.street.receiptForAll()
    #expect(scene.verdict(stock) == Verdict(.pending, [.futureDate]))
    #expect(try scene.state.count("shelf_item") == 0)
  }

  @Test func `a donor with a phone number is on every desk`() throws {
    var scene = try Scene()
    let gifts = try ["王芳 13800138000", "锦绣超市"].map { donor in
      try scene.street.note(
        "stock.receive", at: scene.a,
        [
          "item": .reference(scene.item), "quantity": .integer(1), "source": .integer(1),
          "donor": .text(donor),
        ])
    }
    #expect(gifts.map { scene.isOnDesk(.personalData, $0) } == [true, false])
  }
}
