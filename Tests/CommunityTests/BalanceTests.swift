import Community
import Conformance
import FoldKit
import OpLog
import Testing

/// The accounts are what a naive reading of the rules makes of the same ops.
@Suite struct BalanceTests {
  @Test("accounts agree with the naive model", arguments: 1...200 as ClosedRange<UInt64>)
  func accounts(seed: UInt64) throws {
    var dice = Dice(seed: ~seed)
    let all = try History(seed: seed).ops
    let ops = dice.once(in: 3) ? Arrival.part(of: all, using: &dice) : all
    try expectModel(of: ops, "\(seed)")
  }
}

/// Expects of the tables what the naive model makes of the same ops.
func expectModel(of ops: [Delivery], _ seed: String = "") throws {
  let state = MemoryReplica(ops).state
  let model = NaiveModel(ops.map { Fact($0.op, hash: $0.hash) })
  for (resident, account) in model.accounts {
    let key = [resident.packed]
    #expect(try state.sum("account", key, "balance") == account.balance, "\(seed): \(resident)")
    #expect(try state.sum("account", key, "earned") == account.earned, "\(seed): \(resident)")
    #expect(try state.sum("account", key, "spent") == account.spent, "\(seed): \(resident)")
    #expect(try state.sum("account", key, "uncovered") == account.uncovered, "\(seed)")
  }
  for (shelf, onHand) in model.onHand {
    let key = [Int64(shelf.office.rawValue), shelf.item.packed]
    #expect(try state.sum("shelf_item", key, "on_hand") == onHand, "\(seed): \(shelf)")
  }
  for (office, uncovered) in model.uncovered {
    let key = [Int64(office.rawValue)]
    #expect(try state.sum("office", key, "uncovered") == uncovered, "\(seed): \(office)")
  }
  for (right, held) in model.rights {
    let key = [Int64(right.holder.rawValue), right.account.packed]
    #expect(try state.sum("held_right", key, "held") == held, "\(seed): \(right)")
    let left = HomeRights.left(of: right.account.packed, in: state)
    #expect(left == model.homeRights(on: right.account), "\(seed): \(right.account)")
  }
  for op in ops where op.kind?.number == 23 && op.payload?.integer(3) == 1 {
    guard let verdict = state.verdicts[op.op.id], verdict.outcome != .void else { continue }
    let isUncovered = model.uncoveredGrants.contains(op.op.id)
    let reason: DeskReason = state.isLate(op.op.id) ? .late : .debitWithoutStanding
    #expect(verdict.reasons.contains(reason) == isUncovered, "\(seed): \(op.op.id)")
  }
  for (office, limit) in model.budgets {
    let key = [Int64(office.rawValue)]
    #expect(try state.sum("office_budget", key, "points") == limit, "\(seed): \(office)")
  }
  #expect(try state.count("account") == model.accounts.values.count { $0 != .init() })
  let over = (state.rows[Tables.itemTake.number] ?? [:]).values.filter { $0[9] == .integer(1) }
    .compactMap { row in row[3].id.map { NaiveModel.TakenLine($0, row[4].integer ?? 0) } }
  #expect(Set(over) == model.linesOverLimit(), "seed \(seed)")
  #expect(countedAwards(state.rows) == model.countedAwards, "seed \(seed)")
}

private func countedAwards(_ rows: [Int: [[Int64]: [Cell]]]) -> Int {
  (rows[Tables.award.number] ?? [:]).values.count { $0[Tables.award.keyCount] == .text("posted") }
}
