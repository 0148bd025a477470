import Simulation
import Testing

/// The checks can fail: each planted bug is found.
@Suite struct PlantedBugTests {
  /// Seeds that found a bug when this was written; where worlds are drawn otherwise now, the search
  /// only takes longer.
  private static let finders: [PlantedBug: UInt64] = [
    .acknowledgedBeforeCommit: 3, .requestKeyIgnored: 7, .headAdvancedBeforeCommit: 7,
    .duplicateAwardCounted: 15, .stockLegLost: 30, .refoldSkipped: 1, .sentAndKept: 7,
    .restockedTwice: 6, .giftNotTaken: 1, .coinLost: 5, .closedMonthChanged: 2,
    .checkOutsideTransaction: 3, .wallClockDecides: 15, .receiptNotStored: 1, .bodyOutOfScope: 1,
    .decidedTwice: 3, .postedAgain: 1, .forgedEntryBelieved: 1, .cloneTrusted: 16,
    .coverWithoutStanding: 3, .selfGrantMints: 2, .grantAppliedTwice: 9, .overdraftUnchecked: 1,
    .grantsNotNetted: 9, .losingBranchDropped: 81, .recordedTwice: 16, .wasCountedTwice: 77,
    .staleSum: 1, .rightsByStaleSum: 5, .voidedTwice: 6, .bodyInLog: 20,
    .hubGoesOn: 11, .secondFoldForgotten: 27,
  ]

  @Test("a planted bug is found", arguments: PlantedBug.allCases)
  func found(bug: PlantedBug) {
    let first = Self.finders[bug].map { [$0] } ?? []
    let finder = (first + Array(1...UInt64(PlantedBug.seedsToFind))).first { seed in
      Simulation.run(WorldOptions(seed: seed, bug: bug)).violation != nil
    }
    #expect(finder != nil, "\(bug.rawValue) stays hidden in \(PlantedBug.seedsToFind) seeds")
  }
}
