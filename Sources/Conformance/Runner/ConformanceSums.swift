/// How many rules passed, failed, and were not tested.
package struct ConformanceSums: Equatable, Sendable {
  /// Rules that the hub keeps.
  package private(set) var passed = 0
  /// Rules that it broke.
  package private(set) var failed = 0
  /// Rules that were not tested, for whatever reason.
  package private(set) var notTested = 0
  /// Rules of these that something else stood in the way of.
  private var blocked = 0

  /// Counts.
  package init(_ results: [RuleResult]) {
    for result in results {
      switch result.outcome {
      case .passed: passed += 1
      case .failed: failed += 1
      case .blocked: (notTested, blocked) = (notTested + 1, blocked + 1)
      case .notTested: notTested += 1
      }
    }
  }

  /// Whether nothing is wrong as far as it was tested; what stands in the way of a test is wrong too.
  package var isConform: Bool { failed == 0 && blocked == 0 }
}
