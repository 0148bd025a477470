import OpLog

/// A resident's month under the limits of the awards in it: per day, of reports, and at one time.
///
/// The highest-valued awards count, whichever came first; the others keep their hours. An award is
/// held to the limits of its own rules, and one without a limit takes no place of those with one.
enum AwardMonth: Derivation {
  /// The second part of the key: months since the year 0.
  static func number(year: Int64, month: Int64) -> Int64 { year * 12 + month - 1 }

  static func settle<S: FoldState>(_ key: AccountKey, in state: S) throws(S.Failure) {
    let prefix = [key.first, key.second / 12, key.second % 12 + 1]
    let claims = try claims(under: prefix, in: state)
    let new = claims.isEmpty ? nil : row(prefix, MonthCount(claims))
    let old = try state.row(Tables.awardMonth, prefix)
    try Facts.set(new, prefix, in: Tables.awardMonth, state)
    let before = old.map(leftOut) ?? []
    for id in before.symmetricDifference(new.map(leftOut) ?? []) {
      state.requeue(Reader(.coinIssues, id.packed))
    }
  }

  /// The awards of a resident's month, or of the whole year, that no other file of the person has.
  static func claims<S: FoldState>(
    under prefix: [Int64], in state: S
  ) throws(S.Failure) -> [MonthClaim] {
    var claims = try state.rows(Tables.awardClaim, under: prefix).compactMap(MonthClaim.init)
    for activity in Set(claims.map(\.activity)) {
      let surplus = try MergedAwards.surplus(of: prefix[0], activity: activity, in: state)
      if !surplus.isEmpty { claims.removeAll { surplus.contains($0.op) } }
    }
    return claims
  }

  /// Whether a posted award earned its points: no limit and no other file of the person held it back.
  static func counts<S: FoldState>(_ award: [Cell], in state: S) throws(S.Failure) -> Bool {
    let key = Tables.award.key(of: award)
    guard try state.row(Tables.mergedAward, key) == nil else { return false }
    guard award[13] != .integer(AwardRow.Basis.direct.rawValue), let id = award[6].id,
      let (year, month, _) = award[12].integer.flatMap({ BusinessDate(day: $0)?.civil })
    else { return true }
    let row = try state.row(Tables.awardMonth, [key[1], Int64(year), Int64(month)])
    return row.map { !leftOut($0).contains(id) } ?? false
  }

  /// The awards of a month that count for hours only.
  private static func leftOut(_ row: [Cell]) -> Set<OpID> {
    Set((8...10).flatMap { row[$0] == .null ? [] : OpList.decode(row[$0].text) })
  }

  private static func row(_ key: [Int64], _ month: MonthCount) -> [Cell] {
    func sum(_ value: (MonthClaim) -> Int64) -> Cell { .integer(month.sum(value)) }
    let atYearEnd = end(of: key[1], .yearEnd)
    let carried = end(of: key[1], .carryOneYear)
    return key.map(Cell.integer) + [
      .integer(Int64(month.counted.count)), sum(\.points),
      sum { $0.bucket == atYearEnd ? $0.points : 0 }, sum(\.minutes),
      sum { $0.bucket == atYearEnd ? $0.minutes : 0 },
      .list(month.overDay.sorted()), .list(month.overMonth.sorted()),
      .list(month.overlapping.sorted()),
      sum { $0.bucket == carried ? $0.points : 0 }, sum { $0.bucket == carried ? $0.minutes : 0 },
    ]
  }

  /// What a month adds to the account.
  static let postings: @Sendable ([Cell]) -> [Posting] = { row in
    guard let resident = row[0].integer, let year = row[1].integer, let points = row[4].integer
    else { return [] }
    var postings = [Posting(.account, resident, amounts: [points, points, 0, 0])]
    for (column, rule) in [(5, Policy.Expiry.yearEnd), (11, .carryOneYear)] {
      guard let ending = row[column].integer, ending != 0 else { continue }
      postings.append(Posting(.yearSheet, resident, end(of: year, rule), amounts: [ending, 0]))
    }
    return postings
  }

  /// The day with which a year's points end by a rule.
  static func end(of year: Int64, _ rule: Policy.Expiry) -> Int64 {
    YearBucket.deadline(of: year, rule)?.number ?? 0
  }

  /// The awards that count for hours only, and those that a person must look at.
  static let standingDesk: @Sendable ([Cell]) -> [DeskEntry] = { row in
    var entries: [DeskEntry] = []
    for (column, reason) in [(8, DeskReason.dailyCap), (9, .monthlyCap), (10, .overlap)]
    where row[column] != .null {
      entries += OpList.decode(row[column].text).map { DeskEntry(reason, subject: $0.packed) }
    }
    return entries
  }
}

/// A resident's year under the falling scale: points from the sum of its counted hours.
///
/// They end together: by the later of the rules under which hours that end were earned.
enum TierYear: Derivation {
  static func settle<S: FoldState>(_ key: AccountKey, in state: S) throws(S.Failure) {
    let prefix = [key.first, key.second]
    var (minutes, ending, carried): (Int64, Int64, Int64) = (0, 0, 0)
    for month in try state.rows(Tables.awardMonth, under: prefix) {
      minutes += month[6].integer ?? 0
      ending += month[7].integer ?? 0
      carried += month[12].integer ?? 0
    }
    let rule: Policy.Expiry = carried > 0 ? .carryOneYear : ending > 0 ? .yearEnd : .never
    let row: [Cell]? =
      minutes == 0
      ? nil
      : prefix.map(Cell.integer) + [
        .integer(minutes), .integer(HourScale.points(forMinutes: minutes)),
        .integer(AwardMonth.end(of: key.second, rule)),
      ]
    try Facts.set(row, prefix, in: Tables.tierYear, state)
  }

  /// What a year's hours add to the account.
  static let postings: @Sendable ([Cell]) -> [Posting] = { row in
    guard let resident = row[0].integer, let points = row[3].integer, let bucket = row[4].integer
    else { return [] }
    return [Posting(.account, resident, amounts: [points, points, 0, 0])]
      + YearBucket.posting(resident, spent: nil, earned: bucket, points: points, credit: points)
  }
}

/// Points for the hours of a year, each further hour counting less (威海海贝分).
enum HourScale {
  /// Up to how many hours of the year an hour has which part of 720 points.
  private static let steps: [(upToHours: Int64, minutesPerPoint: Int64)] = [
    (20, 60), (80, 120), (200, 180), (.max / 60, 240),
  ]

  /// The whole points for a year's minutes.
  static func points(forMinutes minutes: Int64) -> Int64 {
    // A common measure of the steps, so that the parts of two steps add up to whole points.
    let unit: Int64 = 720
    var (done, sum): (Int64, Int64) = (0, 0)
    for step in steps where minutes > done {
      let part = min(minutes, step.upToHours * 60) - done
      sum += part * (unit / step.minutesPerPoint)
      done += part
    }
    return sum / unit
  }
}
