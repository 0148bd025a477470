import Community

/// How often each fault, op kind, desk reason, and refusal was hit.
///
/// A mark that is never hit in a long run says that the worlds do not reach what it stands for.
package struct Marks: Sendable {
  private var counts: [String: Int] = [:]

  /// No marks yet.
  package init() {}

  /// Counts one hit.
  mutating func hit(_ name: String) { counts[name, default: 0] += 1 }

  /// Counts one strike of a fault.
  mutating func hit(_ fault: Fault) { hit("fault." + fault.rawValue) }

  /// Adds the hits of another world.
  package mutating func add(_ other: Marks) {
    counts.merge(other.counts) { $0 + $1 }
  }

  /// The hits of one mark.
  package subscript(name: String) -> Int { counts[name] ?? 0 }

  /// Every mark that was hit, by name.
  package var all: [(name: String, count: Int)] {
    counts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// Those of ``required`` that were never hit.
  package var missing: [String] { Self.required.filter { self[$0] == 0 } }

  /// Within how many seeds from 1 a run hits all that it must.
  package static let seedsToHit = 2_000

  /// What such a run must hit.
  package static let required: [String] =
    (faults + Fault.allCases.map(\.rawValue)).map { "fault." + $0 }
    + outcomes.map { "outcome." + $0 }
    + kinds.map { "kind." + $0 } + reasons.map { "desk." + $0 }
    + hubActs.map { "hub." + $0 } + checks.map { "check." + $0 }
    + rightsAnswers.map { "rights." + $0 } + refusals.map { "refused." + $0 }
    + problems.map { "problem." + $0 }

  private static let faults = [
    "timeout", "clock-skewed", "clock-stuck", "clock-2000", "clock-2099", "run-in-parts",
    "named-ahead", "careless-op",
  ]
  private static let outcomes = ["posted", "pending", "duplicate", "void"]
  private static let kinds =
    Catalogue.kinds.filter { !$0.isHubOnly }.map(\.name)
  private static let hubActs = [
    "decided", "not-open", "close", "reopen", "settle", "expire", "reverse", "budget", "succeed",
  ]
  private static let checks = [
    "closed-month", "erased", "alone", "right-granted", "right-refused", "right-returned",
    "right-spent", "roll-call", "hub-shown", "hub-branched", "copy-fenced", "original-fenced",
    "debt", "spending", "rejoined", "former-id-retired", "recorded-again", "digest-search",
    "row-found", "unparked",
  ]
  private static let reasons = DeskReason.allCases.filter { !elsewhere.contains($0) }.map(
    \.rawValue)
  /// What worlds do not reach; the tests of one rule do.
  private static let elsewhere: Set<DeskReason> = [
    .tooManyRounds, .beforeDeadline, .secondDecision, .officeRevoked, .otherBranch,
    .appointedInRollCall, .adoptedLog,
  ]
  private static let refusals = [
    "double-award", "not-enough-points", "visit-limit", "person-limit", "office-limit",
    "not-enough-stock", "not-enough-rights", "is-home", "asked-already", "only-hub",
    "claim-above-published",
    "actor-not-entitled", "reversed-by-recorder", "unknown-field", "missing-field", "bad-key",
    "missing-actor", "not-ready", "minutes-needed", "account-frozen", "resident-left",
    "resident-erased", "appointment-ended", "reserved", "item-limit", "offline-too-long",
    "other-community", "pools-are-off", "already-returned", "not-payable-in-coins",
    "not-enough-coins", "account-not-firm", "paid-in-coins", "household-limit", "quarter-limit",
    "minor-limit", "offer-limit", "earned-too-little", "cover-too-large", "roll-call",
    "coins-not-printed", "kept-until-past", "frozen-until-past", "not-on-desk", "personal-data",
    "unknown-kind",
  ]
  private static let rightsAnswers = ["granted", "refused", "waiting", "home-offline", "withdrawn"]
  private static let problems = [
    "malformed-json", "unknown-field", "out-of-range", "seal-mismatch", "unknown-progress",
    "body-mismatch", "token-revoked", "new-incarnation", "retired",
  ]
}
