import OpLog

/// What households take in a month and persons in a quarter, where the office's rules limit it.
///
/// As with ``ItemLimit``, a redemption under no such rule costs no row.
enum TakeLimits {
  /// Writes down what a redemption took.
  static func note<S: FoldState>(
    _ sale: Sale, _ policy: Policy, isFirst: Bool, in state: S
  ) throws(S.Failure) {
    if let most = policy[.redemptionsPerQuarter] {
      let row = QuarterLimit.row(of: sale, counts: !sale.isPending, most: most)
      try Facts.put(row, in: Tables.quarterTake, isFirst: isFirst, state)
      try QuarterLimit.settle(sale, in: state)
    }
    guard let limit = policy[.householdItemLimit] else { return }
    for (index, line) in sale.lines.enumerated() where line.terms.limit == nil {
      let row: [Cell] = [
        .id(sale.resident), .id(sale.id), .integer(Int64(index + 1)),
        .integer(ItemLimit.month(sale.day)), .id(line.item),
        .integer(sale.isPending ? 0 : line.quantity), .integer(sale.day), .integer(limit),
      ]
      try Facts.put(row, in: Tables.householdClaim, isFirst: isFirst, state)
    }
  }

  /// Counts what came back no longer; `back` is by line.
  static func take<S: FoldState>(
    _ back: [Int64], from sale: Sale, in state: S
  ) throws(S.Failure) {
    let left = zip(sale.lines, back).map { sale.isPending ? 0 : $0.quantity - $1 }
    if let old = try state.row(Tables.quarterTake, QuarterLimit.key(of: sale)) {
      let counts = left.contains { $0 > 0 }
      var row = QuarterLimit.row(of: sale, counts: counts, most: old[4].integer ?? 0)
      row[5] = old[5]
      if row != old { try state.replace(Tables.quarterTake, old, by: row) }
      try QuarterLimit.settle(sale, in: state)
    }
    let claims = try state.rows(
      Tables.householdClaim, under: [sale.resident.packed, sale.id.packed])
    for old in claims {
      guard let line = old[2].integer else { continue }
      var row = old
      row[5] = .integer(left[Int(line) - 1])
      if row != old { try state.replace(Tables.householdClaim, old, by: row) }
    }
  }

  /// Why a person may not redeem again this quarter, or a household take more of an item this month.
  static func refusal<S: FoldState>(
    of entry: Entry, _ resident: OpID, _ policy: Policy, in state: S
  ) throws(S.Failure) -> Refusal? {
    let id = entry.op.id
    let day = Int64(entry.op.occurredOn.day)
    if let most = policy[.redemptionsPerQuarter] {
      let left = try QuarterLimit.visitsLeft(to: resident, policy, on: day, in: state)
      if left ?? 0 < 0 { return .quarterLimit(limit: most) }
    }
    guard let limit = policy[.householdItemLimit],
      let home = try MemberFold.household(of: resident, on: day, in: state)
    else { return nil }
    let takes = try state.rows(
      Tables.householdTake, under: [home, ItemLimit.month(day)])
    for line in takes where line[2].id == id {
      guard let item = line[4].id else { continue }
      let taken = takes.filter { $0[4] == line[4] }.reduce(0) { $0 + ($1[5].integer ?? 0) }
      if taken > limit { return .householdLimit(item: item, limit: limit) }
    }
    return nil
  }
}

/// How often a person redeems in a quarter, in all files of that person.
enum QuarterLimit {
  /// Quarters since year 0, for keys.
  static func quarter(_ day: Int64) -> Int64 { ItemLimit.month(day) / 3 }

  /// The key of a redemption's row.
  static func key(of sale: Sale) -> [Int64] {
    [sale.resident.packed, quarter(sale.day), sale.id.packed]
  }

  /// A redemption's row, before it is known whether it is one too many.
  static func row(of sale: Sale, counts: Bool, most: Int64) -> [Cell] {
    key(of: sale).map(Cell.integer) + [.integer(counts ? 1 : 0), .integer(most), .integer(0)]
  }

  /// Judges the quarter of a redemption anew.
  static func settle<S: FoldState>(_ sale: Sale, in state: S) throws(S.Failure) {
    try settle(try PersonFiles.of(sale.resident, in: state), quarter(sale.day), in: state)
  }

  /// Judges all quarters of a person anew.
  static func settle<S: FoldState>(allOf files: [Int64], in state: S) throws(S.Failure) {
    var quarters: Set<Int64> = []
    for file in files {
      for row in try state.rows(Tables.quarterTake, under: [file]) {
        if let quarter = row[1].integer { quarters.insert(quarter) }
      }
    }
    for quarter in quarters.sorted() { try settle(files, quarter, in: state) }
  }

  /// How often a person may redeem again in the quarter of a day, below 0 where it was too often; nil
  /// without such a rule.
  static func visitsLeft<S: FoldState>(
    to resident: OpID, _ policy: Policy, on day: Int64, in state: S
  ) throws(S.Failure) -> Int64? {
    guard let most = policy[.redemptionsPerQuarter] else { return nil }
    let files = try PersonFiles.of(resident, in: state)
    let taken = try rows(of: files, quarter(day), in: state).filter { $0[3] == .integer(1) }
    return most - Int64(taken.count)
  }

  /// What a person redeemed in a quarter, in the order of op ids.
  static func rows<S: FoldState>(
    of files: [Int64], _ quarter: Int64, in state: S
  ) throws(S.Failure) -> [[Cell]] {
    try PersonFiles.rows(
      Tables.quarterTake, under: files.map { [$0, quarter] }, op: 2, in: state)
  }

  /// Says which redemptions of a quarter are too many: the later ids, because no order decides it.
  private static func settle<S: FoldState>(
    _ files: [Int64], _ quarter: Int64, in state: S
  ) throws(S.Failure) {
    var count: Int64 = 0
    for row in try rows(of: files, quarter, in: state) {
      let counts = row[3] == .integer(1)
      if counts { count += 1 }
      var settled = row
      settled[5] = .integer(counts && count > row[4].integer ?? .max ? 1 : 0)
      if settled != row { try state.replace(Tables.quarterTake, row, by: settled) }
    }
  }

  /// The redemption that is one too many.
  static let standingDesk: @Sendable ([Cell]) -> [DeskEntry] = { row in
    guard row[5] == .integer(1), let redemption = row[2].integer else { return [] }
    return [DeskEntry(.quarterLimit, subject: redemption)]
  }
}

/// What a person took, under the household in which the person lived that day.
enum HouseholdTakes: Derivation {
  static func settle<S: FoldState>(_ key: AccountKey, in state: S) throws(S.Failure) {
    let claims = try state.rows(Tables.householdClaim, under: [key.first])
    guard !claims.isEmpty else { return }
    let memberships = try state.rows(Tables.householdMember, under: [key.first])
    let households = Set(memberships.compactMap { $0[3].integer })
    for claim in claims {
      guard let redemption = claim[1].integer, let line = claim[2].integer,
        let month = claim[3].integer, let day = claim[6].integer
      else { continue }
      let home = MemberFold.household(in: memberships, on: day)
      for household in households.sorted() {
        let takeKey = [household, month, redemption, line]
        if household != home, try state.row(Tables.householdTake, takeKey) != nil {
          // The month gives its entries up before the month of another household may have them.
          try Facts.set(nil, [household, month], in: Tables.householdMonth, state)
        }
        let row = takeKey.map(Cell.integer) + [claim[4], claim[5], claim[7]]
        try Facts.set(household == home ? row : nil, takeKey, in: Tables.householdTake, state)
      }
    }
  }
}

/// What a household took in a month: which of it is over the limit.
enum HouseholdMonth: Derivation {
  static func settle<S: FoldState>(_ key: AccountKey, in state: S) throws(S.Failure) {
    let prefix = [key.first, key.second]
    var taken: [Int64: Int64] = [:]
    var over: [OpID] = []
    for row in try state.rows(Tables.householdTake, under: prefix) {
      guard let redemption = row[2].id, let item = row[4].id, let quantity = row[5].integer else {
        continue
      }
      taken[item.packed, default: 0] += quantity
      let isOver = quantity > 0 && taken[item.packed, default: 0] > row[6].integer ?? .max
      if isOver { over += [redemption, item] }
    }
    let row = prefix.map(Cell.integer) + [.text(OpList.encode(over))]
    try Facts.set(over.isEmpty ? nil : row, prefix, in: Tables.householdMonth, state)
  }

  /// What is over the limit; two lines of one item are one entry.
  static let standingDesk: @Sendable ([Cell]) -> [DeskEntry] = { row in
    let over = OpList.decode(row[2].text)
    let entries = stride(from: 0, to: over.count, by: 2).map {
      DeskEntry(.householdLimit, subject: over[$0].packed, detail: over[$0 + 1].packed)
    }
    return Array(Set(entries))
  }
}
