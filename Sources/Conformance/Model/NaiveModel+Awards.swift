import Community
import OpLog

/// Awards by the rules: approvals, cancelled activities, limits, and the falling scale.
extension NaiveModel {
  private struct AwardKey: Hashable {
    let resident: OpID
    let activity: OpID
    let session: Int64
    let role: Int64
  }

  private struct Round: Hashable {
    let key: AwardKey
    let number: Int
  }

  /// What the steps of an activity come to.
  private struct Fate {
    var most: Int64
    var cancelledAt: Place?
  }

  private struct Claim {
    let id: OpID
    let isOrganiser: Bool
    let date: BusinessDate
    var points: Int64
    let minutes: Int64
    var isTier: Bool
    let perDay: Int64?
    let perMonth: Int64?
    let hours: Range<Int64>?
    let isApproved: Bool
    let activity: OpID
    /// Whether its points end with a year.
    let ends: Bool
  }

  mutating func countAwards() {
    let fates = fates()
    let decisions = (ops("award.approve") + ops("award.reject")).filter { isEntitled($0) }
      .sorted { isEarlier($0.op.id, $1.op.id) }
    var records: [Round: [Claim]] = [:]
    for grant in ops("award.grant") {
      guard let round = round(of: grant), let fate = fates[round.key.activity],
        let claim = claim(of: grant, round.key.activity, fate, decisions)
      else { continue }
      records[round, default: []].append(claim)
    }
    var reversals: [Round: OpID] = [:]
    for reversal in ops("award.reverse") {
      guard let award = reversal.reference("award").flatMap({ ops[$0] }),
        let round = round(of: award), isEffective(reversal, on: award)
      else { continue }
      reversals[round] = min(reversal.op.id, reversals[round] ?? reversal.op.id)
    }
    var counted: [OpID: [Claim]] = [:]
    for (round, records) in records {
      let own = records.filter(\.isOrganiser)
      let least = records.min { ($0.points, $0.minutes, $0.id) < ($1.points, $1.minutes, $1.id) }
      guard let claim = own.min(by: { $0.id < $1.id }) ?? least else { continue }
      if let reversal = reversals[round] {
        takenBack[reversal] = (round.key.resident, claim.points)
        continue
      }
      counted[round.key.resident, default: []].append(claim)
      countedAwards += 1
      awards.append(
        CountedAward(
          resident: round.key.resident, activity: round.key.activity, session: round.key.session,
          role: round.key.role, rank: claim.isOrganiser ? 0 : 1, op: claim.id))
    }
    let surplus = surplusAwards()
    for (resident, claims) in counted {
      let points = pointsUnderLimits(claims.filter { !surplus.contains($0.id) }, of: resident)
      if points != 0 { accounts[resident, default: Account()].earned += points }
    }
  }

  private func isEarlier(_ left: OpID, _ right: OpID) -> Bool {
    let (one, two) = (place(left), place(right))
    return one < two || (!(two < one) && left < right)
  }

  private func place(_ id: OpID) -> Place {
    places[id] ?? Place(receipt: nil, run: 0, seq: id.seq)
  }

  // MARK: Activities

  private func fates() -> [OpID: Fate] {
    var fates: [OpID: Fate] = [:]
    for activity in ops("activity.publish") where isEntitled(activity) {
      func steps(_ kind: String) -> [Fact] {
        ops(kind).filter {
          $0.reference("activity") == activity.op.id && isEntitled($0)
            && communities[$0.op.id.replica] == communities[activity.op.id.replica]
        }
      }
      let announced = [activity] + steps("activity.amend")
      var fate = Fate(most: announced.compactMap { $0.integer("points") }.max() ?? 0)
      let ends = steps("activity.cancel") + steps("activity.close")
      if let first = ends.min(by: { isEarlier($0.op.id, $1.op.id) }),
        first.kind?.name == "activity.cancel"
      {
        fate.cancelledAt = place(first.op.id)
      }
      fates[activity.op.id] = fate
    }
    return fates
  }

  // MARK: One record

  /// A record that counts if no other of its key does; nil for one that waits or was rejected.
  private func claim(
    of grant: Fact, _ activity: OpID, _ fate: Fate, _ decisions: [Fact]
  ) -> Claim? {
    let community = communities[grant.op.id.replica]
    guard let policy = grant.op.policy.flatMap({ ops[$0] }), policy.kind?.name == "policy.set",
      policy.reference("community") == community, !isInFuture(grant.op),
      let published = ops[activity], let resident = grant.reference("resident")
    else { return nil }
    let organiser = communities[activity.replica]
    let own = decisions.filter {
      let decider = communities[$0.op.id.replica]
      return $0.references("awards").contains(grant.op.id) && $0.op.actor != grant.op.actor
        && (decider == community || decider == organiser)
    }
    var given: Int64?
    func isGranted(_ decision: Fact?) -> Bool {
      guard let decision, decision.kind?.name == "award.approve" else { return false }
      given = decision.integer("points")
      return true
    }
    let isLate = Int64(grant.op.occurredOn.day) > dayOfLeaving(resident) ?? .max
    if !isEntitled(grant) || policy.integer("award.posting") != 0 || isLate {
      guard isGranted(own.first) else { return nil }
    }
    if let cancelledAt = fate.cancelledAt {
      guard isGranted(own.first(where: { cancelledAt < place($0.op.id) })) else { return nil }
    }
    let credited = grant.integer("minutes").map {
      min($0, policy.integer("award.max_minutes") ?? .max)
    }
    let minutes = credited ?? 0
    let mode = policy.integer("award.mode") ?? 0
    var points = [min(grant.integer("points") ?? 0, fate.most), minutes / 60, minutes / 240, 0][
      Int(mode)]
    if let given { points = mode == 0 ? min(given, fate.most) : given }
    var hours: Range<Int64>?
    if let starts = published.integer("starts"), let ends = published.integer("ends") {
      hours = starts..<ends
    }
    let isReport = published.integer("category") == 4
    return Claim(
      id: grant.op.id, isOrganiser: community == organiser, date: grant.op.occurredOn,
      points: points, minutes: minutes, isTier: mode == 3 && given == nil,
      perDay: policy.integer("award.max_per_day"),
      perMonth: isReport ? policy.integer("award.max_reports_per_month") : nil, hours: hours,
      isApproved: own.contains { $0.kind?.name == "award.approve" }, activity: activity,
      ends: letsPointsEnd(grant.op.policy))
  }

  // MARK: A resident's awards together

  private mutating func pointsUnderLimits(_ all: [Claim], of resident: OpID) -> Int64 {
    var counted: [Claim] = []
    for claim in all.sorted(by: { $0.id < $1.id }) {
      let clashes = counted.contains { other in
        guard let hours = claim.hours, let others = other.hours, !other.isApproved else {
          return false
        }
        return other.date == claim.date && other.activity != claim.activity
          && hours.overlaps(others)
      }
      if claim.isApproved || !clashes { counted.append(claim) }
    }
    counted.sort { first, second in
      let one = (first.points, first.isTier ? first.minutes : 0)
      let two = (second.points, second.isTier ? second.minutes : 0)
      return one == two ? first.id < second.id : one > two
    }
    counted = limit(counted, to: \.perMonth) { "\($0.date.civil.year)-\($0.date.civil.month)" }
    counted = limit(counted, to: \.perDay) { $0.date.description }
    var hours: [Int: Int64] = [:]
    var endingYears: Set<Int> = []
    for claim in counted {
      let year = claim.date.civil.year
      if claim.isTier { hours[year, default: 0] += claim.minutes }
      guard claim.ends else { continue }
      ending[resident, default: []].append((claim.date, claim.points, 0))
      if claim.isTier, claim.minutes > 0 { endingYears.insert(year) }
    }
    for year in endingYears {
      guard let day = BusinessDate(year: year, month: 12, day: 31) else { continue }
      ending[resident, default: []].append((day, scaled(hours[year] ?? 0), 0))
    }
    return counted.reduce(0) { $0 + $1.points } + hours.values.reduce(0) { $0 + scaled($1) }
  }

  private func limit(
    _ claims: [Claim], to limit: (Claim) -> Int64?, per stretch: (Claim) -> String
  ) -> [Claim] {
    var counts: [String: Int64] = [:]
    return claims.filter { claim in
      guard let most = limit(claim) else { return true }
      guard counts[stretch(claim), default: 0] < most else { return false }
      counts[stretch(claim), default: 0] += 1
      return true
    }
  }

  /// Minute by minute: what the falling scale gives for a year's hours, in whole points.
  private func scaled(_ minutes: Int64) -> Int64 {
    var parts: Int64 = 0
    for minute in 0..<minutes {
      parts += minute < 1_200 ? 12 : minute < 4_800 ? 6 : minute < 12_000 ? 4 : 3
    }
    return parts / 720
  }

  // MARK: Rounds

  func isEffective(_ reversal: Fact, on award: Fact) -> Bool {
    let organiser = award.reference("activity").flatMap { communities[$0.replica] }
    let own = communities[reversal.op.id.replica]
    return isEntitled(reversal) && reversal.op.actor != award.op.actor
      && (own == communities[award.op.id.replica] || own == organiser)
  }

  /// A grant that names a reversal is of the round after the one that the reversal ended; of the
  /// same one, where the reversal has no effect.
  private func round(of grant: Fact) -> Round? {
    guard grant.kind?.name == "award.grant", let resident = grant.reference("resident"),
      exists(resident, "resident.register"), let activity = grant.reference("activity"),
      exists(activity, "activity.publish")
    else { return nil }
    let key = AwardKey(
      resident: resident, activity: activity, session: grant.integer("session") ?? 1,
      role: grant.integer("role") ?? 0)
    guard let after = grant.reference("after") else { return Round(key: key, number: 0) }
    guard let reversal = ops[after], let award = reversal.reference("award").flatMap({ ops[$0] }),
      let ended = round(of: award), ended.key == key
    else { return nil }
    return Round(key: key, number: ended.number + (isEffective(reversal, on: award) ? 1 : 0))
  }
}
