import OpLog

/// What a person took of each item in a month, in all files of that person, where the office's rules
/// limit it.
///
/// The item's own limit goes before that of the rules (``OwnLimit``). The rows are there only for
/// redemptions under such rules: `resident_take` costs nothing elsewhere.
enum ItemLimit {
  /// Months since year 0, for keys.
  static func month(_ day: Int64) -> Int64 {
    guard let civil = BusinessDate(day: day)?.civil else { return 0 }
    return AwardMonth.number(year: Int64(civil.year), month: Int64(civil.month))
  }

  /// Writes down what a redemption took.
  static func note<S: FoldState>(
    _ sale: Sale, _ entry: Entry, _ policy: Policy?, in state: S
  ) throws(S.Failure) {
    guard let policy, policy[.itemLimit] != nil || policy[.minorPerDay] != nil else {
      return
    }
    let month = month(sale.day)
    for (index, line) in sale.lines.enumerated() {
      let row: [Cell] = [
        .id(sale.resident), .integer(month), .id(sale.id), .integer(Int64(index + 1)),
        .id(line.item), .integer(sale.isPending ? 0 : line.quantity), .integer(line.price),
        .integer(sale.day),
        line.terms.limit == nil ? policy[.itemLimit].map(Cell.integer) ?? .null : .null,
        .integer(0),
      ]
      try Facts.put(row, in: Tables.residentTake, isFirst: entry.isFirst, state)
    }
    try settle(try PersonFiles.of(sale.resident, in: state), month: month, in: state)
  }

  /// Counts what came back no longer; `back` is by line.
  static func take<S: FoldState>(
    _ back: [Int64], from sale: Sale, in state: S
  ) throws(S.Failure) {
    let month = month(sale.day)
    let prefix = [sale.resident.packed, month, sale.id.packed]
    let rows = try state.rows(Tables.residentTake, under: prefix)
    guard !rows.isEmpty else { return }
    for (row, pair) in zip(rows, zip(sale.lines, back)) {
      var left = row
      left[5] = .integer(sale.isPending ? 0 : pair.0.quantity - pair.1)
      if left != row { try state.replace(Tables.residentTake, row, by: left) }
    }
    try settle(try PersonFiles.of(sale.resident, in: state), month: month, in: state)
  }

  /// Judges all that a person took anew.
  static func settle<S: FoldState>(allOf files: [Int64], in state: S) throws(S.Failure) {
    var months: Set<Int64> = []
    for file in files {
      for row in try state.rows(Tables.residentTake, under: [file]) {
        if let month = row[1].integer { months.insert(month) }
      }
    }
    for month in months.sorted() { try settle(files, month: month, in: state) }
  }

  /// Says which takes of a month are over the limit: the later ids, because no order decides it.
  private static func settle<S: FoldState>(
    _ files: [Int64], month: Int64, in state: S
  ) throws(S.Failure) {
    var taken: [Int64: Int64] = [:]
    for row in try rows(of: files, month: month, in: state) {
      guard let item = row[4].integer, let quantity = row[5].integer else { continue }
      taken[item, default: 0] += quantity
      let isOver = quantity > 0 && taken[item, default: 0] > row[8].integer ?? .max
      var settled = row
      settled[9] = .integer(isOver ? 1 : 0)
      if settled != row { try state.replace(Tables.residentTake, row, by: settled) }
    }
  }

  private static func rows<S: FoldState>(
    of files: [Int64], month: Int64, in state: S
  ) throws(S.Failure) -> [[Cell]] {
    try PersonFiles.rows(
      Tables.residentTake, under: files.map { [$0, month] }, op: 2, in: state)
  }

  /// Why a person may not take more of an item this month, or a minor spend more today.
  static func refusal<S: FoldState>(
    of entry: Entry, _ resident: OpID, _ policy: Policy, in state: S
  ) throws(S.Failure) -> Refusal? {
    guard policy[.itemLimit] != nil || policy[.minorPerDay] != nil else { return nil }
    let day = Int64(entry.op.occurredOn.day)
    let files = try PersonFiles.of(resident, in: state)
    let rows = try rows(of: files, month: month(day), in: state)
    if let limit = policy[.itemLimit] {
      for line in entry.payload.records(2) {
        guard let item = line.reference(1),
          try ItemTerms.standing(of: item, on: day, in: state)?.limit == nil
        else { continue }
        let taken = rows.filter { $0[4].id == item }.reduce(0) { $0 + ($1[5].integer ?? 0) }
        if taken > limit { return .itemLimit(item: item, limit: limit, period: .month) }
      }
    }
    guard let limit = policy[.minorPerDay],
      try AgeBand.isMinor(resident, on: day, in: state)
    else { return nil }
    return spent(on: day, rows) > limit ? .minorLimit(limit: limit) : nil
  }

  /// What a minor may still spend on a day; nil for anybody else, and without such a rule.
  static func leftToMinor<S: FoldState>(
    _ resident: OpID, _ policy: Policy, on day: Int64, in state: S
  ) throws(S.Failure) -> Int64? {
    guard let limit = policy[.minorPerDay], try AgeBand.isMinor(resident, on: day, in: state) else {
      return nil
    }
    let files = try PersonFiles.of(resident, in: state)
    return limit - spent(on: day, try rows(of: files, month: month(day), in: state))
  }

  /// What rows of a month come to on one of its days.
  private static func spent(on day: Int64, _ rows: [[Cell]]) -> Int64 {
    rows.filter { $0[7].integer == day }
      .reduce(0) { $0 + ($1[5].integer ?? 0) * ($1[6].integer ?? 0) }
  }

  /// The lines that are over the limit.
  static let standingDesk: @Sendable ([Cell]) -> [DeskEntry] = { row in
    guard row[9] == .integer(1), let redemption = row[2].integer, let line = row[3].integer else {
      return []
    }
    return [DeskEntry(.itemLimit, subject: redemption, detail: line)]
  }
}
