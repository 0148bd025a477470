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

/// The next day on which points of a community end, and how many of whose.
package struct ExpiryNotice: Sendable, Equatable {
  /// The last day on which they can be spent.
  package let lastDay: BusinessDate
  private let year: Int64
  private let rule: Policy.Expiry

  /// The first end of points on a day or after it; nil where the rules let none end.
  package init?(_ rule: Policy.Expiry, from day: BusinessDate) {
    // Points of a year end two years later at the most.
    let first = Int64(day.civil.year) - 2
    for year in first...(first + 2) {
      guard let last = rule.lastDay(of: year), last >= day else { continue }
      lastDay = last
      self.year = year
      self.rule = rule
      return
    }
    return nil
  }

  /// What of a resident's points ends that day unless it is spent.
  ///
  /// - Parameters:
  ///   - sheet: The resident's rows of the table `year_sheet`.
  ///   - expired: What ended before.
  ///   - balance: What the account holds: nobody loses more.
  /// - Returns: 0 or more.
  package func points(_ sheet: [[Cell]], expired: Int64, balance: Int64) -> Int64 {
    max(0, min(ResidentExpiry.ending(sheet, with: year, rule) - expired, balance))
  }

  /// The household in which a resident lives on a day, packed; nil for none.
  package static func household<S: FoldState>(
    of resident: OpID, on day: BusinessDate, in state: S
  ) throws(S.Failure) -> Int64? {
    try MemberFold.household(of: resident, on: Int64(day.day), in: state)
  }

  /// Whether a resident was registered as under 14.
  package static func isChild<S: FoldState>(
    _ resident: OpID, in state: S
  ) throws(S.Failure) -> Bool { try AgeBand.of(resident, in: state) == .child }
}
