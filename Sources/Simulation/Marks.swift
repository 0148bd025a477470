import Community
import Wire

/// How often each fault, op kind, desk reason, and refusal was hit.
///
/// A mark that is never hit in a long run says that the worlds do not reach what it stands for.
package struct Marks: Sendable {
  private var counts: [String: Int] = [:]

  /// No marks yet.
  package init() {}

  // Whatever can be hit is a case of an enum, and ``required`` asks for all cases of each: what is
  // added later is asked for, too.

  private mutating func hit(_ name: String) { counts[name, default: 0] += 1 }

  mutating func hit(_ fault: Fault) { hit("fault." + fault.rawValue) }

  mutating func hit(_ mishap: Mishap) { hit("fault." + mishap.rawValue) }

  mutating func hit(_ look: Look) { hit("check." + look.rawValue) }

  mutating func hit(_ deed: HubDeed) { hit("hub." + deed.rawValue) }

  mutating func hit(_ word: RightsWord) { hit("rights." + word.rawValue) }

  mutating func hit(_ problem: ProblemKind) { hit("problem." + problem.rawValue) }

  mutating func hit(_ outcome: Outcome) { hit("outcome." + outcome.rawValue) }

  mutating func hit(_ reason: DeskReason) { hit("desk." + reason.rawValue) }

  /// Counts an op of a kind that somebody recorded, or a program by itself.
  mutating func hit(kind: String) { hit("kind." + kind) }

  /// Counts a form that was refused, by the stable code of that.
  mutating func hit(refused code: String) { hit("refused." + code) }

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

  /// What such a run must hit: all that there is, but for what tests play (``elsewhere``).
  package static let required: [String] = families.filter { elsewhere[$0] == nil }

  /// Every mark that there is.
  package static let families: [String] =
    (Fault.allCases.map(\.rawValue) + Mishap.allCases.map(\.rawValue)).map { "fault." + $0 }
    + Outcome.allCases.map { "outcome." + $0.rawValue }
    + Catalogue.kinds.map { "kind." + $0.name }
    + DeskReason.allCases.map { "desk." + $0.rawValue }
    + HubDeed.allCases.map { "hub." + $0.rawValue }
    + Look.allCases.map { "check." + $0.rawValue }
    + RightsWord.allCases.map { "rights." + $0.rawValue }
    + refusals.map { "refused." + $0 }
    + ProblemKind.allCases.map { "problem." + $0.rawValue }

  /// By rules of the counter, by what the form lacks, and by the desk's reasons that a counter sees; the
  /// first and the last share some names.
  private static let refusals: [String] = {
    let byRule = RefusalCode.allCases.map(\.rawValue) + FormFault.allCases.map(\.rawValue)
    let byDesk = DeskReason.allCases.filter(\.refusesForms).map(\.rawValue)
    return byRule + byDesk.filter { !byRule.contains($0) }
  }()
}
