import OpLog

/// `points.expire_year`: the points that a community's residents earned up to a year end.
///
/// Unique by (community, year): of several the one with the lowest id counts. What ends is derived
/// from business dates, so a redemption that comes late still lowers it (``ResidentExpiry``).
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
    guard YearBucket(op.occurredOn) > YearBucket.deadline(of: year, rule) else {
      return try state.settle(op.id, Verdict(.void, [.beforeDeadline]), isFirst: true)
    }
    let old = try state.row(Tables.expiryYear, [community.packed, year])
    let known = (old?[2].id.map { [$0] } ?? []) + OpList.decode(old?[4].text ?? "")
    let ops = (known + [op.id]).sorted()
    let counts = ops.first == op.id
    let row: [Cell] = [
      .id(community), .integer(year), .id(ops.first),
      counts ? .integer(rule.rawValue) : old?[3] ?? .integer(rule.rawValue),
      .list(Array(ops.dropFirst())),
    ]
    if let old {
      try state.replace(Tables.expiryYear, old, by: row)
    } else {
      try state.insert(Tables.expiryYear, row)
    }
    try state.settle(op.id, counts ? .plain : Verdict(.duplicate), isFirst: true)
    guard counts else { return }
    if let loser = old?[2].id { try state.settle(loser, Verdict(.duplicate), isFirst: false) }
    for resident in try state.rows(Tables.resident, under: []) {
      guard resident[2].integer == community.packed, let id = resident[0].integer else { continue }
      state.requeue(Reader(.residentExpiry, id))
    }
  }
}

/// What ended of a resident's points.
///
/// expired(≤ Y) = max(expired(≤ Y − 1), earned(≤ Y) − spent(≤ deadline of Y), 0): a function of
/// business dates, so the order in which offices sync does not matter.
enum ResidentExpiry: Derivation {
  static func settle<S: FoldState>(_ key: AccountKey, in state: S) throws(S.Failure) {
    let resident = key.first
    guard let community = try state.row(Tables.resident, id: resident)?[2].integer else { return }
    let years = try state.rows(Tables.expiryYear, under: [community])
    guard !years.isEmpty else { return }
    let sheet = try state.rows(Tables.yearSheet, under: [resident])
    var expired: (points: Int64, op: Cell) = (0, .null)
    for year in years {
      guard let number = year[1].integer, let rule = year[3].integer.flatMap(Policy.Expiry.init)
      else { continue }
      let ending = ending(sheet, with: number, rule)
      if ending > expired.points { expired = (ending, year[2]) }
    }
    let old = try state.row(Tables.expiry, [resident])
    let new: [Cell] = [.integer(resident), .integer(expired.points), expired.op]
    switch (old, expired.points > 0) {
    case (nil, false): break
    case (nil, true): try state.insert(Tables.expiry, new)
    case (let old?, true): if old != new { try state.replace(Tables.expiry, old, by: new) }
    case (let old?, false): try state.remove(Tables.expiry, old)
    }
  }

  /// The points of a resident's sheet that end with a year and have not been spent.
  static func ending(_ sheet: [[Cell]], with year: Int64, _ rule: Policy.Expiry) -> Int64 {
    sum(sheet, column: 2, through: .end(of: year))
      - sum(sheet, column: 3, through: .deadline(of: year, rule))
  }

  private static func sum(_ sheet: [[Cell]], column: Int, through last: YearBucket) -> Int64 {
    sheet.reduce(0) { sum, row in
      guard let bucket = row[1].integer, bucket <= last.number else { return sum }
      return sum + (row[column].integer ?? 0)
    }
  }
}
