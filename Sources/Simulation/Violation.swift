/// A promise of the design that a world did not keep.
package struct Violation: Error, Sendable, Equatable {
  /// Which promise: `I1`…`I15` as numbered in the project's test plan, or `crash-free`: nothing but
  /// the errors that a caller is told of.
  package let invariant: String
  /// What was found, in one line.
  package let finding: String

  /// Makes a violation.
  package init(_ invariant: String, _ finding: String) {
    self.invariant = invariant
    self.finding = finding
  }
}

/// Runs what has no reason to fail; an error is a violation that says what was being done.
func must<R>(_ what: String, _ body: () throws -> R) throws(Violation) -> R {
  do {
    return try body()
  } catch let violation as Violation {
    throw violation
  } catch { throw Violation("crash-free", "\(what): \(error)") }
}
