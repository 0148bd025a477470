import OpLog

/// What a counter can promise a person now: so many points for certain, so many on trust, or nothing,
/// and why.
///
/// What is promised the counter records, by the rules that it applies then (``RedemptionFold``): first
/// what is guaranteed in one redemption, then what is on trust in another. At the account's home nothing
/// is on trust. What depends on the goods, such as a limit of pieces, is not in it, nor what depends on who
/// comes for a household: its pool is nobody's account.
package struct SpendingPromise: Equatable, Sendable {
  /// The points that the office holds the right to.
  package let guaranteed: Int64
  /// The points that it may give on trust beside them, by its rules and its budget.
  package let onTrust: Int64
  /// Why nothing is promised; nil where something is.
  package let bar: Refusal?
  /// Whether somebody who is grown up has to collect.
  package let needsAdult: Bool

  /// Nothing is promised, for a reason that no table has.
  package init(bar: Refusal) {
    (guaranteed, onTrust, self.bar, needsAdult) = (0, 0, bar, false)
  }

  /// What an office can promise of an account.
  ///
  /// - Parameters:
  ///   - account: A resident's, or a household's pool.
  ///   - office: The replica at whose counter somebody asks.
  ///   - policy: The rules of the office; nil where it has none yet.
  ///   - today: The business date.
  ///   - parkedOp: An op that this version cannot fold and that touches the account; nil for none.
  ///   - state: The tables, with the sums written.
  /// - Throws: What reading the state throws.
  package init<S: FoldState>(
    of account: OpID, at office: Int64, _ policy: Policy?, on today: BusinessDate,
    parkedOp: OpID? = nil, in state: S
  ) throws(S.Failure) {
    let day = Int64(today.day)
    if let rule = try Self.rule(against: account, policy, on: day, in: state) {
      (guaranteed, onTrust, bar, needsAdult) = (0, 0, rule, false)
      return
    }
    let least = policy?[.leastPoints] ?? 0
    let leftToMinor = try policy.flatMap { (policy) throws(S.Failure) in
      try ItemLimit.leftToMinor(account, policy, on: day, in: state)
    }
    let ofMinors = Refusal.minorLimit(limit: policy?[.minorPerDay] ?? 0)
    var sure = try Self.sure(in: account, at: office, parkedOp, in: state)
    if let leftToMinor { sure.cut(to: leftToMinor, ofMinors) }
    sure.drop(below: least)
    var trust = Part(0, nil)
    if try Payer.home(of: account, in: state) != office {
      trust = try Self.trust(in: account, at: office, policy, on: today, in: state)
      if let leftToMinor { trust.cut(to: leftToMinor - sure.points, ofMinors) }
      trust.drop(below: least)
    }
    if let policy, sure.points > 0,
      try QuarterLimit.visitsLeft(to: account, policy, on: day, in: state) == 1
    {
      trust = Part(0, nil)
    }
    (guaranteed, onTrust) = (sure.points, trust.points)
    let isBarred = sure.points + trust.points == 0
    bar = isBarred ? trust.bar ?? sure.bar : nil
    guard !isBarred, policy?.isOn(.guardian) == true else {
      needsAdult = false
      return
    }
    needsAdult = try AgeBand.of(account, on: day, in: state) == .child
  }

  /// Points, and what stands against more of them.
  private struct Part {
    private(set) var points: Int64
    private(set) var bar: Refusal?

    init(_ points: Int64, _ bar: Refusal?) {
      self.points = max(0, points)
      self.bar = bar
    }

    /// Leaves at most so many.
    mutating func cut(to limit: Int64, _ why: Refusal) {
      if points > limit { self = Part(limit, why) }
    }

    /// Leaves none where they are fewer than a redemption must cost.
    mutating func drop(below least: Int64) {
      if points > 0, points < least { self = Part(0, .wouldNotCount(.posted, [.belowMinimum])) }
    }
  }

  /// Which rule lets nobody redeem from an account on a day, whatever it holds.
  private static func rule<S: FoldState>(
    against account: OpID, _ policy: Policy?, on day: Int64, in state: S
  ) throws(S.Failure) -> Refusal? {
    if let refusal = try ResidentRule.refusal(of: account, on: day, in: state) { return refusal }
    guard let policy else { return nil }
    if let file = try state.row(Tables.resident, id: account.packed) {
      let isOwn = file[2].integer == policy.community
      if policy[.crossesCommunities] == 0, !isOwn { return .otherCommunity }
      let balance = try state.row(Tables.account, id: account.packed)?[1].integer ?? 0
      if isOwn, let cap = policy[.balanceCap], balance > cap {
        return .aboveCap(limit: cap, excess: balance - cap)
      }
    } else if !policy.isOn(.householdPool) {
      return .poolsAreOff
    }
    if policy.isOn(.coinsOnly) { return .coinsNeeded(points: 0) }
    if !CounterRule.isOpen(on: day, policy) { return .wouldNotCount(.posted, [.closedDay]) }
    if let most = policy[.redemptionsPerQuarter],
      try QuarterLimit.visitsLeft(to: account, policy, on: day, in: state) ?? 1 <= 0
    {
      return .quarterLimit(limit: most)
    }
    return nil
  }

  /// What the office holds the right to: as the home, or by grants of the home.
  private static func sure<S: FoldState>(
    in account: OpID, at office: Int64, _ parkedOp: OpID?, in state: S
  ) throws(S.Failure) -> Part {
    guard let custody = try Custody.of(account, in: state) else {
      return Part(0, .notEnoughPoints(balance: 0, needed: 1))
    }
    guard custody.home == office else {
      return Part(try state.row(Tables.heldRight, [office, account.packed])?[2].integer ?? 0, nil)
    }
    if let parkedOp { return Part(0, .accountNotFirm(op: parkedOp)) }
    guard custody.isHeld else { return Part(0, .wouldNotCount(.posted, [.debitWithoutStanding])) }
    let balance = try state.row(Tables.account, id: account.packed)?[1].integer ?? 0
    let granted = try HomeRights.granted(outOf: account.packed, in: state)
    guard balance > 0, granted > 0 else {
      return Part(balance, .notEnoughPoints(balance: balance, needed: 1))
    }
    return Part(
      balance - granted, .grantedElsewhere(balance: balance, granted: granted, needed: 1))
  }

  /// What the rules of trust leave of an account that may hold points.
  private static func trust<S: FoldState>(
    in account: OpID, at office: Int64, _ policy: Policy?, on today: BusinessDate, in state: S
  ) throws(S.Failure) -> Part {
    let sums = try state.row(Tables.account, id: account.packed)
    let balance = sums?[1].integer ?? 0
    // Trust is for what nobody can know here, as at the counter (``RedemptionRule``).
    let held = try state.row(Tables.heldRight, [office, account.packed])?[2].integer ?? 0
    let isHeard = try RedemptionFold.isHeard(on: today, in: state)
    if isHeard, balance <= held { return Part(0, .notEnoughPoints(balance: balance, needed: 1)) }
    guard let policy, policy.visitLimit > 0 else { return Part(0, .visitLimit(limit: 0)) }
    if let limit = policy[.standInDays], let newest = try state.newestReceipt() {
      let days = Int64(today.day) - Int64(BusinessDate(stamp: newest).day)
      if days > limit { return Part(0, .offlineTooLong(days: days, limit: limit)) }
    }
    var part = Part(policy.visitLimit, nil)
    let ofPerson = sums?[4].integer ?? 0
    part.cut(
      to: policy.personLimit - ofPerson,
      .personLimit(limit: policy.personLimit, uncovered: ofPerson))
    let ofOffice = try state.row(Tables.office, id: office)?[1].integer ?? 0
    let budget = try BudgetFold.limit(of: office, policy, in: state)
    part.cut(to: budget - ofOffice, .officeLimit(limit: budget, uncovered: ofOffice))
    if isHeard { part.cut(to: balance - held, .notEnoughPoints(balance: balance, needed: 1)) }
    return part
  }
}
