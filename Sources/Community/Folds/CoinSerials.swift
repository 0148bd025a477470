import OpLog

/// Coins with a number: one coin, so at the end of a day it is out or it is not.
///
/// Which of two with one number is good no program can tell. A number is followed day by day, whatever
/// the order within a day: on a day as many count as coming back as go out that day, and one more where
/// the coin was out before, the lowest ids first. Another one is kept apart for a look: it is in no box,
/// and a collection of it credits nobody. The coin was out before the first day that anything is
/// written of it, unless it was handed out that day. Goods that a kept coin paid for stay paid.
enum CoinSerials: Derivation {
  /// A numbered coin.
  struct Coin: Hashable, Comparable {
    let denomination: Int64
    let serial: Int64

    static func < (left: Coin, right: Coin) -> Bool {
      (left.denomination, left.serial) < (right.denomination, right.serial)
    }
  }

  /// The numbers of a payload's coins, as far as they are numbered; at most a hundred in one op.
  static let field = FieldType.records(
    [
      .required("denomination", .integer(2...3)), .required("serial", .integer(1...999_999)),
    ], 1...100)

  /// The numbers in a payload, each once, ascending.
  static func list(_ records: [Payload]) -> [Coin] {
    guard !records.isEmpty else { return [] }
    return Set(
      records.map { Coin(denomination: $0.integer(1) ?? 0, serial: $0.integer(2) ?? 0) }
    ).sorted()
  }

  /// Writes down that an op moved coins out or in; nothing while it does not count.
  static func note<S: FoldState>(
    _ coins: [Coin], isOut: Bool, counts: Bool, _ op: Op, in state: S
  ) throws(S.Failure) {
    for coin in coins {
      let key = [coin.denomination, coin.serial, op.id.packed]
      let row =
        key.map(Cell.integer) + [
          .integer(isOut ? 1 : 0), .integer(Int64(op.occurredOn.day)),
        ]
      try Facts.set(counts ? row : nil, key, in: Tables.coinSerial, state)
    }
  }

  /// The coins of an op without those that are kept for a look.
  static func good<S: FoldState>(
    _ coins: [CoinCount], _ numbered: [Coin], _ op: OpID, in state: S
  ) throws(S.Failure) -> [CoinCount] {
    guard !numbered.isEmpty else { return coins }
    var kept: [Int64: Int64] = [:]
    for coin in numbered
    where try state.row(Tables.keptCoin, [coin.denomination, coin.serial, op.packed]) != nil {
      kept[coin.denomination, default: 0] += 1
    }
    return coins.map {
      CoinCount(
        denomination: $0.denomination,
        count: max(0, $0.count - kept[$0.denomination, default: 0]))
    }
  }

  /// Says which coins of a number are kept, and books again what brought them.
  static func settle<S: FoldState>(_ key: AccountKey, in state: S) throws(S.Failure) {
    let coin = [key.first, key.second]
    let moves = try state.rows(Tables.coinSerial, under: coin)
    let kept = kept(among: moves)
    let before = Set(try state.rows(Tables.keptCoin, under: coin).compactMap { $0[2].integer })
    for op in before.symmetricDifference(kept).sorted() {
      let own = coin + [op]
      try Facts.set(
        kept.contains(op) ? own.map(Cell.integer) : nil, own, in: Tables.keptCoin, state)
      if let id = OpID(packed: op) { try bookAgain(id, in: state) }
    }
  }

  /// The ops whose coin came back while it was not out.
  private static func kept(among moves: [[Cell]]) -> Set<Int64> {
    let days = Dictionary(grouping: moves) { $0[4].integer ?? 0 }.sorted { $0.key < $1.key }
    var kept: Set<Int64> = []
    var out: Int?
    for (_, moves) in days {
      let issues = moves.count { $0[3] == .integer(1) }
      let back = moves.filter { $0[3] == .integer(0) }.compactMap { $0[2].integer }
      // Nobody wrote down how the coin got out that comes back first.
      let room = (out ?? (issues == 0 ? 1 : 0)) + issues
      kept.formUnion(back.dropFirst(room))
      out = min(1, max(0, room - back.count))
    }
    return kept
  }

  /// Books what an op did with coins again, after one of them became a kept one or none.
  private static func bookAgain<S: FoldState>(_ id: OpID, in state: S) throws(S.Failure) {
    if let collect = try Entry.again(id, 41, in: state) {
      return try CoinCollectFold.fold(collect, in: state)
    }
    guard let entry = try Entry.again(id, 23, in: state), let sale = try Sale(entry, in: state)
    else { return }
    for coin in sale.booked {
      guard let old = try state.row(Tables.coinMove, [id.packed, coin.denomination]) else {
        continue
      }
      var row = old
      row[6] = .integer(coin.count)
      if row != old { try state.replace(Tables.coinMove, old, by: row) }
    }
    if let row = try state.row(Tables.redemption, id: id.packed) {
      try RedemptionSteps.settle(row, adding: nil, in: state)
    }
  }

  /// Why numbers are not taken at a counter: there are more of them than coins, or a coin came back
  /// before and is not out.
  static func refusal<S: FoldState>(
    of numbered: [Coin], _ coins: [CoinCount], _ op: OpID, in state: S
  ) throws(S.Failure) -> Refusal? {
    for denomination in Coins.denominations {
      let numbers = numbered.count { $0.denomination == denomination }
      let count = coins.first { $0.denomination == denomination }?.count ?? 0
      if numbers > count { return .wouldNotCount(.posted, [.wrongQuantity]) }
    }
    for coin in numbered
    where try state.row(Tables.keptCoin, [coin.denomination, coin.serial, op.packed]) != nil {
      return .wouldNotCount(.posted, [.coinAgain])
    }
    return nil
  }

  /// A coin that is kept; the detail is 2000017 for the number 17 of the coins of 2.
  static let standingDesk: @Sendable ([Cell]) -> [DeskEntry] = { row in
    guard let denomination = row[0].integer, let serial = row[1].integer, let op = row[2].integer
    else { return [] }
    return [DeskEntry(.coinAgain, subject: op, detail: denomination * 1_000_000 + serial)]
  }
}
