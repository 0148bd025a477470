import Community
import Conformance
import FoldKit
import OpLog
import Testing

/// Goods, coins, and what came back: nothing gets lost.
@Suite struct ConservationTests {
  @Test("goods, coins, and returns add up", arguments: 1...100 as ClosedRange<UInt64>)
  func nothingIsLost(seed: UInt64) throws {
    let state = MemoryReplica(try History(seed: seed, steps: 60).ops).state
    let lost = Invariants.lost { Array((state.rows[$0.number] ?? [:]).values) }
    #expect(lost == [], "seed \(seed)")
  }

  @Test func `goods that vanish are found`() throws {
    let states = try (1...9).map { MemoryReplica(try History(seed: $0, steps: 100).ops).state }
    // In some histories nobody brings any goods.
    let state = try #require(
      states.first { ($0.rows[Tables.stockReceipt.number] ?? [:]).values.contains(where: isPosted) }
    )
    let lost = Invariants.lost { table in
      table === Tables.stockReceipt ? [] : Array((state.rows[table.number] ?? [:]).values)
    }
    #expect(!lost.isEmpty)
  }

  private func isPosted(_ row: [Cell]) -> Bool { row[1] == .text("posted") }
}
