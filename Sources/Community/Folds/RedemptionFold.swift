import OpLog

/// `redemption.record`: goods handed out for points.
///
/// Goods that left the shelf stay gone, so a record without the right to spend still counts; it is
/// on the desk, and the account may go below zero (欠分).
enum RedemptionFold: Fold {
  /// By what right the points were taken.
  enum Basis: Int64, CaseIterable {
    /// The writer is the account's home and saw enough points.
    case home
    /// The home granted the amount beforehand.
    case grant
    /// Nobody could be asked: on trust, within the street's limits.
    case standIn
  }

  /// Lines of one redemption: a fair's table holds fewer kinds of goods.
  static let lines: [Field] = [
    .required("item", .reference([21])), .required("quantity", .integer(1...99)),
    .required("price", .integer(0...10_000)),
  ]

  static let schema = PayloadSchema([
    .required("resident", .reference([16])), .required("lines", .records(lines, 1...20)),
    .required("basis", .choice(["home", "grant", "stand_in"])),
    .optional("grant", .reference([9])), .optional("coins", Coins.field),
    .optional("pool", .reference([52])), .optional("collector", .reference([16])),
    .optional("reservation", .reference([35])), .optional("limit_override", .reference([6])),
    .optional("terms", .references([34], 1...20)), .optional("serials", CoinSerials.field),
  ])

  /// The member of staff who lets more be given on trust than the limits; nil where nobody does.
  ///
  /// It has to be another person than the one who records it.
  static func overriding(_ entry: Entry) -> OpID? {
    entry.op.kind == 23 ? entry.payload.reference(9) : nil
  }

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    let op = entry.op
    guard let sale = try Sale(entry, in: state) else {
      return try state.settle(op.id, Verdict(.void, [.wrongReference]), isFirst: entry.isFirst)
    }
    try Facts.put(sale.row, in: Tables.redemption, isFirst: entry.isFirst, state)
    try hand(over: sale, entry, counts: !sale.isPending, in: state)
    for (index, line) in sale.lines.enumerated() where line.price != line.listPrice {
      try ItemPrices.note(line.price, of: line.item, entry, line: Int64(index + 1), in: state)
    }
    let policy = try Standing.policy(of: op, in: state)
    try ItemLimit.note(sale, entry, policy, in: state)
    try OwnLimit.note(sale, isFirst: entry.isFirst, in: state)
    if let policy { try TakeLimits.note(sale, policy, isFirst: entry.isFirst, in: state) }
    try AgedSales.note(sale, policy, isFirst: entry.isFirst, in: state)
    try PoolSales.note(sale, isFirst: entry.isFirst, in: state)
    if entry.isFirst {
      try CoinSerials.note(
        sale.numbered, isOut: false, counts: !sale.isPending, entry.op, in: state)
    }
    try LimitOverride.note(sale, entry, in: state)
    try RightUse.note(sale, isFirst: entry.isFirst, in: state)
    if entry.isFirst { try ReservationFold.collect(with: entry, in: state) }
    let verdict = try verdict(of: entry, sale, policy, in: state)
    guard !entry.isFirst else { return try state.settle(op.id, verdict, isFirst: true) }
    try RedemptionSteps.settle(sale.row, adding: nil, in: state)
  }

  /// Writes down what went over the counter: goods one way, coins the other.
  static func hand<S: FoldState>(
    over sale: Sale, _ entry: Entry, counts: Bool, in state: S
  ) throws(S.Failure) {
    for (index, line) in sale.lines.enumerated() {
      let row: [Cell] = [
        .id(sale.id), .integer(Int64(index + 1)), .integer(Int64(sale.id.replica.rawValue)),
        .id(line.item), .integer(line.quantity), .integer(line.price),
        .integer(counts && line.isGoods ? 1 : 0),
      ]
      try Facts.put(row, in: Tables.redemptionLine, isFirst: entry.isFirst, state)
    }
    guard !sale.coins.isEmpty else { return }
    try Coins.move(sale.booked, .payment, counts: counts, resident: nil, entry, in: state)
  }

  /// What a redemption takes from the account, and what it adds to the office's uncovered sum.
  ///
  /// A void or a return gives back by postings of its own.
  static let postings: @Sendable ([Cell]) -> [Posting] = { row in
    guard row[1] != .text("pending"), let payer = row[9].integer ?? row[2].integer,
      let office = row[3].integer, let points = row[5].integer, let uncovered = row[6].integer
    else { return [] }
    var postings = [Posting(.account, payer, amounts: [-points, 0, points, uncovered])]
    if uncovered != 0 { postings.append(Posting(.office, office, amounts: [uncovered])) }
    let bucket = row[11].integer
    return postings
      + YearBucket.posting(
        payer, spent: bucket, earned: bucket, points: -points, credit: max(0, -points))
  }

  /// What a line takes from the shelf.
  static let linePostings: @Sendable ([Cell]) -> [Posting] = { row in
    guard row[6] == .integer(1), let office = row[2].integer, let item = row[3].integer,
      let quantity = row[4].integer
    else { return [] }
    return [Posting(.shelfItem, office, item, amounts: [-quantity, 0, quantity, 0])]
  }

  /// What became of a redemption that nobody voided.
  static func verdict<S: FoldState>(
    of entry: Entry, _ sale: Sale, _ policy: Policy?, in state: S
  ) throws(S.Failure) -> Verdict {
    var reasons: [DeskReason] = []
    if sale.isPending { reasons.append(.futureDate) }
    if let problem = try Standing.problem(entry, in: state) { reasons.append(problem) }
    if let reason = try reason(sale, in: state) { reasons.append(reason) }
    if sale.basis == .standIn, let deciding = overriding(entry) {
      reasons.append(.limitOverridden)
      if try Standing.isSamePerson(deciding, entry.op.actor, in: state) {
        reasons.append(.ownRecord)
      }
    }
    reasons += try CounterRule.problems(of: sale, policy, in: state)
    if sale.isBackdated { reasons.append(.backdated) }
    return Verdict(sale.isPending ? .pending : .posted, reasons)
  }

  /// What a person should look at: a debit that had no right behind it, or one on trust.
  private static func reason<S: FoldState>(
    _ sale: Sale, in state: S
  ) throws(S.Failure) -> DeskReason? {
    guard !sale.isCovered else { return nil }
    switch sale.basis {
    case .home: return try Payer.problem(ofFirm: sale.id, sale.custody, in: state)
    case .grant: return try RightUse.problem(of: sale, in: state)
    case .standIn: return sale.isOfFirstHome ? .standInAtHome : .standIn
    }
  }
}

/// A redemption as its op and the reference layer tell it.
struct Sale {
  /// One line.
  struct Line {
    let item: OpID
    let quantity: Int64
    let price: Int64
    /// What the item cost when it was defined.
    let listPrice: Int64
    /// Whether it takes goods from the shelf, as services and courses do not.
    let isGoods: Bool
    /// The terms of the item that the writer knew.
    let terms: ItemTerms
  }

  let id: OpID
  let resident: OpID
  let pool: OpID?
  let collector: OpID?
  let lines: [Line]
  let basis: RedemptionFold.Basis
  /// The home's answer that it names, where it is on a grant.
  let grant: OpID?
  let coins: [CoinCount]
  /// Those of them that have a number.
  let numbered: [CoinSerials.Coin]
  /// The coins that are in the office's box, and not kept for a look.
  let booked: [CoinCount]
  /// What the lines cost together, however it is paid.
  let price: Int64
  /// What is left for the account after the coins; below zero where change is credited.
  let points: Int64
  let isPending: Bool
  let isBackdated: Bool
  /// The day on which it was made as far as anybody knows: that of its receipt, where its own date is
  /// still to come.
  let knownDay: Int64
  /// Whether the account's home took over what was given on trust.
  let isCovered: Bool
  /// The homes of the account that pays.
  let custody: Custody
  /// Whether it was made where the account was opened, while it was there, and is not late.
  let isOfFirstHome: Bool
  let day: Int64
  /// Its day in the sheet: what it takes saves points from ending on it or later.
  private let spentOn: YearBucket
  /// That day; where it credits change, the one on which that ends; 0 for a pool, whose points do not
  /// end.
  let bucket: Int64

  /// Reads a redemption; nil when it names no item, account, or person that there is.
  init?<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    let payload = entry.payload
    guard let resident = payload.reference(1),
      try state.has(Tables.resident, id: resident.packed)
    else { return nil }
    pool = payload.reference(6)
    collector = payload.reference(7)
    if let collector, try !state.has(Tables.resident, id: collector.packed) { return nil }
    guard let custody = try Custody.of(pool ?? resident, in: state),
      let lines = try Self.lines(payload, in: state)
    else { return nil }
    id = entry.op.id
    self.resident = resident
    self.lines = lines
    basis = RedemptionFold.Basis(rawValue: payload.integer(3) ?? 0) ?? .home
    grant = payload.reference(4)
    coins = CoinCount.list(payload.records(5))
    numbered = CoinSerials.list(payload.records(11))
    booked = try CoinSerials.good(coins, numbered, id, in: state)
    price = lines.reduce(0) { $0 + $1.quantity * $1.price }
    let paid = coins.isEmpty ? 0 : Coins.value(coins)
    var points = price - paid
    if points < 0, try Standing.policy(of: entry.op, in: state)?.isOn(.creditsChange) != true {
      points = 0
    }
    self.points = points
    isCovered = try StandInCoverFold.covers(entry, in: state)
    self.custody = custody
    isOfFirstHome = try custody.isOfFirstHome(id, in: state)
    let received = try state.receivedAt(entry.op.id).map(BusinessDate.init(stamp:))
    isPending = received.map { entry.op.occurredOn > $0.adding(days: 1) } ?? false
    isBackdated =
      try received.map { (day) throws(S.Failure) in
        try Standing.isBackdated(entry.op, day, in: state)
      } ?? false
    day = Int64(entry.op.occurredOn.day)
    knownDay = isPending ? received.map { Int64($0.day) } ?? day : day
    spentOn = YearBucket(entry.op.occurredOn)
    if pool != nil {
      bucket = 0
    } else {
      bucket = points < 0 ? try YearBucket.earned(by: entry.op, in: state) : spentOn.number
    }
  }

  /// The row of the table `redemption`, before anybody voids it or brings goods back.
  var row: [Cell] {
    [
      .id(id), .text(isPending ? "pending" : "posted"), .id(resident),
      .integer(Int64(id.replica.rawValue)), .integer(basis.rawValue), .integer(points),
      .integer(isOnTrust ? max(0, points) : 0), .integer(day),
      .integer(coins.isEmpty ? 0 : Coins.value(coins)), .id(pool), .id(collector),
      .integer(bucket),
    ]
  }

  /// The day on which what an op brings back was never spent; 0 where a deadline lies between the
  /// two: then it is as if earned on the day of coming back, for what an office puts right must not
  /// end at once.
  func bucket(undoneBy op: Op) -> Int64 {
    YearBucket(op.occurredOn).isAfterDeadline(of: spentOn) ? 0 : bucket
  }

  /// Whether it weighs on the limits of trust.
  private var isOnTrust: Bool { basis == .standIn && !isOfFirstHome && !isCovered }

  private static func lines<S: FoldState>(
    _ payload: Payload, in state: S
  ) throws(S.Failure) -> [Line]? {
    var lines: [Line] = []
    for line in payload.records(2) {
      guard let id = line.reference(1), let item = try state.row(Tables.item, id: id.packed) else {
        return nil
      }
      lines.append(
        Line(
          item: id, quantity: line.integer(2) ?? 0, price: line.integer(3) ?? 0,
          listPrice: item[4].integer ?? 0, isGoods: item[2].integer == ItemFold.goods,
          terms: try ItemTerms.known(of: id, item, among: payload.references(10), in: state)))
    }
    return lines
  }
}
