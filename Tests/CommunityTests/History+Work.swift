import Community
import FoldKit
import OpLog

/// What random offices do about activities, attendance, and awards.
extension History {
  /// What they did, and may name later.
  struct Work {
    /// Sets of rules with limits, by community.
    var rules: [[OpID]] = []
    var checkIns: [OpID] = []
    var amendments: [OpID] = []
    var ends: [OpID] = []
  }

  /// Rules under which not every award counts in full.
  mutating func setWorkRules() throws {
    for community in 0...1 {
      var sets: [OpID] = []
      for mode in [0, Int64.random(in: 0...3, using: &dice), 3] {
        var rules: [Policy.Name: Int64] = [.awardPosting: roll(0...1), .awardMode: mode]
        rules[.awardsPerDay] = dice.once(in: 3) ? nil : dice.once(in: 4) ? 2 : 1
        rules[.reportsPerMonth] = dice.once(in: 3) ? nil : roll(1...2)
        rules[.awardMinutes] = dice.once(in: 2) ? nil : roll(30...900)
        rules[.backdateDays] = dice.once(in: 3) ? nil : roll(0...2)
        rules[.supplementDays] = dice.once(in: 3) ? nil : roll(0...2)
        rules[.expiry] = dice.once(in: 2) ? nil : 2
        sets.append(try street.setRules(rules, in: community))
      }
      work.rules.append(sets)
    }
  }

  /// The limiting rules of an office's community.
  mutating func workRules(at counter: Counter) -> OpID? {
    pick(work.rules[counter.office == street.offices[0] ? 0 : 1])
  }

  mutating func stepWork(at counter: Counter) throws {
    guard let activity = pick(activities.filter { holds($0, counter) }),
      let resident = pick(residents.filter { holds($0, counter) })
    else { return }
    switch roll(-5...19) {
    case -5:
      let known = work.amendments.filter { holds($0, counter) }
      let replaced = Set([activity] + [pick(known)].compactMap { $0 })
      let starts = roll(400...600)
      work.amendments.append(
        try street.amend(
          activity, points: dice.once(in: 2) ? roll(0...6) : nil,
          hours: dice.once(in: 2) ? starts...(starts + roll(0...200)) : nil,
          replaces: dice.once(in: 3) ? [activity] : Array(replaced), at: counter))
    case -4:
      guard let end = pick(work.ends.filter { holds($0, counter) }) else { return }
      let approver = street.staff[counter.office == street.offices[0] ? 2 : 4]
      try street.resume(end, at: Counter(office: counter.office, clerk: approver))
    case 0: try street.amend(activity, points: roll(0...6), at: counter)
    case 1:
      let date = street.today.adding(days: roll(-3...3))
      try street.amend(activity, heldOn: date, title: "雨天改期", at: counter)
    case -3, -1, 2: work.ends.append(try street.cancel(activity, at: counter))
    case -2, 3:
      work.ends.append(try street.close(activity, headcount: roll(1...30), at: counter))
    case 4...6:
      let session = dice.once(in: 3) ? roll(1...2) : nil
      work.checkIns.append(
        try street.checkIn(resident, activity, session: session, at: counter))
    case 7...8:
      guard let checkIn = pick(work.checkIns.filter { holds($0, counter) }) else { return }
      try street.checkOut(checkIn, minutes: roll(10...300), at: counter)
    case 9...10:
      let policy = dice.once(in: 8) ? nil : workRules(at: counter)
      let witness = pick(street.staff) ?? counter.clerk
      try street.supplement(
        resident, activity, minutes: roll(10...300), witness: witness, policy: policy,
        at: counter)
    case 11: activities.append(try announce(at: counter))
    default: try decide(at: counter)
    }
  }

  mutating func announce(at counter: Counter) throws -> OpID {
    let starts = roll(400...600)
    return try street.announce(
      points: roll(1...5), category: dice.once(in: 2) ? 4 : dice.once(in: 8) ? 8 : 0,
      hours: !dice.once(in: 3) ? starts...(starts + roll(100...400)) : nil,
      isLarge: dice.once(in: 3) ? true : nil,
      rule: dice.once(in: 3) ? Policy.AwardMode(rawValue: roll(0...3)) : nil, at: counter)
  }

  private mutating func decide(at counter: Counter) throws {
    let known = grants.map(\.id).filter { holds($0, counter) }
    guard !known.isEmpty else { return }
    let awards = Set((0..<roll(1...4)).compactMap { _ in pick(known) })
    let approver = street.staff[counter.office == street.offices[0] ? 2 : 4]
    let clerk = dice.once(in: 8) ? counter.clerk : approver
    let counter = Counter(office: counter.office, clerk: clerk)
    if dice.once(in: 3) {
      try street.reject(Array(awards), at: counter)
    } else {
      let points = dice.once(in: 4) ? roll(0...3) : nil
      try street.approve(Array(awards), points: points, at: counter)
    }
  }
}
