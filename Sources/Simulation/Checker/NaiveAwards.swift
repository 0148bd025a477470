import Community
import OpLog

/// Awards by the rules of the design: one counts for each round of a natural key.
extension NaiveModel {
  private struct Round: Hashable, Comparable {
    /// Activity, resident, session, role, and how many reversals came before.
    let key: [Int64]
    static func < (left: Round, right: Round) -> Bool {
      left.key.lexicographicallyPrecedes(right.key)
    }
  }

  private struct Claim {
    let op: NaiveOp
    let isOrganiser: Bool
    let points: Int64
    let isAbovePublished: Bool
    let problem: String?
  }

  func awards() {
    var claims: [Round: [Claim]] = [:]
    for grant in ops(19) {
      guard let claim = claim(of: grant) else {
        settle(grant, "void", ["wrong-reference"])
        continue
      }
      guard let round = round(of: grant) else {
        settle(grant, "void", ["wrong-reference"])
        continue
      }
      claims[round, default: []].append(claim)
    }
    let reversals = reversals(of: claims.mapValues { _ in })
    for (round, claims) in claims.sorted(by: { $0.key < $1.key }) {
      settle(round, claims, reversals[round] ?? [])
    }
  }

  private func settle(_ round: Round, _ claims: [Claim], _ reversals: [OpID]) {
    let sound = claims.filter { $0.problem == nil }
    let counted = sound.first { $0.isOrganiser } ?? sound.first
    let isReversed = !reversals.isEmpty
    let state = isReversed ? "reversed" : counted == nil ? "pending" : "posted"
    let others = claims.map(\.op.id).filter { $0 != counted?.op.id }
    put(
      "award",
      round.key.map(Cell.integer) + [
        .text(state), .id(counted?.op.id), .integer(counted?.points ?? 0),
        list(others), list(reversals), .integer(counted.map { stretch(of: $0.op) } ?? 0),
      ])
    for claim in claims {
      switch claim.problem {
      case nil where claim.op.id != counted?.op.id:
        settle(claim.op, "duplicate", ["double-award"])
      case _ where isReversed: settle(claim.op, "void")
      case let problem?: settle(claim.op, "pending", [problem])
      case nil:
        settle(claim.op, "posted", claim.isAbovePublished ? ["claim-above-published"] : [])
      }
    }
    if let resident = OpID(packed: round.key[1]) {
      let most = claims.map(\.points).max() ?? 0
      lose(most - (state == "posted" ? counted?.points ?? 0 : 0), creditsOf: resident)
    }
  }

  private func list(_ ids: [OpID]) -> Cell {
    ids.isEmpty ? .null : .text(ids.map(\.description).joined(separator: " "))
  }

  /// The counted reversals of each round, ascending; the verdicts of all reversals.
  private func reversals(of rounds: [Round: Void]) -> [Round: [OpID]] {
    var found: [Round: [OpID]] = [:]
    for op in ops(20) {
      guard let grant = op.reference(1).flatMap({ admitted[$0] }), grant.kind == 19,
        let round = round(of: grant), rounds[round] != nil
      else {
        settle(op, "void", ["wrong-reference"])
        continue
      }
      if let problem = problem(op, reversing: grant) {
        settle(op, "pending", [problem])
      } else {
        settle(op, found[round] == nil ? "posted" : "duplicate")
        found[round, default: []].append(op.id)
      }
    }
    return found
  }

  /// Why a reversal has no effect; nil when it takes the award back.
  private func problem(_ reversal: NaiveOp, reversing grant: NaiveOp) -> String? {
    problem(reversal) ?? (reversal.op.actor == grant.op.actor ? "reversed-by-recorder" : nil)
  }

  /// What a record is worth on its own; nil when it names no activity or no resident.
  private func claim(of grant: NaiveOp) -> Claim? {
    guard let activity = grant.reference(1), exists(activity, 18),
      exists(grant.reference(2), 16), let published = admitted[activity]
    else { return nil }
    let (claimed, worth) = (grant.integer(3) ?? 0, published.integer(3) ?? 0)
    var problem = problem(grant)
    if problem == nil, isInFuture(grant) { problem = "future-date" }
    if problem == nil { problem = policyProblem(grant) }
    return Claim(
      op: grant,
      isOrganiser: communities[grant.id.replica] == communities[published.id.replica],
      points: min(claimed, worth), isAbovePublished: claimed > worth, problem: problem)
  }

  /// The rules that it names must be its community's, and must let it post at once.
  private func policyProblem(_ grant: NaiveOp) -> String? {
    guard let id = grant.op.policy, exists(id, 7), let policy = admitted[id],
      policy.reference(1) == communities[grant.id.replica]
    else { return "wrong-reference" }
    return policy.integer(2) == 0 ? nil : "awaiting-approval"
  }

  /// The stretch of the year with which points end, year × 2 and 1 more from February on; 0 under
  /// rules that let none end.
  func stretch(of op: NaiveOp, isVisitor: Bool = false) -> Int64 {
    let policy = op.op.policy.flatMap { exists($0, 7) ? admitted[$0] : nil }
    guard isVisitor || policy?.integer(12) ?? 0 != 0 else { return 0 }
    let (year, month, _) = op.op.occurredOn.civil
    return Int64(year) * 2 + (month > 1 ? 1 : 0)
  }

  /// A grant that names a reversal opens the round after the one that the reversal was for; one
  /// without effect ended none.
  private func round(of grant: NaiveOp) -> Round? {
    guard let resident = grant.reference(2), let activity = grant.reference(1) else { return nil }
    let key = [
      activity.packed, resident.packed, grant.integer(4) ?? 1, grant.integer(5) ?? 0,
    ]
    guard let after = grant.reference(7) else { return Round(key: key + [0]) }
    guard let reversal = admitted[after], reversal.kind == 20,
      let original = reversal.reference(1).flatMap({ admitted[$0] }), original.kind == 19,
      let ended = round(of: original), Array(ended.key[..<4]) == key
    else { return nil }
    let isEnded = problem(reversal, reversing: original) == nil
    return Round(key: key + [ended.key[4] + (isEnded ? 1 : 0)])
  }
}
