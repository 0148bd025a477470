import OpLog

/// A day in the table `year_sheet`: what is spent belongs to its own day, what is earned to the last one
/// on which it can be spent.
struct YearBucket: Comparable {
  /// The day; never 0, which in rows means that points do not end.
  let number: Int64

  /// The bucket of a business date; the first two days of all are one.
  init(_ date: BusinessDate) { number = max(1, Int64(date.day)) }

  /// The last day whose spending saves points of a year: 31 December, or 31 January two years later;
  /// nil where they do not end.
  static func deadline(of year: Int64, _ rule: Policy.Expiry) -> YearBucket? {
    rule.lastDay(of: year).map(YearBucket.init)
  }

  /// Whether a deadline lies between an earlier day and this one.
  func isAfterDeadline(of earlier: YearBucket) -> Bool {
    guard let day = BusinessDate(day: earlier.number) else { return false }
    let (year, month, _) = day.civil
    let next =
      month == 1
      ? BusinessDate(year: year, month: 1, day: 31) : BusinessDate(year: year, month: 12, day: 31)
    return next.map { YearBucket($0) < self } ?? false
  }

  /// The last day of points that are given on a day, by the rules that gave them; 0 where they do not end.
  static func end(of day: BusinessDate, _ policy: Policy?) -> Int64 {
    policy.flatMap { deadline(of: Int64(day.civil.year), $0.expiry) }?.number ?? 0
  }

  /// The last day of the points of a credit, by the rules of its writer's community that the op names;
  /// 0 where they do not end.
  static func earned<S: FoldState>(by op: Op, in state: S) throws(S.Failure) -> Int64 {
    end(of: op.occurredOn, try Standing.policy(of: op, in: state))
  }

  /// What an account's movement adds to the sheet: `credit` of its points are earned and end with
  /// `earned`, the others undo spending of the day `spent`, or are spent where they are below zero.
  ///
  /// What comes back too late to undo it (`spent` is 0) is earned anew.
  static func posting(
    _ account: Int64, spent: Int64?, earned: Int64?, points: Int64, credit: Int64
  ) -> [Posting] {
    var (new, undone) = (credit, points - credit)
    if spent ?? 0 == 0 { (new, undone) = (points, 0) }
    var postings: [Posting] = []
    if let earned, earned != 0, new != 0 {
      postings.append(Posting(.yearSheet, account, earned, amounts: [new, 0]))
    }
    if let spent, undone != 0 {
      postings.append(Posting(.yearSheet, account, spent, amounts: [0, -undone]))
    }
    return postings
  }

  static func < (left: YearBucket, right: YearBucket) -> Bool { left.number < right.number }
}
