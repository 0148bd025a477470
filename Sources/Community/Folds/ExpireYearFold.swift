import OpLog

/// `points.expire_year`: the points that a community's residents earned up to a year end.
///
/// Unique by (community, year, rule): of several the one with the lowest id counts, until it is taken
/// back (``ClosingReverseFold``). Each award ends by the rule under which it was earned, so a year whose
/// rule changed ends twice, each time for its own points. What ends is derived from business dates, so a
/// redemption that comes late still lowers it (``ResidentExpiry``).
///
/// Nothing ends for the residents of the offices in `away`, which the hub had not heard since the last
/// day: for each of those a second op of the year, with `office`, says until when they could spend.
enum ExpireYearFold: Fold {
  /// The number in the catalogue.
  static let kind: KindNumber = 60

  static let schema = PayloadSchema([
    .required("community", .reference([2])), .required("year", .integer(1970...9_997)),
    .required("rule", .choice(["year_end", "carry_one_year"])),
    .optional("away", .records([.required("replica", .replica)], 1...512)),
    .optional("office", .replica), .optional("until", .date),
  ])

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    guard entry.isFirst else { return }
    let op = entry.op
    guard op.id.replica.isHub else {
      return try state.settle(op.id, Verdict(.void, [.onlyHub]), isFirst: true)
    }
    guard let year = YearEnd(entry.payload),
      try state.has(Tables.community, id: year.community.packed)
    else { return try state.settle(op.id, Verdict(.void, [.wrongReference]), isFirst: true) }
    guard let last = year.lastDay, op.occurredOn > last else {
      return try state.settle(op.id, Verdict(.void, [.beforeDeadline]), isFirst: true)
    }
    try settle(year, adding: op.id, in: state)
  }

  /// Settles a year's end again from all that was declared and taken back.
  static func settle<S: FoldState>(
    _ year: YearEnd, adding step: OpID, isReversal: Bool = false, in state: S
  ) throws(S.Failure) {
    let old = try state.row(year.table, year.key)
    let cells = old.map { Array($0[year.key.count...]) }
    let declared =
      (cells?[0].id.map { [$0] } ?? []) + OpList.decode(cells?[1].text ?? "")
      + (isReversal ? [] : [step])
    let reversals = OpList.decode(cells?[2].text ?? "") + (isReversal ? [step] : [])
    let rounds = try ClosingReverseFold.rounds(declared, reversals, in: state)
    var stated: Cell = .null
    if let counted = rounds.counted, let entry = try Entry.again(counted, kind, in: state),
      let counting = YearEnd(entry.payload)
    {
      stated = counting.stated
    }
    let row: [Cell] =
      year.key.map(Cell.integer) + [
        .id(rounds.counted), .list(declared.filter { $0 != rounds.counted }.sorted()),
        .list(reversals.sorted()), stated,
      ]
    try Facts.set(row, year.key, in: year.table, state)
    try rounds.settle(adding: step, in: state)
    guard old?[year.key.count].id != rounds.counted else { return }
    for resident in try state.rows(Tables.resident, under: []) {
      guard resident[2].id == year.community, let id = resident[0].integer else { continue }
      state.requeue(Reader(.residentExpiry, id))
    }
    for stay in try state.rows(Tables.residence, under: []) where stay[3].id == year.community {
      if let id = stay[0].integer { state.requeue(Reader(.residentExpiry, id)) }
    }
  }

  /// What declared a year's end.
  static func ops<S: FoldState>(of year: YearEnd, in state: S) throws(S.Failure) -> Set<OpID> {
    guard let row = try state.row(year.table, year.key) else { return [] }
    let place = year.key.count
    return Set((row[place].id.map { [$0] } ?? []) + OpList.decode(row[place + 1].text))
  }
}

/// What a `points.expire_year` ends: a year of a community, or that of an office that was away.
struct YearEnd {
  let community: OpID
  private let year: Int64
  private let rule: Policy.Expiry
  /// The offices from which the hub had not heard.
  let away: [Int64]
  private let late: (office: Int64, until: Int64)?

  /// Reads one; nil where only one of `office` and `until` is there.
  init?(_ payload: Payload) {
    guard let community = payload.reference(1), let year = payload.integer(2),
      let rule = Policy.Expiry(rawValue: (payload.integer(3) ?? 0) + 1)
    else { return nil }
    (self.community, self.year, self.rule) = (community, year, rule)
    away = Set(payload.records(4).compactMap { $0.integer(1) }).sorted()
    switch (payload.integer(5), payload.integer(6)) {
    case (nil, nil): late = nil
    case (let office?, let until?): late = (office, until)
    default: return nil
    }
  }

  /// The last day on which its points could be spent; nil where there is none.
  var lastDay: BusinessDate? {
    guard let last = rule.lastDay(of: year) else { return nil }
    return max(last, late.flatMap { BusinessDate(day: $0.until) } ?? last)
  }

  /// The table of such ends.
  var table: Table { late == nil ? Tables.expiryYear : Tables.expiryOffice }

  /// The natural key in table order.
  var key: [Int64] { [community.packed, year, rule.rawValue] + (late.map { [$0.office] } ?? []) }

  /// What the op that counts says beside: the offices that were away, or the last day of one.
  var stated: Cell {
    if let late { return .integer(late.until) }
    return away.isEmpty ? .null : .text(away.map(String.init).joined(separator: " "))
  }
}

/// What ended of a resident's points.
///
/// expired(≤ D) = max(expired before, earned with an end ≤ D − spent ≤ D, 0) for each deadline D that
/// the hub declared for the community in which the resident lived then: a function of business dates, so
/// the order in which offices sync does not matter. Where the account lay on D at an office that was away,
/// spending counts up to the later day that the hub declared for that office, and before it did nothing
/// ends.
///
/// What an op ended is what it adds to that maximum, in the order in which the hub declared: an op that
/// comes later takes nothing from the month and the community of an earlier one.
enum ResidentExpiry: Derivation {
  static func settle<S: FoldState>(_ key: AccountKey, in state: S) throws(S.Failure) {
    let resident = key.first
    guard let years = try years(of: resident, in: state) else { return }
    let sheet = try state.rows(Tables.yearSheet, under: [resident])
    var ends: [(op: Int64, points: Int64)] = []
    for year in years {
      guard let number = year[1].integer, let rule = year[2].integer.flatMap(Policy.Expiry.init),
        let last = rule.lastDay(of: number), let end = try end(year, last, resident, in: state),
        let op = end.op.integer
      else { continue }
      ends.append((op, ending(sheet, with: YearBucket(last), spentBy: end.last)))
    }
    var expired: Int64 = 0
    var rows: [Int64: [Cell]] = [:]
    for end in ends.sorted(by: { $0.op < $1.op }) where end.points > expired {
      rows[end.op] = [.integer(resident), .integer(end.op), .integer(end.points - expired)]
      expired = end.points
    }
    let old = try state.rows(Tables.expiry, under: [resident]).compactMap(\.[1].integer)
    for op in Set(old).union(rows.keys).sorted() {
      try Facts.set(rows[op], [resident, op], in: Tables.expiry, state)
    }
  }

  /// What ended of a resident's points, by all ops together.
  static func expired<S: FoldState>(
    of resident: OpID, in state: S
  ) throws(S.Failure) -> Int64 {
    try state.rows(Tables.expiry, under: [resident.packed]).reduce(0) { $0 + ($1[2].integer ?? 0) }
  }

  /// The years that ended where the resident lived on their last days; nil where there is nobody.
  private static func years<S: FoldState>(
    of resident: Int64, in state: S
  ) throws(S.Failure) -> [[Cell]]? {
    guard let account = OpID(packed: resident),
      let file = try state.row(Tables.resident, id: resident)
    else { return nil }
    let stays = try Residence.stays(of: account, in: state)
    guard stays.count > 1 else {
      return try state.rows(Tables.expiryYear, under: [file[2].integer ?? 0])
    }
    var years: [[Cell]] = []
    for (number, stay) in stays.enumerated() {
      let next = number + 1 < stays.count ? stays[number + 1].from : nil
      for year in try state.rows(Tables.expiryYear, under: [stay.community]) {
        guard let number = year[1].integer, let rule = year[2].integer.flatMap(Policy.Expiry.init),
          let last = rule.lastDay(of: number).map({ Int64($0.day) }), last >= stay.from,
          last < next ?? .max
        else { continue }
        years.append(year)
      }
    }
    return years
  }

  /// The op by which a year ended for a resident, and the last day of spending; nil where it has not.
  private static func end<S: FoldState>(
    _ year: [Cell], _ last: BusinessDate, _ resident: Int64, in state: S
  ) throws(S.Failure) -> (op: Cell, last: YearBucket)? {
    guard year[3] != .null else { return nil }
    let away = Set(year[6].text.split(separator: " ").compactMap { Int64($0) })
    guard !away.isEmpty, let id = OpID(packed: resident),
      let office = try Custody.of(id, in: state)?.home(on: last, in: state), away.contains(office)
    else { return (year[3], YearBucket(last)) }
    let key = year[..<3].compactMap(\.integer) + [office]
    guard let late = try state.row(Tables.expiryOffice, key), late[4] != .null,
      let until = late[7].integer.flatMap(BusinessDate.init(day:))
    else { return nil }
    return (late[4], YearBucket(max(until, last)))
  }

  /// The points of a resident's sheet that end with a deadline, or ended before it, and have not been
  /// spent by a day; below zero where more was spent.
  static func ending(
    _ sheet: [[Cell]], with deadline: YearBucket, spentBy last: YearBucket? = nil
  ) -> Int64 {
    let last = last ?? deadline
    return sheet.reduce(0) { sum, row in
      guard let bucket = row[1].integer else { return sum }
      let earned = bucket <= deadline.number ? row[2].integer ?? 0 : 0
      let spent = bucket <= last.number ? row[3].integer ?? 0 : 0
      return sum + earned - spent
    }
  }
}

extension Custody {
  /// At which office the account lay at the end of a day, by the dates of its gives; a retirement moves
  /// no account here: the hub names the retired office itself.
  func home<S: FoldState>(on day: BusinessDate, in state: S) throws(S.Failure) -> Int64 {
    var home = tenures[0].home
    for tenure in tenures.dropFirst() {
      let maker = try state.op(tenure.maker)
      if maker.kind != RetireFold.kind, maker.occurredOn <= day { home = tenure.home }
    }
    return home
  }
}
