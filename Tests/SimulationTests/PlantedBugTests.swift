import Simulation
import Testing

/// The checks can fail: each planted bug is found.
@Suite struct PlantedBugTests {
  /// Seeds that found a bug when this was written; where worlds are drawn otherwise now, the search
  /// only takes longer.
  private static let finders: [PlantedBug: UInt64] = [
    .acknowledgedBeforeCommit: 5, .requestKeyIgnored: 2, .headAdvancedBeforeCommit: 7,
    .duplicateAwardCounted: 13, .stockLegLost: 7, .refoldSkipped: 1, .sentAndKept: 6,
    .restockedTwice: 122, .giftNotTaken: 15, .coinLost: 5, .closedMonthChanged: 3,
    .checkOutsideTransaction: 3, .wallClockDecides: 23, .receiptNotStored: 1, .bodyOutOfScope: 1,
    .decidedTwice: 1, .postedAgain: 1, .forgedEntryBelieved: 1, .cloneTrusted: 16,
    .coverWithoutStanding: 1, .selfGrantMints: 1, .grantAppliedTwice: 10, .overdraftUnchecked: 5,
    .grantsNotNetted: 10, .losingBranchDropped: 72, .recordedTwice: 81, .wasCountedTwice: 81,
    .staleSum: 1, .rightsByStaleSum: 1, .voidedTwice: 122, .hubGoesOn: 11,
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
