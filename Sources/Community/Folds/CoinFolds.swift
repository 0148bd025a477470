import OpLog

/// `coin.issue`: coins handed to a resident for points of the account, or on the spot for awards.
///
/// The ledger and a coin never carry the same points: the coins' value is taken from the account to
/// which the awards gave it. Only the account's home has the right to that, and it may have spent the
/// points meanwhile: away from home coins for an award are given on trust, until the home takes them
/// over; those for no award are a debit without standing.
enum CoinIssueFold: Fold, Derivation {
  static let schema = PayloadSchema([
    .required("resident", .reference([16])), .required("coins", Coins.field),
    .optional("awards", .references([19], 1...32)),
    .optional("basis", Payer.basis), .optional("serials", CoinSerials.field),
  ])

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    let op = entry.op
    let coins = CoinCount.list(entry.payload.records(2))
    guard let resident = entry.payload.reference(1),
      try state.has(Tables.resident, id: resident.packed),
      let custody = try Custody.of(resident, in: state),
      let grants = try grants(entry.payload.references(3), of: resident, in: state)
    else {
      return try state.settle(op.id, Verdict(.void, [.wrongReference]), isFirst: entry.isFirst)
    }
    if entry.isFirst {
      for award in entry.payload.references(3) { try pay(award, op.id, in: state) }
    }
    let value = Coins.value(coins)
    let isPending = try Standing.isInFuture(op, in: state)
    let isCovered = try StandInCoverFold.covers(entry, in: state)
    let isOwed = !Payer.isFirm(entry.payload.integer(4), op.id, custody) && !isCovered
    try Coins.move(
      coins, .issue, counts: !isPending, resident: resident, entry, in: state)
    try CoinSerials.note(
      CoinSerials.list(entry.payload.records(5)), isOut: true, counts: !isPending, op, in: state)
    let points: [Cell] = [
      .id(op.id), .id(op.id), .text(isPending ? "pending" : "posted"), .id(resident),
      .integer(-value), .integer(Int64(op.occurredOn.day)), .integer(0),
      .integer(YearBucket(op.occurredOn).number), .integer(0), .integer(isOwed ? value : 0),
    ]
    try Facts.put(points, in: Tables.coinPoints, isFirst: entry.isFirst, state)
    var reasons = try Standing.dateReasons(op, in: state)
    if let problem = try Standing.problem(entry, in: state) { reasons.append(problem) }
    if isOwed {
      let isEarned = try worth(of: grants, to: op.id, in: state) >= value
      reasons.append(isEarned ? .standIn : .debitWithoutStanding)
    } else if !isCovered, let problem = try Payer.problem(ofFirm: op.id, custody, in: state) {
      reasons.append(problem)
    }
    try state.settle(
      op.id, Verdict(isPending ? .pending : .posted, reasons), isFirst: entry.isFirst)
  }

  static func refusal<S: FoldState>(
    of entry: Entry, in state: S
  ) throws(S.Failure) -> Refusal? {
    guard let resident = entry.payload.reference(1) else { return nil }
    for award in entry.payload.references(3) {
      let paid = try state.rows(Tables.coinAward, under: [award.packed])
      if paid.contains(where: { $0[1].id != entry.op.id }) { return .paidInCoins(award: award) }
    }
    let coins = CoinCount.list(entry.payload.records(2))
    let numbered = CoinSerials.list(entry.payload.records(5))
    if let refusal = try CoinSerials.refusal(of: numbered, coins, entry.op.id, in: state) {
      return refusal
    }
    for coin in coins {
      let key = [Int64(entry.op.id.replica.rawValue), coin.denomination]
      let vault = try state.row(Tables.coinBox, key)?[2].integer ?? 0
      if vault < 0 {
        return .notEnoughCoins(denomination: coin.denomination, vault: vault + coin.count)
      }
    }
    let value = Coins.value(coins)
    if let row = try state.row(Tables.coinPoints, [entry.op.id.packed, entry.op.id.packed]),
      row[9] != .integer(0)
    {
      let account = try state.row(Tables.account, id: resident.packed)
      let office = Int64(entry.op.id.replica.rawValue)
      let refusal = try RedemptionFold.standIn(
        entry, points: value, account: account, office: office, in: state)
      if let refusal { return refusal }
    }
    if let shortage = try HomeRights.shortage(of: resident, for: value, by: entry.op, in: state) {
      return shortage
    }
    return try BalanceCap.refusal(of: entry.op, taking: value, from: resident, in: state)
  }

  /// Notes that an award was paid in coins; of several ops the lowest id is the one that paid it.
  private static func pay<S: FoldState>(
    _ award: OpID, _ op: OpID, in state: S
  ) throws(S.Failure) {
    try state.insert(Tables.coinAward, [.id(award), .id(op), .integer(0)])
    for (index, row) in try state.rows(Tables.coinAward, under: [award.packed]).enumerated() {
      var settled = row
      settled[2] = .integer(index == 0 ? 0 : 1)
      if settled != row { try state.replace(Tables.coinAward, row, by: settled) }
    }
  }

  /// An award that was paid in coins before.
  static let standingDesk: @Sendable ([Cell]) -> [DeskEntry] = { row in
    guard row[2] == .integer(1), let award = row[0].integer, let op = row[1].integer else {
      return []
    }
    return [DeskEntry(.coinsTwice, subject: op, detail: award)]
  }

  /// The coins that were handed out for an award, when the award changes.
  static func settle<S: FoldState>(_ key: AccountKey, in state: S) throws(S.Failure) {
    for row in try state.rows(Tables.coinAward, under: [key.first]) {
      guard let id = row[1].id, let issue = try Entry.again(id, 40, in: state) else { continue }
      try fold(issue, in: state)
    }
  }

  /// The named awards; nil when one of them is not that person's.
  private static func grants<S: FoldState>(
    _ awards: [OpID], of resident: OpID, in state: S
  ) throws(S.Failure) -> [(id: OpID, grant: Grant)]? {
    var grants: [(id: OpID, grant: Grant)] = []
    for award in awards {
      guard let grant = Grant(try state.op(award)), grant.resident == resident else { return nil }
      grants.append((award, grant))
    }
    return grants
  }

  /// What counts of awards that no lower op paid in coins.
  private static func worth<S: FoldState>(
    of grants: [(id: OpID, grant: Grant)], to op: OpID, in state: S
  ) throws(S.Failure) -> Int64 {
    var worth: Int64 = 0
    for (id, grant) in grants {
      guard try state.row(Tables.coinAward, [id.packed, op.packed])?[2] == .integer(0),
        let round = try AwardFold.round(of: grant, in: state),
        let row = try state.row(Tables.award, grant.key(round: round)),
        row[5] == .text("posted"), row[6].id == id,
        try AwardMonth.counts(row, in: state)
      else { continue }
      worth += row[7].integer ?? 0
      guard row[13] == .integer(AwardRow.Basis.tier.rawValue),
        let year = row[12].integer.flatMap({ BusinessDate(day: $0) })?.civil.year
      else { continue }
      worth += try AwardYear.points(
        byHoursOf: id, of: grant.resident.packed, in: Int64(year), state)
    }
    return worth
  }
}

/// `coin.collect`: coins that come back, for a redemption or as points of an account.
enum CoinCollectFold: Fold {
  static let schema = PayloadSchema([
    .required("coins", Coins.field), .optional("redemption", .reference([23])),
    .optional("resident", .reference([16])), .optional("serials", CoinSerials.field),
  ])

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    let op = entry.op
    let sale = try sale(of: entry, in: state)
    let depositor = try depositor(of: entry, in: state)
    let payer = sale.map { $0.pool ?? $0.resident } ?? depositor
    guard payer != nil || entry.payload.reference(2) == nil && entry.payload.reference(3) == nil
    else {
      return try state.settle(op.id, Verdict(.void, [.wrongReference]), isFirst: entry.isFirst)
    }
    let coins = try coins(of: entry, in: state)
    let isPending = try Standing.isInFuture(op, in: state)
    try Coins.move(
      coins, .collect, counts: !isPending, resident: nil, entry, in: state)
    try CoinSerials.note(numbered(entry), isOut: false, counts: !isPending, op, in: state)
    if let payer {
      let value = Coins.value(coins)
      let row: [Cell] = [
        .id(entry.payload.reference(2) ?? op.id), .id(op.id),
        .text(isPending ? "pending" : "posted"), .id(payer), .integer(value),
        .integer(Int64(op.occurredOn.day)), .integer(value),
        .integer(sale?.bucket(undoneBy: op) ?? 0),
        .integer(sale?.pool == nil ? try YearBucket.earned(by: op, in: state) : 0), .integer(0),
      ]
      try Facts.put(row, in: Tables.coinPoints, isFirst: entry.isFirst, state)
      if let sale { try cap(sale, in: state) }
    }
    var reasons = try Standing.dateReasons(op, in: state)
    if let problem = try Standing.problem(entry, in: state) { reasons.append(problem) }
    try state.settle(
      op.id, Verdict(isPending ? .pending : .posted, reasons), isFirst: entry.isFirst)
  }

  static func refusal<S: FoldState>(
    of entry: Entry, in state: S
  ) throws(S.Failure) -> Refusal? {
    let op = entry.op
    let brought = CoinCount.list(entry.payload.records(1))
    if let refusal = try CoinSerials.refusal(of: numbered(entry), brought, op.id, in: state) {
      return refusal
    }
    if let sale = entry.payload.reference(2),
      let row = try state.row(Tables.coinPoints, [sale.packed, op.id.packed]),
      let points = row[4].integer, row[6].integer == points
    {
      // Nothing of it paid for the sale: its own coins, or others before, had done that.
      return .paidAlready
    }
    return try Coins.notPrinted(brought, op, in: state)
  }

  private static func numbered(_ entry: Entry) -> [CoinSerials.Coin] {
    CoinSerials.list(entry.payload.records(4))
  }

  /// The coins that came back and are not kept for a look.
  private static func coins<S: FoldState>(
    of entry: Entry, in state: S
  ) throws(S.Failure) -> [CoinCount] {
    try CoinSerials.good(
      CoinCount.list(entry.payload.records(1)), numbered(entry), entry.op.id, in: state)
  }

  /// The redemption that the coins were handed in for.
  private static func sale<S: FoldState>(
    of entry: Entry, in state: S
  ) throws(S.Failure) -> Sale? {
    guard let id = entry.payload.reference(2),
      let redemption = try Entry.again(id, 23, in: state)
    else { return nil }
    return try Sale(redemption, in: state)
  }

  /// Whose points the coins become where they pay for nothing.
  private static func depositor<S: FoldState>(
    of entry: Entry, in state: S
  ) throws(S.Failure) -> OpID? {
    guard entry.payload.reference(2) == nil, let resident = entry.payload.reference(3),
      try state.has(Tables.resident, id: resident.packed)
    else { return nil }
    return resident
  }

  /// Credits what coins paid of a redemption, the lower ids first.
  ///
  /// More than its points only where the collector's rules credit change; that is new to the account.
  private static func cap<S: FoldState>(
    _ sale: Sale, in state: S
  ) throws(S.Failure) {
    var left = sale.points
    for row in try state.rows(Tables.coinPoints, under: [sale.id.packed]) {
      guard let id = row[1].id, let step = try Entry.again(id, 41, in: state) else { continue }
      let value = Coins.value(try coins(of: step, in: state))
      let isCredited = try Standing.policy(of: step.op, in: state)?.isOn(.creditsChange) == true
      let paid = min(value, max(0, left))
      let points = isCredited ? value : paid
      if row[2] == .text("posted") { left -= points }
      var capped = row
      capped[4] = .integer(points)
      capped[6] = .integer(points - paid)
      if capped != row { try state.replace(Tables.coinPoints, row, by: capped) }
    }
  }
}

/// `coin.adjust`: coins printed, destroyed, or counted; a count's quantity is what was found too much.
enum CoinAdjustFold: Fold {
  static let schema = PayloadSchema([
    .required("denomination", .integer(2...3)), .required("quantity", .integer(-100_000...100_000)),
    .required("reason", .choice(["printed", "destroyed", "counted"])),
  ])

  private static let moves: [Coins.Move] = [.printed, .destroyed, .counted]

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    let op = entry.op
    let move = moves[Int(entry.payload.integer(3) ?? 0)]
    let quantity = entry.payload.integer(2) ?? 0
    var problem = try Steps.problem(entry, in: state)
    if problem == nil, move != .counted, try !Standing.holds(.approver, op, in: state) {
      problem = .actorNotEntitled
    }
    let isSound = move == .counted || quantity > 0
    let coins = [CoinCount(denomination: entry.payload.integer(1) ?? 2, count: quantity)]
    try Coins.move(
      coins, move, counts: problem == nil && isSound, resident: nil, entry, in: state)
    let verdict =
      isSound ? problem.map { Verdict(.pending, [$0]) } : Verdict(.void, [.wrongQuantity])
    try state.settle(op.id, verdict ?? .plain, isFirst: entry.isFirst)
  }

  /// No more coins can be destroyed than the vault holds; a count may find fewer than the books say.
  static func refusal<S: FoldState>(
    of entry: Entry, in state: S
  ) throws(S.Failure) -> Refusal? {
    guard moves[Int(entry.payload.integer(3) ?? 0)] == .destroyed,
      let denomination = entry.payload.integer(1), let quantity = entry.payload.integer(2)
    else { return nil }
    let box = [Int64(entry.op.id.replica.rawValue), denomination]
    let vault = try state.row(Tables.coinBox, box)?[2].integer ?? 0
    guard vault < 0 else { return nil }
    return .notEnoughCoins(denomination: denomination, vault: vault + quantity)
  }
}
