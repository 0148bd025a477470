import OpLog

/// `item.reprice`: another price from a day on, maybe with other terms; it names the prices that it
/// replaces.
enum RepriceFold: Fold {
  static let schema = PayloadSchema(
    [
      .required("item", .reference([21])), .required("points", .integer(1...10_000)),
      .required("valid_from", .date), .required("replaces", .references([21, 34], 1...8)),
    ] + ItemTerms.fields)

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    let op = entry.op
    let replaced = entry.payload.references(4)
    guard let item = entry.payload.reference(1),
      let row = try state.row(Tables.item, id: item.packed),
      row[1].integer == (try Standing.community(of: op.id.replica, in: state)),
      try areOf(item, replaced, in: state)
    else {
      return try state.settle(op.id, Verdict(.void, [.wrongReference]), isFirst: entry.isFirst)
    }
    let problem = try Standing.problem(entry, in: state)
    try state.settle(
      op.id, problem.map { Verdict(.pending, [$0]) } ?? .plain, isFirst: entry.isFirst)
    let old = try state.row(Tables.itemPrice, [item.packed, op.id.packed])
    guard problem == nil else {
      guard let old else { return }
      try state.remove(Tables.itemPrice, old)
      return try ItemPrices.settle(item, in: state)
    }
    let price: [Cell] = [
      .id(item), .id(op.id), .integer(entry.payload.integer(2) ?? 0),
      .integer(entry.payload.integer(3) ?? 0), .list(replaced),
    ]
    let terms = ItemTerms.cells(entry.payload, from: 5)
    try Facts.put(price + terms, in: Tables.itemPrice, isFirst: old == nil, state)
    try ItemPrices.settle(item, in: state)
  }

  static func refusal<S: FoldState>(
    of entry: Entry, in state: S
  ) throws(S.Failure) -> Refusal? {
    try ItemPrices.unpayable(entry.payload.integer(2) ?? 0, entry.op, in: state)
  }

  private static func areOf<S: FoldState>(
    _ item: OpID, _ replaced: [OpID], in state: S
  ) throws(S.Failure) -> Bool {
    for id in replaced where id != item {
      guard let earlier = try Entry.again(id, 34, in: state), earlier.payload.reference(1) == item
      else { return false }
    }
    return true
  }
}

/// The prices of an item: the one that it was defined with, and all that were announced later.
package enum ItemPrices: Derivation {
  /// The register's number among those of an item.
  private static let register: Int64 = 0

  /// What an item costs on a day; nil when there is no such item.
  ///
  /// The announced price that is valid then and that no other valid one replaces; in an undecided
  /// fork the one that people are shown.
  package static func price<S: FoldState>(
    of item: OpID, on day: Int64, in state: S
  ) throws(S.Failure) -> Int64? {
    guard let row = try state.row(Tables.item, id: item.packed) else { return nil }
    let valid = try state.rows(Tables.itemPrice, under: [item.packed])
      .filter { ($0[3].integer ?? 0) <= day }
    let shown = try shown(live(valid, item), item, in: state)
    return valid.first { $0[1].id == shown }?[2].integer ?? row[4].integer
  }

  /// The op whose terms stand on a day: the change that is valid then and that no other valid one
  /// replaces, directly or over prices between; else the item's definition.
  package static func terms<S: FoldState>(
    of item: OpID, on day: Int64, in state: S
  ) throws(S.Failure) -> OpID {
    let prices = try state.rows(Tables.itemPrice, under: [item.packed])
    let stating = prices.filter { $0[3].integer ?? 0 <= day && ItemTerms.areSaid(in: $0) }
      .compactMap { $0[1].id }
    var replaced: Set<OpID> = []
    for change in stating {
      var open = [change]
      while let next = open.popLast() {
        let earlier = OpList.decode(prices.first { $0[1].id == next }?[4].text ?? "")
        open += earlier.filter { replaced.insert($0).inserted }
      }
    }
    return try shown(stating.filter { !replaced.contains($0) }, item, in: state)
  }

  /// The ops whose price stands.
  package static func live<S: FoldState>(
    of item: OpID, in state: S
  ) throws(S.Failure) -> [OpID] {
    live(try state.rows(Tables.itemPrice, under: [item.packed]), item)
  }

  /// Notes a line's price that is not the one its item was defined with.
  static func note<S: FoldState>(
    _ price: Int64, of item: OpID, _ entry: Entry, line: Int64, in state: S
  ) throws(S.Failure) {
    let prices = try state.rows(Tables.itemPrice, under: [item.packed])
    let day = Int64(entry.op.occurredOn.day)
    let row: [Cell] = [
      .id(item), .id(entry.op.id), .integer(line), .integer(price), .integer(day),
      .integer(wasAnnounced(price, day, in: prices) ? 1 : 0),
    ]
    try Facts.put(row, in: Tables.otherPrice, isFirst: entry.isFirst, state)
  }

  /// Judges the prices of an item's lines again.
  package static func settle<S: FoldState>(
    _ key: AccountKey, in state: S
  ) throws(S.Failure) {
    let prices = try state.rows(Tables.itemPrice, under: [key.first])
    for row in try state.rows(Tables.otherPrice, under: [key.first]) {
      guard let price = row[3].integer, let day = row[4].integer else { continue }
      var settled = row
      settled[5] = .integer(wasAnnounced(price, day, in: prices) ? 1 : 0)
      if settled != row { try state.replace(Tables.otherPrice, row, by: settled) }
    }
  }

  /// Settles the register of an item's price.
  static func settle<S: FoldState>(_ item: OpID, in state: S) throws(S.Failure) {
    let live = try live(of: item, in: state)
    let row: [Cell] = [
      .id(item), .integer(register), .id(try shown(live, item, in: state)),
      .text(OpList.encode(live)),
    ]
    guard let old = try state.row(Tables.field, [item.packed, register]) else {
      return try state.insert(Tables.field, row)
    }
    if old != row { try state.replace(Tables.field, old, by: row) }
  }

  /// Why a price cannot stand where people pay with coins alone.
  static func unpayable<S: FoldState>(
    _ points: Int64, _ op: Op, in state: S
  ) throws(S.Failure) -> Refusal? {
    guard !Coins.canPay(points), try Standing.policy(of: op, in: state)?.isOn(.coinsOnly) == true
    else { return nil }
    return .notPayableInCoins(points: points)
  }

  /// A line at a price that never was.
  static let standingDesk: @Sendable ([Cell]) -> [DeskEntry] = { row in
    guard row[5] == .integer(0), let redemption = row[1].integer, let line = row[2].integer else {
      return []
    }
    return [DeskEntry(.priceDiffers, subject: redemption, detail: line)]
  }

  /// Whether a price other than the first was announced for a day, whoever saw it.
  private static func wasAnnounced(_ price: Int64, _ day: Int64, in prices: [[Cell]]) -> Bool {
    prices.contains { $0[2].integer == price && $0[3].integer ?? 0 <= day }
  }

  private static func live(_ prices: [[Cell]], _ item: OpID) -> [OpID] {
    let replaced = Set(prices.flatMap { OpList.decode($0[4].text) })
    return ([item] + prices.compactMap { $0[1].id }).filter { !replaced.contains($0) }.sorted()
  }

  /// The price that people see: of several the one with the larger min(stamp, received_at), the
  /// larger id where these are equal; the first price gives way to any other.
  private static func shown<S: FoldState>(
    _ live: [OpID], _ item: OpID, in state: S
  ) throws(S.Failure) -> OpID {
    var best: (time: Int64, id: OpID)?
    for id in live where id != item {
      let time = min(try state.op(id).stamp, try state.receivedAt(id) ?? .max)
      if let current = best, (current.time, current.id) >= (time, id) { continue }
      best = (time, id)
    }
    return best?.id ?? item
  }
}
