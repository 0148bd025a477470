import Community

/// One rule of the protocol that a hub, or a replica, can be held to.
package struct ConformanceRule: Sendable {
  /// What a rule can be tested with.
  package struct Needs: OptionSet, Sendable {
    /// The bits.
    package let rawValue: Int
    /// Makes a set.
    package init(rawValue: Int) { self.rawValue = rawValue }
    /// Offices that the runner enrols: the token of the hub's door.
    package static let offices = Needs(rawValue: 1)
    /// A hub that is killed, loses its database, or gets an old one: the control command.
    package static let control = Needs(rawValue: 3)
  }

  enum Test: Sendable {
    case check(@Sendable (ConformanceRun) throws(RuleFinding) -> Void)
    /// Of a replica, which has to fold as much as its level says.
    case replica(level: Int, @Sendable (ReplicaStreet) throws(RuleFinding) -> Void)
    /// Nobody can see it from outside; why.
    case untestable(Words)
  }

  /// The document, the section, and a letter: `sync.4.2.a`.
  package let id: String
  /// The rule in one sentence.
  package let words: Words
  /// What it takes to test it.
  package let needs: Needs
  let test: Test

  init(
    _ id: String, _ chinese: String, _ english: String, needs: Needs = .offices,
    _ check: @escaping @Sendable (ConformanceRun) throws(RuleFinding) -> Void
  ) {
    self.id = id
    words = Words(chinese, english)
    self.needs = needs
    test = .check(check)
  }

  init(
    replica id: String, _ chinese: String, _ english: String, level: Int = 1,
    _ check: @escaping @Sendable (ReplicaStreet) throws(RuleFinding) -> Void
  ) {
    self.id = id
    words = Words(chinese, english)
    needs = []
    test = .replica(level: level, check)
  }

  init(_ id: String, _ chinese: String, _ english: String, untestable reason: Words) {
    self.id = id
    words = Words(chinese, english)
    needs = []
    test = .untestable(reason)
  }

  /// Why nobody can see from outside that it is kept; nil where that can be seen.
  package var reason: Words? {
    if case .untestable(let reason) = test { reason } else { nil }
  }

  /// Whether its id begins with one of some texts, or there are none.
  func begins(with prefixes: [String]) -> Bool {
    prefixes.isEmpty || prefixes.contains { id.hasPrefix($0) }
  }

  /// From which level on a replica is held to it, 1 … 3 (conformance.md §6.2).
  package var level: Int {
    if case .replica(let level, _) = test { level } else { 1 }
  }

  /// Every rule for hubs, in the order in which they are tested: those that need a rebuilt hub come last, as they
  /// leave it in its roll-call; a hub need not give a checkpoint once it holds ops of unknown kinds.
  package static let all: [ConformanceRule] =
    card + enrolment + tokens + checkpoint + push + replies + waiting + pull + cuts + bodies
    + rights + rollCall + digests + renewal + errors + limits + encoding + segments + segmentForms
    + bundles + bundleFiles + checkpointInRollCall + rebuilt
}

/// What the runner has done to a hub at its own computer.
package enum HubStep: String, CaseIterable, Sendable {
  /// Kills its process and starts it again on what it has.
  case restart
  /// Takes its database away, not its key; it begins its next life.
  case rebuild
  /// Keeps a copy of its database for ``back``.
  case keep
  /// Puts the copy in place of its database.
  case back
}

/// What became of a rule.
package enum RuleOutcome: Equatable, Sendable {
  /// The hub keeps it.
  case passed
  /// The hub broke it.
  case failed(RuleFinding)
  /// It was not tested, because something else that the hub does stood in the way.
  case blocked(RuleFinding)
  /// It was not tested; why.
  case notTested(Words)
}

/// A rule with what became of it.
package struct RuleResult: Sendable {
  /// The rule.
  package let rule: ConformanceRule
  /// What became of it.
  package let outcome: RuleOutcome
}
