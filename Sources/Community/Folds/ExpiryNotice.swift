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
  /// The last day on which they can be spent; nil where an office that was away sets it by its next
  /// sync.
  package let lastDay: BusinessDate?
  private let deadline: YearBucket
  /// The last day whose spending saves points; nil for the deadline itself.
  private let spentBy: YearBucket?
  /// The one before it: what ends with that is told with that, or has ended already.
  private let before: YearBucket?

  /// The end of a year's points for the residents of an office that was away; nil where none end.
  ///
  /// - Parameters:
  ///   - key: The community, the year, and the rule, as in `expiry_year`.
  ///   - until: Their last day, as far as it is known.
  package init?(waitingFor key: [Int64], until: BusinessDate?) {
    guard let rule = Policy.Expiry(rawValue: key[2]),
      let deadline = YearBucket.deadline(of: key[1], rule),
      let farthest = BusinessDate(day: BusinessDate.range.upperBound)
    else { return nil }
    self.init(
      lastDay: until, deadline: deadline, spentBy: YearBucket(until ?? farthest), before: nil)
  }

  private init(
    lastDay: BusinessDate?, deadline: YearBucket, spentBy: YearBucket? = nil, before: YearBucket?
  ) {
    (self.lastDay, self.deadline, self.spentBy, self.before) = (lastDay, deadline, spentBy, before)
  }

  /// The ends of points from a day up to another, the earliest first.
  package static func upcoming(from day: BusinessDate, through last: BusinessDate) -> [ExpiryNotice]
  {
    let year = Int64(day.civil.year)
    let ends = [
      (year - 1, Policy.Expiry.yearEnd), (year - 2, .carryOneYear), (year, .yearEnd),
      (year - 1, .carryOneYear),
    ]
    var notices: [ExpiryNotice] = []
    var before: YearBucket?
    for (year, rule) in ends {
      guard let lastDay = rule.lastDay(of: year), lastDay <= last,
        let deadline = YearBucket.deadline(of: year, rule)
      else { continue }
      if lastDay >= day {
        notices.append(ExpiryNotice(lastDay: lastDay, deadline: deadline, before: before))
      }
      before = deadline
    }
    return notices
  }

  /// The day in the table `year_sheet` with which a year's points end; nil where they do not end.
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
    let ending =
      ResidentExpiry.ending(sheet, with: deadline, spentBy: spentBy) - max(expired, earlier)
    return max(0, min(ending, balance - max(0, earlier - expired)))
  }

  /// At which office a resident's account lay at the end of a day, by the dates of its gives.
  package static func office<S: FoldState>(
    of resident: OpID, on day: BusinessDate, in state: S
  ) throws(S.Failure) -> Int64? {
    try Custody.of(resident, in: state)?.home(on: day, in: state)
  }

  /// In which community a resident lived at the end of a day.
  package static func community<S: FoldState>(
    of resident: OpID, on day: BusinessDate, in state: S
  ) throws(S.Failure) -> Int64? {
    Residence.community(on: Int64(day.day), try Residence.stays(of: resident, in: state))
  }

  /// What ended of a resident's points so far.
  package static func expired<S: FoldState>(
    of resident: OpID, in state: S
  ) throws(S.Failure) -> Int64 {
    try ResidentExpiry.expired(of: resident, in: state)
  }

  /// The offices that a `points.expire_year` says were away.
  package static func officesAway<S: FoldState>(
    by end: OpID, in state: S
  ) throws(S.Failure) -> [Int64] {
    try Entry.again(end, ExpireYearFold.kind, in: state).flatMap { YearEnd($0.payload) }?.away ?? []
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
    try DepartureFold.standing(of: resident, in: state)
      .contains { $0[2].integer == DepartureFold.died }
  }
}
