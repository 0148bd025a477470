import Community
import OpLog

/// Awards by the rules of the design: one counts for each round of a natural key.
extension PlainModel {
  private struct Round: Hashable, Comparable {
    /// Activity, resident, session, role, and how many reversals came before.
    let key: [Int64]
    static func < (left: Round, right: Round) -> Bool {
      left.key.lexicographicallyPrecedes(right.key)
    }
  }

  private struct Claim {
    let op: PlainOp
    let isOrganiser: Bool
    let points: Int64
    let isAbovePublished: Bool
    let problem: String?
    let policy: PlainOp?
    let isReport: Bool
    let isBackdated: Bool

    /// A value of the rules that it names; the keys are those of `policy.set`.
    func rule(_ key: UInt64) -> Int64? { policy?.integer(key) }

    var minutes: Int64? { op.integer(6).map { min($0, rule(8) ?? .max) } }
  }

  /// An award that counts unless its month holds it back.
  private struct Limited {
    let id: OpID
    let day: Int64
    let points: Int64
    let bucket: Int64
    let perDay: Int64?
    let perMonth: Int64?
  }

  private struct Month: Hashable, Comparable {
    /// Resident, year, month.
    let key: [Int64]
    static func < (left: Month, right: Month) -> Bool {
      left.key.lexicographicallyPrecedes(right.key)
    }
  }

  /// An award that a reversal took back by mistake, and the month in which it would count.
  private struct Mistake {
    let reversal: OpID
    let month: Month
    let award: Limited
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
    var months: [Month: [Limited]] = [:]
    var mistakes: [Mistake] = []
    for (round, claims) in claims.sorted(by: { $0.key < $1.key }) {
      settle(round, claims, reversals[round] ?? [], &months, &mistakes)
    }
    for (month, awards) in months.sorted(by: { $0.key < $1.key }) { count(month, awards) }
    count(mistakes, months)
  }

  /// A mistake took what its month is poorer by, while the awards of later ones still stood.
  private func count(_ mistakes: [Mistake], _ months: [Month: [Limited]]) {
    for mistake in mistakes {
      let later = mistakes.filter { $0.month == mistake.month && $0.reversal > mistake.reversal }
      let others = (months[mistake.month] ?? []) + later.map(\.award)
      let taken = worth(others + [mistake.award]) - worth(others)
      let key = mistake.month.key
      guard taken > 0 else { continue }
      put(
        "award_error",
        [.integer(key[0]), .id(mistake.reversal), .integer(taken), .integer(key[1])])
    }
  }

  private func settle(
    _ round: Round, _ claims: [Claim], _ reversals: [OpID], _ months: inout [Month: [Limited]],
    _ mistakes: inout [Mistake]
  ) {
    let sound = claims.filter { $0.problem == nil }
    let least = sound.min {
      ($0.points, $0.minutes ?? 0, $0.op.id) < ($1.points, $1.minutes ?? 0, $1.op.id)
    }
    let counted = sound.first { $0.isOrganiser } ?? least
    let isReversed = !reversals.isEmpty
    let state = isReversed ? "reversed" : counted == nil ? "pending" : "posted"
    let others = claims.map(\.op.id).filter { $0 != counted?.op.id }
    let limits = counted.map { [$0.rule(9), $0.isReport ? $0.rule(10) : nil] } ?? []
    let isLimited = limits.contains { $0 != nil }
    let date = counted?.op.op.occurredOn
    let civil = date?.civil
    // Points end with their year, or are carried to the January after the next.
    let year = Int64(civil?.year ?? 0)
    let bucket = PlainModel.lastDay(of: year, by: counted?.rule(12) ?? 0)
    put(
      "award",
      round.key.map(Cell.integer) + [
        .text(state), .id(counted?.op.id), .integer(counted?.points ?? 0),
        list(others), list(reversals), .integer(bucket),
        counted?.minutes.map(Cell.integer) ?? .null,
        date.map { .integer(Int64($0.day)) } ?? .null, .integer(isLimited ? 1 : 0), .null, .null,
      ])
    if let counted, let date, let civil {
      let month = Month(key: [round.key[1], Int64(civil.year), Int64(civil.month)])
      let award = Limited(
        id: counted.op.id, day: Int64(date.day), points: counted.points, bucket: bucket,
        perDay: limits[0], perMonth: limits[1])
      if state == "posted", isLimited {
        months[month, default: []].append(award)
        put("award_claim", month.key.map(Cell.integer) + cells(award, of: round))
      }
      if let first = reversals.first, admitted[first]?.integer(2) == 0 {
        mistakes.append(Mistake(reversal: first, month: month, award: award))
        put("lost_award", month.key.map(Cell.integer) + [.id(first)] + cells(award, of: round))
      }
    }
    for claim in claims {
      switch claim.problem {
      case nil where claim.op.id != counted?.op.id:
        settle(claim.op, "duplicate", ["double-award"])
      case _ where isReversed: settle(claim.op, "void")
      case let problem?: settle(claim.op, "pending", [problem])
      case nil: settle(claim.op, "posted", notes(on: claim, among: sound))
      }
    }
    if let resident = OpID(packed: round.key[1]) {
      let (most, taken) = (claims.map(\.points).max() ?? 0, counted?.points ?? 0)
      lose(most - (state == "posted" ? taken : 0), creditsOf: resident)
    }
  }

  private func cells(_ award: Limited, of round: Round) -> [Cell] {
    [
      .id(award.id), .integer(award.day), .integer(round.key[0]), .integer(award.points),
      .integer(0), .integer(award.bucket), award.perDay.map(Cell.integer) ?? .null,
      award.perMonth.map(Cell.integer) ?? .null, .null, .null, .integer(0),
    ]
  }

  private func notes(on claim: Claim, among sound: [Claim]) -> [String] {
    var notes: [String] = []
    if claim.isAbovePublished { notes.append("claim-above-published") }
    if claim.isBackdated { notes.append("backdated") }
    let differs = sound.contains {
      $0.points != claim.points || $0.minutes ?? 0 != claim.minutes ?? 0
    }
    if !claim.isOrganiser, differs { notes.append("values-differ") }
    return notes
  }

  private func worth(_ awards: [Limited]) -> Int64 {
    room(for: awards).counted.reduce(0) { $0 + $1.points }
  }

  /// The highest-valued awards of a month count, as far as its limits reach.
  private func room(
    for awards: [Limited]
  ) -> (counted: [Limited], overDay: [OpID], overMonth: [OpID]) {
    var (reports, days): (Int64, [Int64: Int64]) = (0, [:])
    var (counted, overDay, overMonth): ([Limited], [OpID], [OpID]) = ([], [], [])
    for award in awards.sorted(by: { (-$0.points, $0.id) < (-$1.points, $1.id) }) {
      if let limit = award.perMonth {
        guard reports < limit else {
          overMonth.append(award.id)
          continue
        }
        reports += 1
      }
      if let limit = award.perDay {
        guard days[award.day, default: 0] < limit else {
          overDay.append(award.id)
          continue
        }
        days[award.day, default: 0] += 1
      }
      counted.append(award)
    }
    return (counted, overDay, overMonth)
  }

  /// Writes down what counts of a month.
  private func count(_ month: Month, _ awards: [Limited]) {
    let (counted, overDay, overMonth) = room(for: awards)
    for id in overDay { stand("daily-cap", id.packed) }
    for id in overMonth { stand("monthly-cap", id.packed) }
    let points = counted.reduce(0) { $0 + $1.points }
    func ending(by rule: Int64) -> Cell {
      let last = PlainModel.lastDay(of: month.key[1], by: rule)
      return .integer(counted.reduce(0) { $0 + ($1.bucket == last ? $1.points : 0) })
    }
    put(
      "award_month",
      month.key.map(Cell.integer) + [
        .integer(Int64(counted.count)), .integer(points), ending(by: 1), .integer(0),
        .integer(0), list(overDay.sorted()), list(overMonth.sorted()), .null,
        ending(by: 2), .integer(0),
      ])
    if let resident = OpID(packed: month.key[0]) {
      lose(awards.reduce(0) { $0 + $1.points } - points, creditsOf: resident)
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
        let isFraud = found[round] == nil && op.integer(2) == 2
        settle(op, found[round] == nil ? "posted" : "duplicate", isFraud ? ["fraud-reversed"] : [])
        found[round, default: []].append(op.id)
      }
    }
    return found
  }

  /// Why a reversal has no effect; nil when it takes the award back.
  private func problem(_ reversal: PlainOp, reversing grant: PlainOp) -> String? {
    if let problem = problem(reversal) { return problem }
    if reversal.op.actor == grant.op.actor { return "reversed-by-recorder" }
    let organiser = grant.reference(1).flatMap { communities[$0.replica] }
    let own = communities[reversal.id.replica]
    return own == communities[grant.id.replica] || own == organiser ? nil : "not-organiser"
  }

  /// What a record is worth on its own; nil when it names no activity or no resident.
  private func claim(of grant: PlainOp) -> Claim? {
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
      points: min(claimed, worth), isAbovePublished: claimed > worth, problem: problem,
      policy: rules(of: grant), isReport: published.integer(2) == 4,
      isBackdated: isBackdated(grant))
  }

  /// The rules that a grant names; nil unless they are its community's.
  private func rules(of grant: PlainOp) -> PlainOp? {
    guard let id = grant.op.policy, exists(id, 7), let policy = admitted[id],
      policy.reference(1) == communities[grant.id.replica]
    else { return nil }
    return policy
  }

  /// Dated back further than the rules let a clerk, by the day on which the hub took it in.
  func isBackdated(_ grant: PlainOp) -> Bool {
    guard let received = receivedAt[grant.id], let days = rules(of: grant)?.integer(18),
      let actor = grant.op.actor, admitted[actor]?.integer(2).map({ $0 & 2 == 0 }) ?? true
    else { return false }
    return Int64(grant.op.occurredOn.day) + days < (received + 28_800_000) / 86_400_000
  }

  /// The rules that it names must be its community's, and must let it post at once.
  private func policyProblem(_ grant: PlainOp) -> String? {
    guard let policy = rules(of: grant) else { return "wrong-reference" }
    return policy.integer(2) == 0 ? nil : "awaiting-approval"
  }

  /// A grant that names a reversal opens the round after the one that the reversal was for; one
  /// without effect ended none.
  private func round(of grant: PlainOp) -> Round? {
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
