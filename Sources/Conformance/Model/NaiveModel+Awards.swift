import Community
import OpLog

/// Which record of an award counts: `COVERAGE.md`, cases 2, 3, 18, 19, and 20.
extension NaiveModel {
  struct AwardKey: Hashable {
    let resident: OpID
    let activity: OpID
    let session: Int64
    let role: Int64
  }

  private struct Round: Hashable {
    let key: AwardKey
    let number: Int
  }

  /// An award that somebody took back by mistake.
  private struct Mistake {
    let reversal: OpID
    let claim: AwardClaim
    let award: CountedAward
  }

  /// What the steps of an activity come to.
  struct Fate {
    var most: Int64
    var cancelledAt: Place?
  }

  mutating func countAwards() {
    let fates = fates()
    let decisions = (ops("award.approve") + ops("award.reject")).filter { isEntitled($0) }
      .sorted { isEarlier($0.op.id, $1.op.id) }
    var records: [Round: [AwardClaim]] = [:]
    for grant in ops("award.grant") {
      if let fate = grant.reference("activity").flatMap({ fates[$0] }) {
        couldBring[grant.op.id] = mostBrought(by: grant, fate, ops("award.approve"))
      }
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
    var counted: [OpID: [AwardClaim]] = [:]
    var mistakes: [OpID: [Mistake]] = [:]
    for (round, records) in records {
      // The organiser's record is preferred, else the one with the lower value counts.
      let own = records.filter(\.isOrganiser)
      let least = records.min { ($0.points, $0.minutes, $0.id) < ($1.points, $1.minutes, $1.id) }
      guard let claim = own.min(by: { $0.id < $1.id }) ?? least else { continue }
      let award = CountedAward(
        resident: round.key.resident, activity: round.key.activity, session: round.key.session,
        role: round.key.role, rank: claim.isOrganiser ? 0 : 1, op: claim.id,
        minutes: claim.minutes)
      note(round.number, of: round.key, takenBackBy: reversals[round])
      if let reversal = reversals[round] {
        guard ops[reversal]?.integer("cause") == 0 else { continue }
        let mistake = Mistake(reversal: reversal, claim: claim, award: award)
        mistakes[award.resident, default: []].append(mistake)
        continue
      }
      counted[award.resident, default: []].append(claim)
      countedAwards += 1
      awards.append(award)
    }
    let surplus = surplusAwards()
    for (resident, claims) in counted {
      let own = claims.filter { !surplus.contains($0.id) }
      overlapping.formUnion(own.filter { !stands($0, among: own) }.map(\.id))
      let worth = points(of: own, for: resident)
      if worth != 0 { accounts[resident, default: Account()].earned += worth }
    }
    for (resident, mistakes) in mistakes {
      let claims = (counted[resident] ?? []).filter { !surplus.contains($0.id) }
      countLosses(by: mistakes, of: resident, beside: claims)
    }
  }

  /// What reversals by mistake took of what counted: each, the lowest first, with the awards of all
  /// later ones still there.
  private mutating func countLosses(
    by mistakes: [Mistake], of resident: OpID, beside claims: [AwardClaim]
  ) {
    let sorted = mistakes.filter { !isBetterUnderOtherFile($0.award) }
      .sorted { $0.reversal < $1.reversal }
    for (index, mistake) in sorted.enumerated() {
      let later = sorted[(index + 1)...].map(\.claim)
      let taken = worth(of: claims + [mistake.claim] + later) - worth(of: claims + later)
      if taken > 0 { takenBack[mistake.reversal] = (resident, taken) }
    }
  }

  func isEarlier(_ left: OpID, _ right: OpID) -> Bool {
    let (one, two) = (place(left), place(right))
    return one < two || (!(two < one) && left < right)
  }

  private func place(_ id: OpID) -> Place {
    places[id] ?? Place(receipt: nil, run: 0, seq: id.seq)
  }

  // MARK: Activities

  func fates() -> [OpID: Fate] {
    var fates: [OpID: Fate] = [:]
    for activity in ops("activity.publish") where isEntitled(activity) {
      func steps(_ kind: String) -> [Fact] {
        ops(kind).filter {
          $0.reference("activity") == activity.op.id && isEntitled($0)
            && communities[$0.op.id.replica] == communities[activity.op.id.replica]
        }
      }
      let announced =
        [activity]
        + steps("activity.amend").filter { amendment in
          amendment.references("replaces").allSatisfy {
            $0 == activity.op.id || ops[$0]?.reference("activity") == activity.op.id
          }
        }
      var fate = Fate(most: announced.compactMap { $0.integer("points") }.max() ?? 0)
      let undone = Set(
        ops("activity.reopen").filter {
          isEntitled($0) && communities[$0.op.id.replica] == communities[activity.op.id.replica]
        }.compactMap { $0.reference("step") })
      let ends = (steps("activity.cancel") + steps("activity.close")).filter {
        !undone.contains($0.op.id)
      }
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
  ) -> AwardClaim? {
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
    let usual = policy.integer("award.max_minutes")
    let isLarge = published.integer("large") == 1
    let most = isLarge ? policy.integer("award.max_minutes_large") ?? usual : usual
    let credited = grant.integer("minutes").map { min($0, most ?? .max) }
    let minutes = credited ?? 0
    // What is no day's work is a number, whatever the mode, and without a limit.
    let isWork = isWork(activity)
    let rule = published.integer("award_rule") ?? policy.integer("award.mode")
    let mode = isWork ? rule ?? 0 : 0
    var points = [min(grant.integer("points") ?? 0, fate.most), minutes / 60, minutes / 240, 0][
      Int(mode)]
    if let given { points = mode == 0 ? min(given, fate.most) : given }
    var hours: Range<Int64>?
    if let starts = announced("starts", of: activity), let ends = announced("ends", of: activity),
      starts < ends
    {
      hours = starts..<ends
    }
    let isReport = published.integer("category") == 4
    return AwardClaim(
      id: grant.op.id, isOrganiser: community == organiser, date: grant.op.occurredOn,
      points: points, minutes: minutes, isTier: mode == 3 && given == nil,
      perDay: isWork ? policy.integer("award.max_per_day") : nil,
      perMonth: isReport ? policy.integer("award.max_reports_per_month") : nil, hours: hours,
      isApproved: own.contains { $0.kind?.name == "award.approve" }, activity: activity,
      lastDay: lastDay(by: grant))
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
    guard grant.kind?.name == "award.grant", let key = key(of: grant) else { return nil }
    guard let after = grant.reference("after") else { return Round(key: key, number: 0) }
    guard let reversal = ops[after], let award = reversal.reference("award").flatMap({ ops[$0] }),
      let ended = round(of: award), ended.key == key
    else { return nil }
    return Round(key: key, number: ended.number + (isEffective(reversal, on: award) ? 1 : 0))
  }
  /// The part that a record is about; nil where there is no such activity or resident.
  func key(of record: Fact) -> AwardKey? {
    guard let resident = record.reference("resident"), exists(resident, "resident.register"),
      let activity = record.reference("activity"), exists(activity, "activity.publish")
    else { return nil }
    return AwardKey(
      resident: resident, activity: activity, session: record.integer("session") ?? 1,
      role: record.integer("role") ?? 0)
  }
}
