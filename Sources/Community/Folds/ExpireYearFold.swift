import OpLog

/// `points.expire_year`: the points that a community's residents earned up to a year end.
///
/// Unique by (community, year, rule): of several the one with the lowest id counts. Each award ends by
/// the rule under which it was earned, so a year whose rule changed ends twice, each time for its own
/// points. What ends is derived from business dates, so a redemption that comes late still lowers it
/// (``ResidentExpiry``).
enum ExpireYearFold: Fold {
  static let schema = PayloadSchema([
    .required("community", .reference([2])), .required("year", .integer(1970...9_997)),
    .required("rule", .choice(["year_end", "carry_one_year"])),
  ])

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    guard entry.isFirst else { return }
    let op = entry.op
    guard op.id.replica.isHub else {
      return try state.settle(op.id, Verdict(.void, [.onlyHub]), isFirst: true)
    }
    guard let community = entry.payload.reference(1), let year = entry.payload.integer(2),
      let rule = Policy.Expiry(rawValue: (entry.payload.integer(3) ?? 0) + 1),
      try state.has(Tables.community, id: community.packed)
    else { return try state.settle(op.id, Verdict(.void, [.wrongReference]), isFirst: true) }
    guard let deadline = YearBucket.deadline(of: year, rule), YearBucket(op.occurredOn) > deadline
    else { return try state.settle(op.id, Verdict(.void, [.beforeDeadline]), isFirst: true) }
    let key = [community.packed, year, rule.rawValue]
    let old = try state.row(Tables.expiryYear, key)
    let known = (old?[3].id.map { [$0] } ?? []) + OpList.decode(old?[4].text ?? "")
    let ops = (known + [op.id]).sorted()
    let counts = ops.first == op.id
    let row = key.map(Cell.integer) + [.id(ops.first), .list(Array(ops.dropFirst()))]
    if let old {
      try state.replace(Tables.expiryYear, old, by: row)
    } else {
      try state.insert(Tables.expiryYear, row)
    }
    try state.settle(op.id, counts ? .plain : Verdict(.duplicate), isFirst: true)
    guard counts else { return }
    if let loser = old?[3].id { try state.settle(loser, Verdict(.duplicate), isFirst: false) }
    for resident in try state.rows(Tables.resident, under: []) {
      guard resident[2].integer == community.packed, let id = resident[0].integer else { continue }
      state.requeue(Reader(.residentExpiry, id))
    }
  }
}

/// What ended of a resident's points.
///
/// expired(≤ D) = max(expired before, earned with an end ≤ D − spent ≤ D, 0) for each deadline D that
/// the hub declared: a function of business dates, so the order in which offices sync does not matter.
enum ResidentExpiry: Derivation {
  static func settle<S: FoldState>(_ key: AccountKey, in state: S) throws(S.Failure) {
    let resident = key.first
    guard let community = try state.row(Tables.resident, id: resident)?[2].integer else { return }
    let years = try state.rows(Tables.expiryYear, under: [community])
    guard !years.isEmpty else { return }
    let sheet = try state.rows(Tables.yearSheet, under: [resident])
    var expired: (points: Int64, op: Cell) = (0, .null)
    for year in years {
      guard let number = year[1].integer, let rule = year[2].integer.flatMap(Policy.Expiry.init),
        let deadline = YearBucket.deadline(of: number, rule)
      else { continue }
      let ending = ending(sheet, with: deadline)
      if ending > expired.points { expired = (ending, year[3]) }
    }
    let row: [Cell] = [.integer(resident), .integer(expired.points), expired.op]
    try Facts.set(expired.points > 0 ? row : nil, [resident], in: Tables.expiry, state)
  }

  /// The points of a resident's sheet that end with a deadline, or ended before it, and have not been
  /// spent by then; below zero where more was spent.
  static func ending(_ sheet: [[Cell]], with deadline: YearBucket) -> Int64 {
    sheet.reduce(0) { sum, row in
      guard let bucket = row[1].integer, bucket <= deadline.number else { return sum }
      return sum + (row[2].integer ?? 0) - (row[3].integer ?? 0)
    }
  }
}
