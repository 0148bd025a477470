import OpLog

/// What a counter can promise a person now: so many points for certain, so many on trust.
///
/// Each is for one visit. At the account's home nothing is on trust.
package struct SpendingPromise: Equatable, Sendable {
  /// The points that the office holds the right to.
  package let guaranteed: Int64
  /// The points that it may give on trust beside them, by its rules and its budget.
  package let onTrust: Int64

  /// What an office can promise of an account.
  ///
  /// - Parameters:
  ///   - account: A resident's, or a household's pool.
  ///   - office: The replica at whose counter somebody asks.
  ///   - policy: The rules of the office; nil where it has none yet.
  ///   - today: The business date.
  ///   - state: The tables, with the sums written.
  /// - Throws: What reading the state throws.
  package init<S: FoldState>(
    of account: OpID, at office: Int64, _ policy: Policy?, on today: BusinessDate, in state: S
  ) throws(S.Failure) {
    guard try ResidentRule.refusal(of: account, on: Int64(today.day), in: state) == nil,
      let home = try Payer.home(of: account, in: state)
    else {
      (guaranteed, onTrust) = (0, 0)
      return
    }
    guard home != office else {
      let isHeld = try Custody.of(account, in: state)?.isHeld == true
      guaranteed = isHeld ? max(0, try HomeRights.left(of: account.packed, in: state)) : 0
      onTrust = 0
      return
    }
    guaranteed = try state.row(Tables.heldRight, [office, account.packed])?[2].integer ?? 0
    // Trust is for what nobody can know here, as at the counter (``RedemptionRule``).
    let balance = try state.row(Tables.account, id: account.packed)?[1].integer ?? 0
    if balance <= guaranteed, let newest = try state.newestReceipt(),
      BusinessDate(stamp: newest) >= today
    {
      onTrust = 0
      return
    }
    onTrust = try Self.trust(in: account, at: office, policy, on: today, in: state)
  }

  /// What the three limits leave of an account that may hold points.
  private static func trust<S: FoldState>(
    in account: OpID, at office: Int64, _ policy: Policy?, on today: BusinessDate, in state: S
  ) throws(S.Failure) -> Int64 {
    guard let policy else { return 0 }
    if let limit = policy[.standInDays], let newest = try state.newestReceipt(),
      Int64(today.day) - Int64(BusinessDate(stamp: newest).day) > limit
    {
      return 0
    }
    let sums = try state.row(Tables.account, id: account.packed)
    let balance = sums?[1].integer ?? 0
    guard try !RedemptionFold.isKnownToBeEmpty(balance, on: today, in: state) else { return 0 }
    let ofPerson = sums?[4].integer ?? 0
    let ofOffice = try state.row(Tables.office, id: office)?[1].integer ?? 0
    let budget = try BudgetFold.limit(of: office, policy, in: state)
    return max(
      0, min(policy.visitLimit, policy.personLimit - ofPerson, budget - ofOffice))
  }
}
