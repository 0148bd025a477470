import OpLog

/// What a resident's year of awards says beside its points: what reversals for mistakes of staff
/// took of it, and which coins its hours bear.
///
/// A reversal took what the year counted with its award less what it counted without, under the
/// limits of the month and by the scale of the year: where another award took the place, the
/// difference. Of several the one with the lowest id is looked at first, while the others' awards
/// still stood, so together they took what the year is poorer.
enum AwardYear: Derivation {
  static func settle<S: FoldState>(_ key: AccountKey, in state: S) throws(S.Failure) {
    let prefix = [key.first, key.second]
    try settleErrors(prefix, in: state)
    guard try state.row(Tables.tierYear, prefix) != nil else { return }
    for claim in try AwardMonth.claims(under: prefix, in: state) where claim.minutes > 0 {
      state.requeue(Reader(.coinIssues, claim.op.packed))
    }
  }

  private static func settleErrors<S: FoldState>(
    _ prefix: [Int64], in state: S
  ) throws(S.Failure) {
    let rows = try state.rows(Tables.lostAward, under: prefix)
    var errors: [Int64: [Cell]] = [:]
    if !rows.isEmpty {
      var claims = try AwardMonth.claims(under: prefix, in: state)
      var left = worth(of: claims)
      for row in rows.sorted(by: { $0[3].integer ?? 0 > $1[3].integer ?? 0 }) {
        guard let reversal = row[3].integer, let claim = MonthClaim(Array(row[..<3] + row[4...])),
          try !MergedAwards.isUnderOtherFile(claim.op, in: state)
        else { continue }
        claims.append(claim)
        let before = worth(of: claims)
        if before > left {
          errors[reversal] = [prefix[0], reversal, before - left, prefix[1]].map(Cell.integer)
        }
        left = before
      }
    }
    for old in try state.rows(Tables.awardError, under: [prefix[0]])
    where old[3].integer == prefix[1] {
      guard let reversal = old[1].integer, errors[reversal] == nil else { continue }
      try state.remove(Tables.awardError, old)
    }
    for (reversal, row) in errors.sorted(by: { $0.key < $1.key }) {
      try Facts.set(row, [prefix[0], reversal], in: Tables.awardError, state)
    }
  }

  /// What some awards of a year come to together.
  private static func worth(of claims: [MonthClaim]) -> Int64 {
    var (points, minutes): (Int64, Int64) = (0, 0)
    for month in Dictionary(grouping: claims, by: \.month).values {
      let count = MonthCount(month)
      points += count.sum(\.points)
      minutes += count.sum(\.minutes)
    }
    return points + HourScale.points(forMinutes: minutes)
  }

  /// What one award earned by its hours: what the scale gives for them after those of the awards
  /// before it, by day and then by id.
  ///
  /// So the awards of a year never earned more than the year.
  static func points<S: FoldState>(
    byHoursOf award: OpID, of resident: Int64, in year: Int64, _ state: S
  ) throws(S.Failure) -> Int64 {
    let claims = try AwardMonth.claims(under: [resident, year], in: state)
    let counted = Dictionary(grouping: claims, by: \.month).values.flatMap {
      MonthCount($0).counted
    }
    var minutes: Int64 = 0
    for claim in counted.sorted(by: { ($0.day, $0.op) < ($1.day, $1.op) }) {
      let before = HourScale.points(forMinutes: minutes)
      minutes += claim.minutes
      if claim.op == award { return HourScale.points(forMinutes: minutes) - before }
    }
    return 0
  }

  /// Keeps the award that a round lost by a mistake, as its row changes.
  static func note<S: FoldState>(
    _ old: [Cell], _ row: AwardRow, in state: S
  ) throws(S.Failure) {
    let new = try row.reversals.first.flatMap { (reversal) throws(S.Failure) in
      ReverseFold.isStaffError(try state.op(reversal)) ? row.lost(by: reversal) : nil
    }
    if let key = AwardRow.lostKey(of: old), new.map(Tables.lostAward.key) != key {
      try Facts.set(nil, key, in: Tables.lostAward, state)
    }
    if let new { try Facts.set(new, Tables.lostAward.key(of: new), in: Tables.lostAward, state) }
  }
}
