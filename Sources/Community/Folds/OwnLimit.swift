import OpLog

/// What a person took, in all files of that person, of an item that has a limit of its own.
///
/// As with ``ItemLimit`` what is over it counts and is on the desk, the later ids: goods gone stay gone.
/// The limits of the rules, for a person's month and a household's, do not count such pieces.
enum OwnLimit {
  /// Writes down what a redemption took, less what came back by line.
  static func note<S: FoldState>(
    _ sale: Sale, _ back: [Int64]? = nil, isFirst: Bool, in state: S
  ) throws(S.Failure) {
    guard sale.lines.contains(where: { $0.terms.limit != nil }) else { return }
    let month = ItemLimit.month(sale.day)
    var items: Set<Int64> = []
    for (index, line) in sale.lines.enumerated() {
      guard let limit = line.terms.limit else { continue }
      let left = sale.isPending ? 0 : line.quantity - (back?[index] ?? 0)
      let key = [
        sale.resident.packed, line.item.packed, month / 12, sale.id.packed, Int64(index + 1),
      ]
      let row: [Cell] =
        key.map(Cell.integer)
        + [month, left, limit, line.terms.period.rawValue, 0].map(Cell.integer)
      try Facts.put(row, in: Tables.itemTake, isFirst: isFirst, state)
      items.insert(line.item.packed)
    }
    let files = try PersonFiles.of(sale.resident, in: state)
    for item in items.sorted() { try settle(files, [item, month / 12], in: state) }
  }

  /// Judges all that a person took anew.
  static func settle<S: FoldState>(allOf files: [Int64], in state: S) throws(S.Failure) {
    var years: Set<[Int64]> = []
    for file in files {
      for row in try state.rows(Tables.itemTake, under: [file]) {
        years.insert(row[1...2].compactMap(\.integer))
      }
    }
    for year in years.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
      try settle(files, year, in: state)
    }
  }

  private static func rows<S: FoldState>(
    of files: [Int64], _ year: [Int64], in state: S
  ) throws(S.Failure) -> [[Cell]] {
    try PersonFiles.rows(Tables.itemTake, under: files.map { [$0] + year }, op: 3, in: state)
  }

  /// Says which takes of an item in a year are over their limit: the later ids, because no order decides
  /// it.
  private static func settle<S: FoldState>(
    _ files: [Int64], _ year: [Int64], in state: S
  ) throws(S.Failure) {
    var taken: [ItemTerms.Period: [Int64: Int64]] = [:]
    for row in try rows(of: files, year, in: state) {
      guard let month = row[5].integer, let quantity = row[6].integer, let limit = row[7].integer,
        let own = row[8].integer.flatMap(ItemTerms.Period.init)
      else { continue }
      for period in ItemTerms.Period.allCases {
        taken[period, default: [:]][period.number(ofMonth: month), default: 0] += quantity
      }
      let isOver = quantity > 0 && taken[own]?[own.number(ofMonth: month)] ?? 0 > limit
      var settled = row
      settled[9] = .integer(isOver ? 1 : 0)
      if settled != row { try state.replace(Tables.itemTake, row, by: settled) }
    }
  }

  /// Why a person may not take more of an item, by the terms that stand here, or not yet at that age.
  static func refusal<S: FoldState>(
    of entry: Entry, in state: S
  ) throws(S.Failure) -> Refusal? {
    guard let resident = entry.payload.reference(1) else { return nil }
    let day = Int64(entry.op.occurredOn.day)
    let month = ItemLimit.month(day)
    for line in entry.payload.records(2) {
      guard let item = line.reference(1),
        let terms = try ItemTerms.standing(of: item, on: day, in: state)
      else { continue }
      if let youngest = terms.youngest {
        for person in [resident, entry.payload.reference(7)].compactMap({ $0 }) {
          if let band = try AgeBand.of(person, on: day, in: state), band < youngest {
            return .wouldNotCount(.posted, [.underAge])
          }
        }
      }
      guard let limit = terms.limit else { continue }
      let files = try PersonFiles.of(resident, in: state)
      let taken = try rows(of: files, [item.packed, month / 12], in: state).filter {
        terms.period.number(ofMonth: $0[5].integer ?? 0) == terms.period.number(ofMonth: month)
      }.reduce(0) { $0 + ($1[6].integer ?? 0) }
      if taken > limit { return .itemLimit(item: item, limit: limit, period: terms.period) }
    }
    return nil
  }

  /// The lines that are over the limit.
  static let standingDesk: @Sendable ([Cell]) -> [DeskEntry] = { row in
    guard row[9] == .integer(1), let redemption = row[3].integer, let line = row[4].integer else {
      return []
    }
    return [DeskEntry(.itemLimit, subject: redemption, detail: line)]
  }
}
