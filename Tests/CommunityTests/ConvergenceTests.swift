import Community
import FoldKit
import OpLog
import Testing

/// State is a function of the set of ops: `COVERAGE.md`, case G.
@Suite struct ConvergenceTests {
  @Test("any order of arrival gives the same state", arguments: 1...400 as ClosedRange<UInt64>)
  func orders(seed: UInt64) throws {
    let ops = try History(seed: seed).ops
    let expected = Snapshot(MemoryReplica(ops))
    #expect(expected.waiting.isEmpty)
    var dice = Dice(seed: ~seed)
    for number in 1...5 {
      let actual = Snapshot(MemoryReplica(Arrival.order(of: ops, using: &dice)))
      expectSame(actual, expected, "seed \(seed), order \(number)")
    }
    for number in 1...3 {
      let order = Arrival.order(of: ops, using: &dice)
      let actual = Snapshot(MemoryReplica(order, batchedBy: &dice))
      expectSame(actual, expected, "seed \(seed), batches \(number)")
    }
  }

  @Test("so it does while some ops are missing", arguments: 1...200 as ClosedRange<UInt64>)
  func parts(seed: UInt64) throws {
    var dice = Dice(seed: ~seed)
    let ops = Arrival.part(of: try History(seed: seed).ops, using: &dice)
    let expected = Snapshot(MemoryReplica(ops))
    for number in 1...3 {
      let actual = Snapshot(MemoryReplica(Arrival.order(of: ops, using: &dice)))
      expectSame(actual, expected, "seed \(seed), order \(number)")
    }
  }
}

/// The random histories reach what the laws are about; else those would hold for nothing.
@Suite struct HistoryTests {
  @Test func `histories reach every outcome and every reason that folds give`() throws {
    var outcomes: Set<Outcome> = []
    var reasons: Set<DeskReason> = []
    var kinds: Set<KindNumber> = []
    var reachesOtherRules = false
    var reachesServices = false
    // What the random offices never do; the tests of one rule do it.
    let elsewhere: Set<DeskReason> = [
      .unknownKind, .waitingForOp, .namesMismatch, .malformedPayload, .actorMissing, .onlyHub,
      .tooManyRounds, .lateForClosedMonth, .personalData, .notOfHousehold,
    ]
    let (wanted, allKinds) = (
      Set(DeskReason.allCases).subtracting(elsewhere), Set(Catalogue.kinds.map(\.number))
    )
    // Rare ones come in one history of a hundred; no more are written than it takes.
    for seed in 1...400 as ClosedRange<UInt64> {
      let ops = try History(seed: seed, steps: 150).ops
      let state = MemoryReplica(ops).state
      kinds.formUnion(ops.map(\.op.kind))
      outcomes.formUnion(state.verdicts.values.map(\.outcome))
      reasons.formUnion(state.desk.map(\.reason))
      let misruled = Verdict(.pending, [.wrongReference])
      if state.verdicts.values.contains(misruled) { reachesOtherRules = true }
      if try hasLineWithoutStock(state) { reachesServices = true }
      let hasAll = kinds == allKinds && reasons.isSuperset(of: wanted)
      if hasAll, reachesOtherRules, reachesServices, outcomes.count == Outcome.allCases.count {
        break
      }
    }
    #expect(reachesOtherRules)
    #expect(reachesServices)
    #expect(outcomes == Set(Outcome.allCases))
    #expect(kinds == allKinds)
    #expect(wanted.subtracting(reasons).isEmpty)
  }

  /// Whether a redemption that counts has a line that takes nothing from the shelf.
  private func hasLineWithoutStock(_ state: MemoryState) throws -> Bool {
    let lines = (state.rows[Tables.redemptionLine.number] ?? [:]).keys
    return try lines.contains { key in
      let counts = try state.cell("redemption_line", key, "counts")
      return try counts == .integer(0)
        && state.cell("redemption", [key[0]], "state") == .text("posted")
    }
  }
}
