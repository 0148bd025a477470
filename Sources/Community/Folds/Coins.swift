import OpLog

/// Some coins of one denomination.
package struct CoinCount: Hashable, Sendable {
  /// 2 or 3 points.
  package let denomination: Int64
  /// How many.
  package let count: Int64

  /// Makes a count.
  package init(denomination: Int64, count: Int64) {
    self.denomination = denomination
    self.count = count
  }

  /// Reads the coins of a payload: one count for each denomination named, ascending.
  static func list(_ records: [Payload]) -> [CoinCount] {
    guard !records.isEmpty else { return [] }
    return Coins.denominations.compactMap { denomination in
      let named = records.filter { $0.integer(1) == denomination }
      guard !named.isEmpty else { return nil }
      return CoinCount(
        denomination: denomination, count: named.reduce(0) { $0 + ($1.integer(2) ?? 0) })
    }
  }
}

/// Coins are bearer instruments: nobody knows whose they are, only how many there are.
///
/// For each denomination vault + out + destroyed = printed, over all offices; `out` of one office may
/// be below zero, because a coin goes where it likes.
package enum Coins {
  /// What coins are worth, in points.
  package static let denominations: [Int64] = [2, 3]

  /// How coins moved.
  enum Move: String {
    case printed, destroyed, counted, issue, payment, collect, payback
  }

  /// The coins of a payload.
  static let field = FieldType.records(
    [
      .required("denomination", .integer(2...3)), .required("count", .integer(1...9_999)),
    ], 1...2)

  /// The points that coins are worth.
  package static func value(_ coins: [CoinCount]) -> Int64 {
    coins.reduce(0) { $0 + $1.denomination * $1.count }
  }

  /// The coins of a purse that pay a price exactly, the most threes first; nil when none do.
  ///
  /// - Parameters:
  ///   - price: Points, 0 or more.
  ///   - twos: Coins of 2 in the purse.
  ///   - threes: Coins of 3 in the purse.
  /// - Returns: One count for each denomination used. O(price).
  package static func exact(_ price: Int64, twos: Int64, threes: Int64) -> [CoinCount]? {
    guard price >= 0 else { return nil }
    var used = min(threes, price / 3)
    while used >= 0 {
      let rest = price - used * 3
      if rest % 2 == 0, rest / 2 <= twos {
        return [
          CoinCount(denomination: 2, count: rest / 2), CoinCount(denomination: 3, count: used),
        ].filter { $0.count > 0 }
      }
      used -= 1
    }
    return nil
  }

  /// The coins of a purse that pay a price with the least left over; nil when all are not enough.
  ///
  /// - Parameters:
  ///   - price: Points, 0 or more.
  ///   - twos: Coins of 2 in the purse.
  ///   - threes: Coins of 3 in the purse.
  /// - Returns: One count for each denomination used; their value is the price where that is possible.
  package static func least(_ price: Int64, twos: Int64, threes: Int64) -> [CoinCount]? {
    let all = twos * 2 + threes * 3
    guard price >= 0, price <= all else { return nil }
    for value in price...all {
      if let coins = exact(value, twos: twos, threes: threes) { return coins }
    }
    return nil
  }

  /// Whether a price can be paid with coins at all.
  package static func canPay(_ price: Int64) -> Bool { price != 1 }

  /// Writes down that an op moved coins at its writer's office, whether or not it counts.
  static func move<S: FoldState>(
    _ coins: [CoinCount], _ move: Move, counts: Bool, resident: OpID?, _ entry: Entry, in state: S
  ) throws(S.Failure) {
    for coin in coins {
      let row: [Cell] = [
        .id(entry.op.id), .integer(coin.denomination), .text(move.rawValue),
        .text(counts ? "posted" : "void"), .integer(Int64(entry.op.id.replica.rawValue)),
        .id(resident), .integer(coin.count), .integer(Int64(entry.op.occurredOn.day)),
      ]
      try Facts.put(row, in: Tables.coinMove, isFirst: entry.isFirst, state)
    }
  }

  /// What moves in an office's box: vault, out, destroyed, printed.
  static let postings: @Sendable ([Cell]) -> [Posting] = { row in
    guard row[3] == .text("posted"), let office = row[4].integer,
      let kind = Move(rawValue: row[2].text),
      let denomination = row[1].integer, let count = row[6].integer
    else { return [] }
    let amounts: [Int64] =
      switch kind {
      case .printed: [count, 0, 0, count]
      case .destroyed: [-count, 0, count, 0]
      case .issue, .payback: [-count, count, 0, 0]
      case .payment, .collect, .counted: [count, -count, 0, 0]
      }
    return [
      Posting(.coinBox, office, denomination, amounts: amounts),
      Posting(.coinTotal, denomination, amounts: [amounts[1], amounts[3] - amounts[2]]),
    ]
  }

  /// What coins take from an account or give to it.
  static let pointPostings: @Sendable ([Cell]) -> [Posting] = { row in
    guard row[2] == .text("posted"), let account = row[3].integer, let points = row[4].integer,
      points != 0, let uncovered = row[9].integer, let office = row[1].id?.replica
    else { return [] }
    var postings = [Posting(.account, account, amounts: [points, 0, -points, uncovered])]
    if uncovered != 0 {
      postings.append(Posting(.office, Int64(office.rawValue), amounts: [uncovered]))
    }
    return postings
      + YearBucket.posting(
        account, spent: row[7].integer, earned: row[8].integer, points: points,
        credit: row[6].integer ?? 0)
  }

  /// A box that gave out more than it held.
  static let standingDesk: @Sendable ([Cell]) -> [DeskEntry] = { row in
    guard let office = row[0].integer, let denomination = row[1].integer,
      let vault = row[2].integer, vault < 0
    else { return [] }
    return [DeskEntry(.coinsMissing, subject: office << 32, detail: denomination)]
  }

  /// Coins that came back and nobody ever handed out, on the whole street: of no office alone, so the
  /// subject is the street's first hub.
  static let totalDesk: @Sendable ([Cell]) -> [DeskEntry] = { row in
    guard let denomination = row[0].integer, let out = row[1].integer, out < 0 else { return [] }
    return [DeskEntry(.coinsUnissued, subject: streetSubject, detail: denomination)]
  }

  /// Why coins may not be taken in: the box would hold more than were ever printed.
  ///
  /// Coins that other offices handed out since the last sync are good, so only the office's own box is
  /// held against what exists.
  static func notPrinted<S: FoldState>(
    _ coins: [CoinCount], _ op: Op, in state: S
  ) throws(S.Failure) -> Refusal? {
    for coin in coins {
      let box = [Int64(op.id.replica.rawValue), coin.denomination]
      let vault = try state.row(Tables.coinBox, box)?[2].integer ?? 0
      let existing = try state.row(Tables.coinTotal, [coin.denomination])?[2].integer ?? 0
      if vault > existing {
        return .coinsNotPrinted(denomination: coin.denomination, printed: existing)
      }
    }
    return nil
  }

  private static let streetSubject: Int64 = 4096 << 32
}
