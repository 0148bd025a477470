import Community

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
  /// What the hub does not offer, and need not, so that there is nothing to test.
  let absent: Words?

  init(sent: String, expected: String, came: String, isPreparation: Bool = false) {
    self.sent = sent
    self.expected = expected
    self.came = came
    self.isPreparation = isPreparation
    absent = nil
  }

  /// What a rule stands on is not there: the rule was not tested.
  static func unprepared(_ expected: String, _ came: some CustomStringConvertible) -> RuleFinding {
    RuleFinding(
      sent: "what the rule stands on", expected: expected, came: came.description,
      isPreparation: true)
  }

  /// The hub does not offer what the rule is about, and need not.
  init(absent: Words) {
    (sent, expected, came) = ("", "", "")
    isPreparation = true
    self.absent = absent
  }
}
