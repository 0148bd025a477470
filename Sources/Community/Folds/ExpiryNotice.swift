import OpLog

extension Policy.Expiry {
  /// The last day on which points of a year can be spent; nil where they do not end.
  package func lastDay(of year: Int64) -> BusinessDate? {
    switch self {
    case .never: nil
    case .yearEnd: BusinessDate(year: Int(year), month: 12, day: 31)
    case .carryOneYear: BusinessDate(year: Int(year) + 2, month: 1, day: 31)
    }
  }
}

/// A day on which points end, and how many of whose.
///
/// Each point ends by the rule under which it was earned, whatever rule stands now.
package struct ExpiryNotice: Sendable, Equatable {
  /// The last day on which they can be spent.
  package let lastDay: BusinessDate
  private let deadline: YearBucket
  /// The one before it that is still to come: what ends with that is told with that.
  private let before: YearBucket?

  /// The ends of points from a day up to another, the earliest first.
  package static func upcoming(from day: BusinessDate, through last: BusinessDate) -> [ExpiryNotice]
  {
    let year = Int64(day.civil.year)
    let ends = [
      (year - 2, Policy.Expiry.carryOneYear), (year, .yearEnd), (year - 1, .carryOneYear),
    ]
    var notices: [ExpiryNotice] = []
    for (year, rule) in ends {
      guard let lastDay = rule.lastDay(of: year), lastDay >= day, lastDay <= last,
        let deadline = YearBucket.deadline(of: year, rule)
      else { continue }
      notices.append(
        ExpiryNotice(lastDay: lastDay, deadline: deadline, before: notices.last?.deadline))
    }
    return notices
  }

  /// The stretch in the table `year_sheet` with which a year's points end; nil where they do not end.
  package static func bucket(of year: Int64, _ rule: Policy.Expiry) -> Int64? {
    YearBucket.deadline(of: year, rule)?.number
  }

  /// What of a resident's points ends that day unless it is spent.
  ///
  /// - Parameters:
  ///   - sheet: The resident's rows of the table `year_sheet`.
  ///   - expired: What ended before.
  ///   - balance: What the account holds: nobody loses more.
  /// - Returns: 0 or more.
  package func points(_ sheet: [[Cell]], expired: Int64, balance: Int64) -> Int64 {
    let earlier = before.map { ResidentExpiry.ending(sheet, with: $0) } ?? 0
    let ending = ResidentExpiry.ending(sheet, with: deadline) - max(expired, earlier)
    return max(0, min(ending, balance - max(0, earlier - expired)))
  }

  /// The household in which a resident lives on a day, packed; nil for none.
  package static func household<S: FoldState>(
    of resident: OpID, on day: BusinessDate, in state: S
  ) throws(S.Failure) -> Int64? {
    try MemberFold.household(of: resident, on: Int64(day.day), in: state)
  }

  /// Whether a resident is said to be under 14 on a day.
  package static func isChild<S: FoldState>(
    _ resident: OpID, on day: BusinessDate, in state: S
  ) throws(S.Failure) -> Bool {
    try AgeBand.of(resident, on: Int64(day.day), in: state) == .child
  }

  /// Whether somebody recorded that a resident died, and nobody took it back.
  package static func hasDied<S: FoldState>(
    _ resident: OpID, in state: S
  ) throws(S.Failure) -> Bool {
    DepartureFold.standing(try state.rows(Tables.departure, under: [resident.packed]))
      .contains { $0[2].integer == DepartureFold.died }
  }
}
