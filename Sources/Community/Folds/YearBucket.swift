import OpLog

/// A stretch of a year in the table `year_sheet`: January, or the months after it.
///
/// Every deadline is the end of a stretch, so sums by stretch are all that expiry needs.
struct YearBucket: Comparable {
  /// Year × 2, plus 1 from February on; never 0, which in rows means that points do not end.
  let number: Int64

  /// The stretch of a business date.
  init(_ date: BusinessDate) {
    let (year, month, _) = date.civil
    number = Int64(year) * 2 + (month == 1 ? 0 : 1)
  }

  private init(number: Int64) { self.number = number }

  /// The last stretch of a year.
  static func end(of year: Int64) -> YearBucket { YearBucket(number: year * 2 + 1) }

  /// The last stretch whose spending saves points of a year: 31 December, or 31 January two years
  /// later.
  static func deadline(of year: Int64, _ rule: Policy.Expiry) -> YearBucket {
    rule == .carryOneYear ? YearBucket(number: (year + 2) * 2) : end(of: year)
  }

  /// The stretch whose spending a debit is, by the rules that its op names; 0 where points do not end.
  ///
  /// A visitor's always counts: the rules of the place say nothing of the visitor's points.
  static func spent<S: FoldState>(
    by op: Op, of resident: [Cell], in state: S
  ) throws(S.Failure) -> Int64 {
    let community = try Standing.community(of: op.id.replica, in: state)
    guard resident[2].integer == community else { return YearBucket(op.occurredOn).number }
    return try earned(by: op, in: state)
  }

  /// The stretch whose points a credit adds to, by the rules that its op names; 0 where they do not
  /// end.
  static func earned<S: FoldState>(by op: Op, in state: S) throws(S.Failure) -> Int64 {
    guard let id = op.policy, let policy = try state.row(Tables.policy, id: id.packed),
      Policy(row: policy).expiry != .never
    else { return 0 }
    return YearBucket(op.occurredOn).number
  }

  /// What an account's movement adds to a stretch: `credit` of its points are earned there, the
  /// others undo spending, or are spent where they are below zero.
  static func posting(
    _ account: Int64, _ bucket: Int64?, points: Int64, credit: Int64
  ) -> [Posting] {
    guard let bucket, bucket != 0, points != 0 else { return [] }
    return [Posting(.yearSheet, account, bucket, amounts: [credit, credit - points])]
  }

  static func < (left: YearBucket, right: YearBucket) -> Bool { left.number < right.number }
}
