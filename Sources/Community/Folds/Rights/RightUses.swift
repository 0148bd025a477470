import OpLog

/// One op by which an office used a right: a debit on a grant, or a return.
struct RightUse {
  let account: OpID
  let holder: Int64
  let op: OpID
  let points: Int64
  let isReturn: Bool

  /// The row of the table `right_use`.
  var row: [Cell] {
    [
      .id(account), .integer(holder), .id(op), .integer(points), .integer(isReturn ? 1 : 0),
    ]
  }

  /// Whether the office had used up its rights before it wrote this, or with it.
  func isOver<S: FoldState>(in state: S) throws(S.Failure) -> Bool {
    guard points > 0,
      let first = try state.row(Tables.heldRight, [holder, account.packed])?[3].integer
    else { return false }
    return op.packed >= first
  }
}

/// What an office holds of its rights on an account, and from where on it used more.
///
/// An office's uses stand in its own log, so their order there is everybody's: those within the sum of
/// all its grants are covered, and from the first one beyond it they are on the desk.
enum RightUses: Derivation {
  static func settle<S: FoldState>(_ key: AccountKey, in state: S) throws(S.Failure) {
    let (account, holder) = (key.first, key.second)
    let old = try state.row(Tables.heldRight, [holder, account])
    let sums = try state.row(Tables.grantedRight, [account, holder])
    let granted = sums?[2].integer ?? 0
    let used = (sums?[3].integer ?? 0) + (sums?[4].integer ?? 0)
    var over: Beyond?
    if used > granted {
      over = try Beyond(old, within: granted, account, holder, in: state)
      if over == nil { over = try firstBeyond(granted, account, holder, in: state) }
    }
    // What a lost PC held falls back to the account: what turns up of its log later is late.
    let isRetired = try state.has(Tables.retirement, id: holder)
    let held = isRetired ? 0 : max(0, granted - used)
    let row: [Cell] = [
      .integer(holder), .integer(account), .integer(held),
      over.map { .integer($0.op) } ?? .null, over.map { .integer($0.usedBefore) } ?? .null,
    ]
    try Facts.set(
      held > 0 || over != nil ? row : nil, [holder, account], in: Tables.heldRight, state)
    let (before, first) = (old?[3].integer, over?.op)
    guard before != first else { return }
    let changed = min(before ?? .max, first ?? .max)..<max(before ?? .max, first ?? .max)
    for use in try state.rows(Tables.rightUse, under: [account, holder]) {
      guard let op = use[2].integer, changed.contains(op) else { continue }
      try judge(use, in: state)
    }
  }

  /// The first use that the grants do not cover.
  private struct Beyond {
    let op: Int64
    /// What the uses before it come to.
    let usedBefore: Int64

    init(op: Int64, usedBefore: Int64) {
      self.op = op
      self.usedBefore = usedBefore
    }

    /// The one that a row of `held_right` names; nil unless it still is the first.
    ///
    /// Uses that come later do not move it, and an office may make many: O(log n), and no walk.
    init?<S: FoldState>(
      _ row: [Cell]?, within granted: Int64, _ account: Int64, _ holder: Int64, in state: S
    ) throws(S.Failure) {
      guard let op = row?[3].integer, let usedBefore = row?[4].integer, usedBefore <= granted,
        let points = try state.row(Tables.rightUse, [account, holder, op])?[3].integer,
        usedBefore + points > granted
      else { return nil }
      self.init(op: op, usedBefore: usedBefore)
    }
  }

  private static func firstBeyond<S: FoldState>(
    _ granted: Int64, _ account: Int64, _ holder: Int64, in state: S
  ) throws(S.Failure) -> Beyond? {
    var used: Int64 = 0
    for use in try state.rows(Tables.rightUse, under: [account, holder]) {
      guard let op = use[2].integer, let points = use[3].integer else { continue }
      guard used + points <= granted else { return Beyond(op: op, usedBefore: used) }
      used += points
    }
    return nil
  }

  /// Says again what became of a use.
  private static func judge<S: FoldState>(_ row: [Cell], in state: S) throws(S.Failure) {
    guard let account = row[0].id, let holder = row[1].integer, let id = row[2].id else { return }
    guard row[4] == .integer(1) else {
      guard let sale = try state.row(Tables.redemption, id: id.packed) else { return }
      // What was taken without a right is a loss that somebody may have covered.
      state.requeue(Reader(.covers, id.packed))
      return try RedemptionSteps.settle(sale, adding: nil, in: state)
    }
    let use = RightUse(
      account: account, holder: holder, op: id, points: row[3].integer ?? 0, isReturn: true)
    try state.settle(
      id, try RightsReturnFold.verdict(of: use, in: state), isFirst: false)
  }

  /// What a use takes from the right of its office.
  static let postings: @Sendable ([Cell]) -> [Posting] = { row in
    guard let account = row[0].integer, let holder = row[1].integer, let points = row[3].integer,
      points != 0
    else { return [] }
    let isReturn = row[4] == .integer(1)
    return [
      Posting(
        .grantedRight, account, holder, amounts: [0, isReturn ? points : 0, isReturn ? 0 : points])
    ]
  }

  /// What reads the sums of a right.
  static let readers: @Sendable ([Cell]) -> [Reader] = { row in
    guard let account = row[0].integer, let holder = row[1].integer else { return [] }
    return [Reader(.rightUses, account, holder)]
  }
}

/// A use that came, or changed, before the first one beyond the rights: that one is looked for anew.
enum EarlierUses: Derivation {
  static func settle<S: FoldState>(_ key: AccountKey, in state: S) throws(S.Failure) {
    guard let use = OpID(packed: key.second) else { return }
    let holder = Int64(use.replica.rawValue)
    guard let held = try state.row(Tables.heldRight, [holder, key.first]),
      let first = held[3].integer, use.packed < first
    else { return }
    var anew = held
    anew[4] = .null
    if anew != held { try state.replace(Tables.heldRight, held, by: anew) }
    state.requeue(Reader(.rightUses, key.first, holder))
  }

  /// What reads a use.
  static let readers: @Sendable ([Cell]) -> [Reader] = { row in
    guard let account = row[0].integer, let op = row[2].integer else { return [] }
    return [Reader(.earlierUses, account, op)]
  }
}

extension RightUse {
  /// What a redemption on a grant takes from a right; nil for one that names no grant of this account to
  /// this office.
  init?<S: FoldState>(_ sale: Sale, in state: S) throws(S.Failure) {
    let account = sale.pool ?? sale.resident
    let holder = Int64(sale.id.replica.rawValue)
    guard sale.basis == .grant, let named = sale.grant,
      let grant = try RightsGrant(try state.op(named), in: state),
      grant.request.account == account, grant.request.holder == holder
    else { return nil }
    self.account = account
    self.holder = holder
    op = sale.id
    points = sale.isPending ? 0 : max(0, sale.points)
    isReturn = false
  }

  /// Writes down what a redemption took from a right; nothing where it took from none.
  static func note<S: FoldState>(
    _ sale: Sale, isFirst: Bool, in state: S
  ) throws(S.Failure) {
    guard let use = try RightUse(sale, in: state) else { return }
    try Facts.put(use.row, in: Tables.rightUse, isFirst: isFirst, state)
  }

  /// What is wrong with a redemption on a grant; nil when it had the right that it says.
  static func problem<S: FoldState>(
    of sale: Sale, in state: S
  ) throws(S.Failure) -> DeskReason? {
    if try state.isLate(sale.id) { return .late }
    guard let use = try RightUse(sale, in: state), let named = sale.grant,
      let grant = try RightsGrant(try state.op(named), in: state),
      grant.fitsRequest, try grant.isOfHome(in: state), try !use.isOver(in: state)
    else { return .debitWithoutStanding }
    return nil
  }

  /// Why an office may not spend on a grant: it does not hold so much.
  static func shortage<S: FoldState>(
    of account: OpID, for needed: Int64, by op: Op, in state: S
  ) throws(S.Failure) -> Refusal? {
    guard needed > 0 else { return nil }
    let holder = Int64(op.id.replica.rawValue)
    let sums = try state.row(Tables.grantedRight, [account.packed, holder])
    let left = (sums?[2].integer ?? 0) - (sums?[3].integer ?? 0) - (sums?[4].integer ?? 0)
    guard try state.row(Tables.rightUse, [account.packed, holder, op.id.packed]) != nil else {
      return .notEnoughRights(held: max(0, left), needed: needed)
    }
    return left < 0 ? .notEnoughRights(held: max(0, left + needed), needed: needed) : nil
  }
}
