import OpLog

/// A stretch of a year in the table `year_sheet`: January, or the months after it.
///
/// Every deadline is the end of a stretch, so sums by stretch are all that expiry needs: what is spent
/// belongs to the stretch of its day, what is earned to the one with which it ends.
struct YearBucket: Comparable {
  /// Year × 2, plus 1 from February on; never 0, which in rows means that points do not end.
  let number: Int64

  /// The stretch of a business date.
  init(_ date: BusinessDate) {
    let (year, month, _) = date.civil
    number = Int64(year) * 2 + (month == 1 ? 0 : 1)
  }

  private init(number: Int64) { self.number = number }

  /// The last stretch whose spending saves points of a year: 31 December, or 31 January two years
  /// later; nil where they do not end.
  static func deadline(of year: Int64, _ rule: Policy.Expiry) -> YearBucket? {
    switch rule {
    case .never: nil
    case .yearEnd: YearBucket(number: year * 2 + 1)
    case .carryOneYear: YearBucket(number: (year + 2) * 2)
    }
  }

  /// The stretch with which points of a day end, by the rules that gave them; 0 where they do not end.
  static func end(of day: BusinessDate, _ policy: Policy?) -> Int64 {
    policy.flatMap { deadline(of: Int64(day.civil.year), $0.expiry) }?.number ?? 0
  }

  /// The stretch with which the points of a credit end, by the rules of its writer's community that
  /// the op names; 0 where they do not end.
  static func earned<S: FoldState>(by op: Op, in state: S) throws(S.Failure) -> Int64 {
    end(of: op.occurredOn, try Standing.policy(of: op, in: state))
  }

  /// What an account's movement adds to the sheet: `credit` of its points are earned and end with
  /// `earned`, the others undo spending of the stretch `spent`, or are spent where they are below zero.
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
