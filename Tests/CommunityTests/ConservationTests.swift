import Community
import FoldKit
import OpLog
import Testing

/// Nothing gets lost: goods between shelves, coins between boxes, points between accounts.
@Suite struct ConservationTests {
  @Test("goods: on hand + in transit", arguments: 1...100 as ClosedRange<UInt64>)
  func goods(seed: UInt64) throws {
    let state = MemoryReplica(try History(seed: seed, steps: 60).ops).state
    var there: [Int64: Int64] = [:]
    for row in rows(state, Tables.shelfItem) {
      #expect(number(row, 2) == number(row, 3) - number(row, 4) + number(row, 5), "seed \(seed)")
      there[number(row, 1), default: 0] += number(row, 2)
    }
    for row in rows(state, Tables.stockTransfer) where row[1] != .text("pending") {
      let inTransit = number(row, 5) - number(row, 7) - number(row, 8)
      #expect(inTransit >= 0, "seed \(seed)")
      there[number(row, 4), default: 0] += inTransit
    }
    var booked: [Int64: Int64] = [:]
    for row in rows(state, Tables.stockReceipt) where row[1] == .text("posted") {
      booked[number(row, 3), default: 0] += number(row, 4)
    }
    for row in rows(state, Tables.redemptionLine) where row[6] == .integer(1) {
      booked[number(row, 3), default: 0] -= number(row, 4)
    }
    for row in rows(state, Tables.returnedLine) {
      booked[number(row, 4), default: 0] += number(row, 6)
    }
    for row in rows(state, Tables.stockCount) where row[1] == .text("posted") {
      booked[number(row, 3), default: 0] += number(row, 4) - number(row, 5)
    }
    for row in rows(state, Tables.stockWriteOff) where row[1] == .text("posted") {
      booked[number(row, 3), default: 0] -= number(row, 4)
    }
    for row in rows(state, Tables.transferStep)
    where row[2] == .text("write_off") && row[3] == .text("posted") {
      booked[number(row, 5), default: 0] -= number(row, 6)
    }
    #expect(there.filter { $0.value != 0 } == booked.filter { $0.value != 0 }, "seed \(seed)")
  }

  @Test("coins: vault + out + destroyed = printed", arguments: 1...100 as ClosedRange<UInt64>)
  func coins(seed: UInt64) throws {
    let state = MemoryReplica(try History(seed: seed, steps: 60).ops).state
    for row in rows(state, Tables.coinBox) {
      #expect(number(row, 2) + number(row, 3) + number(row, 4) == number(row, 5), "seed \(seed)")
    }
  }

  @Test("no line gives back more than it took", arguments: 1...100 as ClosedRange<UInt64>)
  func returns(seed: UInt64) throws {
    let state = MemoryReplica(try History(seed: seed, steps: 60).ops).state
    var back: [[Int64]: Int64] = [:]
    for row in rows(state, Tables.returnedLine) {
      back[[number(row, 0), number(row, 2)], default: 0] += number(row, 5)
    }
    for row in rows(state, Tables.redemptionLine) {
      #expect(back[[number(row, 0), number(row, 1)], default: 0] <= number(row, 4), "seed \(seed)")
    }
    let voids = rows(state, Tables.redemptionStep).filter {
      $0[2] == .text("void") && $0[3] == .text("posted")
    }
    #expect(Set(voids.map { $0[0] }).count == voids.count, "seed \(seed)")
  }

  private func rows(_ state: MemoryState, _ table: Table) -> [[Cell]] {
    Array((state.rows[table.number] ?? [:]).values)
  }

  private func number(_ row: [Cell], _ column: Int) -> Int64 { row[column].integer ?? 0 }
}
