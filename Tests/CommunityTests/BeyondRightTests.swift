import Community
import FoldKit
import OpLog
import Testing

/// What an office uses beyond its right: which use is the first, and what it costs to know.
@Suite struct BeyondRightTests {
  @Test func `one more sale beyond a right reads no more rows than the one before`() throws {
    var scene = try GrantedScene(3)
    for _ in 1...60 { try scene.spend(1) }
    let replica = MemoryReplica()
    var reads: [Int] = []
    for delivery in scene.moving.street.written {
      let before = replica.state.rowsRead
      replica.receive(delivery)
      if delivery.op.kind == 23 { reads.append(replica.state.rowsRead - before) }
    }
    #expect(reads.last == reads[4])
    #expect(replica.state.verdicts.values.count { $0.reasons == [.debitWithoutStanding] } == 57)
  }

  @Test func `a later grant covers what it can, from the first use on`() throws {
    var scene = try GrantedScene(3)
    let sales = try [2, 2, 1, 3].map { try scene.spend($0) }
    #expect(scene.areCovered(sales) == [true, false, false, false])
    try scene.grant(2)
    #expect(scene.areCovered(sales) == [true, true, true, false])
    try scene.grant(3)
    #expect(scene.areCovered(sales) == [true, true, true, true])
    scene.moving.expectOneState()
  }

  @Test func `a sale whose date turns out to be ahead leaves its part to those behind it`() throws {
    var scene = try GrantedScene(3)
    let today = scene.moving.street.today
    scene.moving.street.today = today.adding(days: 40)
    let ahead = try scene.spend(2)
    scene.moving.street.today = today
    let sales = try [2, 1, 1].map { try scene.spend($0) }
    #expect(scene.areCovered(sales) == [false, false, false])
    try scene.moving.street.receiptForAll()
    #expect(scene.moving.verdict(ahead)?.outcome == .pending)
    #expect(scene.areCovered(sales) == [true, true, false])
    scene.moving.expectOneState()
  }
}

/// An account of 9 points, and an office with rights on it.
private struct GrantedScene {
  var moving: MovingScene
  private(set) var answer: OpID

  init(_ points: Int64) throws {
    moving = try MovingScene()
    try moving.earn(9)
    answer = moving.resident
    try grant(points)
  }

  mutating func grant(_ points: Int64) throws {
    let request = try moving.street.ask(moving.resident, points, at: moving.c)
    answer = try moving.street.answer(request, points, by: moving.b.office)
  }

  @discardableResult
  mutating func spend(_ points: Int64) throws -> OpID {
    try moving.street.spend(
      points, on: answer, item: moving.item, to: moving.resident, at: moving.c)
  }

  func areCovered(_ sales: [OpID]) -> [Bool] {
    let state = moving.state
    return sales.map {
      !(state.verdicts[$0]?.reasons ?? []).contains(.debitWithoutStanding)
    }
  }
}
