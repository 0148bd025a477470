import OpLog

/// How many points an account may hold: what is above the cap can only be given away.
///
/// Awards always count, so no order decides whose points are above. The rule is the counter's alone:
/// until the excess is given away (`points.transfer`) nothing else is taken from the account.
enum BalanceCap {
  /// Why points may not be taken from a resident's account, which shows them taken already.
  static func refusal<S: FoldState>(
    of op: Op, taking points: Int64, from account: OpID, in state: S
  ) throws(S.Failure) -> Refusal? {
    guard points > 0, let policy = try Standing.policy(of: op, in: state),
      let cap = policy[.balanceCap],
      let file = try state.row(Tables.resident, id: account.packed),
      file[2].integer == policy.community
    else { return nil }
    let balance = try state.row(Tables.account, id: account.packed)?[1].integer ?? 0
    let excess = balance + points - cap
    return excess > 0 ? .aboveCap(limit: cap, excess: excess) : nil
  }
}
