import OpLog

/// What the counter checks before goods leave the shelf.
extension RedemptionFold {
  static func refusal<S: FoldState>(
    of entry: Entry, in state: S
  ) throws(S.Failure) -> Refusal? {
    guard let row = try state.row(Tables.redemption, id: entry.op.id.packed) else { return nil }
    if let refusal = try ReservationFold.problem(collectedBy: entry, in: state) { return refusal }
    if let refusal = try notOnShelf(entry, in: state) { return refusal }
    let coins = CoinCount.list(entry.payload.records(5))
    if let refusal = try Coins.notPrinted(coins, entry.op, in: state) { return refusal }
    let numbered = CoinSerials.list(entry.payload.records(11))
    if let refusal = try CoinSerials.refusal(of: numbered, coins, entry.op.id, in: state) {
      return refusal
    }
    if let refusal = try tooManyCoins(coins, entry, in: state) { return refusal }
    if let refusal = try notCovered(entry, row, in: state) { return refusal }
    if let resident = row[2].id, let points = row[5].integer, row[9] == .null {
      let refusal = try BalanceCap.refusal(of: entry.op, taking: points, from: resident, in: state)
      if let refusal { return refusal }
    }
    if let refusal = try wrongPrice(entry, in: state) { return refusal }
    if let refusal = try OwnLimit.refusal(of: entry, in: state) { return refusal }
    guard let policy = try Standing.policy(of: entry.op, in: state) else { return nil }
    return try againstRules(entry, row, policy, in: state)
  }

  /// Why coins are not taken where no change is given: fewer of them would do.
  private static func tooManyCoins<S: FoldState>(
    _ coins: [CoinCount], _ entry: Entry, in state: S
  ) throws(S.Failure) -> Refusal? {
    let price = entry.payload.records(2).reduce(0) {
      $0 + ($1.integer(2) ?? 0) * ($1.integer(3) ?? 0)
    }
    guard Coins.value(coins) > price,
      try Standing.policy(of: entry.op, in: state)?.isOn(.creditsChange) != true
    else { return nil }
    func count(_ denomination: Int64) -> Int64 {
      coins.first { $0.denomination == denomination }?.count ?? 0
    }
    guard let least = Coins.least(price, twos: count(2), threes: count(3)),
      Coins.value(least) < Coins.value(coins)
    else { return nil }
    return .tooManyCoins(points: price, enough: least)
  }

  /// The first line whose price is not what its item costs.
  private static func wrongPrice<S: FoldState>(
    _ entry: Entry, in state: S
  ) throws(S.Failure) -> Refusal? {
    for line in entry.payload.records(2) {
      guard let item = line.reference(1),
        let points = try ItemPrices.price(
          of: item, on: Int64(entry.op.occurredOn.day), in: state),
        points != line.integer(3)
      else { continue }
      return .priceDiffers(item: item, points: points)
    }
    return nil
  }

  /// The first line that the shelf does not hold, or holds for somebody else.
  private static func notOnShelf<S: FoldState>(
    _ entry: Entry, in state: S
  ) throws(S.Failure) -> Refusal? {
    let lines = entry.payload.records(2)
    for line in lines {
      guard let item = line.reference(1) else { continue }
      let wanted = lines.filter { $0.reference(1) == item }
        .reduce(0) { $0 + ($1.integer(2) ?? 0) }
      if let refusal = try ShelfBook.shortage(of: item, wanted: wanted, entry.op, in: state) {
        return refusal
      }
      let refusal = try ReservationFold.shortage(
        of: item, entry.op, collecting: entry.payload.reference(8), in: state)
      if let refusal { return refusal }
    }
    return nil
  }

  /// Why the account does not cover a redemption.
  private static func notCovered<S: FoldState>(
    _ entry: Entry, _ row: [Cell], in state: S
  ) throws(S.Failure) -> Refusal? {
    guard let payer = row[9].id ?? row[2].id, let office = row[3].integer,
      let points = row[5].integer
    else { return nil }
    switch Basis(rawValue: row[4].integer ?? 0) {
    case .grant: return try RightUse.shortage(of: payer, for: points, by: entry.op, in: state)
    case .standIn where row[6] != .integer(0):
      let account = try state.row(Tables.account, id: payer.packed)
      return try standIn(entry, points: points, account: account, office: office, in: state)
    default:
      let shortage = try HomeRights.shortage(of: payer, for: points, by: entry.op, in: state)
      guard case .notEnoughPoints(let balance, let needed)? = shortage else { return shortage }
      return try tooFew(balance, for: needed, on: payer.packed, in: state)
    }
  }

  /// Says that an account holds too little, and which other file of the person has points.
  private static func tooFew<S: FoldState>(
    _ balance: Int64, for points: Int64, on account: Int64, in state: S
  ) throws(S.Failure) -> Refusal {
    var best: (file: OpID, holds: Int64)?
    if try state.row(Tables.resident, id: account)?[4].integer != nil {
      for file in try ResidentStatus.merged(with: account, in: state) where file != account {
        let holds = try state.row(Tables.account, id: file)?[1].integer ?? 0
        if holds > best?.holds ?? 0, let id = OpID(packed: file) { best = (id, holds) }
      }
    }
    guard let best else { return .notEnoughPoints(balance: balance, needed: points) }
    return .pointsInOtherFile(
      balance: balance, needed: points, file: best.file, holds: best.holds)
  }

  /// Whether the street was heard from on a day.
  ///
  /// Trust is for what nobody can know here: of an account nothing goes on trust on such a day beyond what
  /// it is known to hold, less what this office has the right to and can give without trust.
  static func isHeard<S: FoldState>(on day: BusinessDate, in state: S) throws(S.Failure) -> Bool {
    guard let newest = try state.newestReceipt() else { return false }
    return BusinessDate(stamp: newest) >= day
  }

  /// Why points may not be given on trust.
  static func standIn<S: FoldState>(
    _ entry: Entry, points: Int64, account: [Cell]?, office: Int64, in state: S
  ) throws(S.Failure) -> Refusal? {
    guard let policy = try Standing.policy(of: entry.op, in: state) else {
      return .visitLimit(limit: 0)
    }
    let known = (account?[1].integer ?? 0) + points
    let isHeard = try isHeard(on: entry.op.occurredOn, in: state)
    if isHeard, known <= 0 { return .notEnoughPoints(balance: known, needed: points) }
    if let deciding = overriding(entry) {
      return try Standing.isAppointed(deciding, for: entry.op, in: state)
        ? nil : .wouldNotCount(.posted, [.actorNotEntitled])
    }
    if points > policy.visitLimit { return .visitLimit(limit: policy.visitLimit) }
    let ofPerson = account?[4].integer ?? 0
    if ofPerson > policy.personLimit {
      return .personLimit(limit: policy.personLimit, uncovered: ofPerson - points)
    }
    let ofOffice = try state.row(Tables.office, id: office)?[1].integer ?? 0
    let limit = try BudgetFold.limit(of: office, policy, in: state)
    if ofOffice > limit { return .officeLimit(limit: limit, uncovered: ofOffice - points) }
    if let limit = policy[.standInDays], let newest = try state.newestReceipt() {
      let days = Int64(entry.op.occurredOn.day) - Int64(BusinessDate(stamp: newest).day)
      if days > limit { return .offlineTooLong(days: days, limit: limit) }
    }
    guard isHeard else { return nil }
    if points > known { return .notEnoughPoints(balance: known, needed: points) }
    guard let payer = account?[0].integer,
      let held = try state.row(Tables.heldRight, [office, payer])?[2].integer,
      points > known - held
    else { return nil }
    return .rightFirst(balance: known, held: held, needed: points)
  }

  /// Why the community's rules are against a redemption that is covered.
  private static func againstRules<S: FoldState>(
    _ entry: Entry, _ row: [Cell], _ policy: Policy, in state: S
  ) throws(S.Failure) -> Refusal? {
    guard let resident = row[2].id else { return nil }
    let file = try state.row(Tables.resident, id: resident.packed)
    if policy[.crossesCommunities] == 0, file?[2].integer != policy.community {
      return .otherCommunity
    }
    if row[9] != .null, !policy.isOn(.householdPool) { return .poolsAreOff }
    if policy.isOn(.coinsOnly), let points = row[5].integer, points > 0 {
      return .coinsNeeded(points: points)
    }
    if let refusal = try ItemLimit.refusal(of: entry, resident, policy, in: state) {
      return refusal
    }
    return try TakeLimits.refusal(of: entry, resident, policy, in: state)
  }
}
