/// How a hub broke a rule: what was sent, what the rule wants, and what came.
package struct RuleFinding: Error, Equatable, Sendable {
  /// What was sent.
  package let sent: String
  /// What the rule wants, with its section.
  package let expected: String
  /// What came instead.
  package let came: String
  /// Whether it stands in the way of the rule without being the rule itself: the rule was not tested.
  package let isPreparation: Bool

  init(sent: String, expected: String, came: String, isPreparation: Bool = false) {
    self.sent = sent
    self.expected = expected
    self.came = came
    self.isPreparation = isPreparation
  }
}
