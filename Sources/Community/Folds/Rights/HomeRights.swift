import OpLog

/// The rights of an account's home: its balance less what it granted to other offices and they still
/// hold.
///
/// Read after the sums are written: at the counter, and by the home's program.
package enum HomeRights {
  /// What other offices may still spend of an account.
  ///
  /// An office that spent more than it was granted frees nothing; one that was retired holds nothing
  /// any more.
  package static func granted<S: FoldState>(
    outOf account: Int64, in state: S
  ) throws(S.Failure) -> Int64 {
    var sum: Int64 = 0
    for row in try state.rows(Tables.grantedRight, under: [account]) {
      let left = (row[2].integer ?? 0) - (row[3].integer ?? 0) - (row[4].integer ?? 0)
      guard left > 0, let holder = row[1].integer,
        try !state.has(Tables.retirement, id: holder)
      else { continue }
      sum += left
    }
    return sum
  }

  /// What the home may spend of an account; below 0 where debits took more.
  package static func left<S: FoldState>(
    of account: Int64, in state: S
  ) throws(S.Failure) -> Int64 {
    let balance = try state.row(Tables.account, id: account)?[1].integer ?? 0
    return balance - (try granted(outOf: account, in: state))
  }

  /// Why a debit that was just folded must be taken back: the account, or the home's part of it, does
  /// not hold the points.
  ///
  /// An office that is not the home has no part to keep free.
  static func shortage<S: FoldState>(
    of account: OpID, for needed: Int64, by op: Op, in state: S
  ) throws(S.Failure) -> Refusal? {
    guard needed > 0 else { return nil }
    let balance = try state.row(Tables.account, id: account.packed)?[1].integer ?? 0
    if balance < 0 { return .notEnoughPoints(balance: balance + needed, needed: needed) }
    guard try Payer.home(of: account, in: state) == Int64(op.id.replica.rawValue) else {
      return nil
    }
    let granted = try granted(outOf: account.packed, in: state)
    guard balance < granted else { return nil }
    return .grantedElsewhere(balance: balance + needed, granted: granted, needed: needed)
  }

  /// What an office asked for on a day, of one account, and was not answered yet; ascending.
  package static func asked<S: FoldState>(
    of account: Int64, by office: Int64, on day: BusinessDate, in state: S
  ) throws(S.Failure) -> [(id: OpID, points: Int64)] {
    try state.rows(Tables.rightsRequest, under: [account, office]).compactMap { row in
      guard row[3] == .text(Outcome.posted.rawValue), row[5] == .integer(Int64(day.day)),
        row[6] == .null, let id = row[2].id, let points = row[4].integer
      else { return nil }
      return (id, points)
    }
  }

  /// What a home answers to a request: all that was asked, or 0.
  ///
  /// A request ends with its day, so that no right lies about which nobody waits for any more; nor does
  /// one about an account that may not be used get anything.
  ///
  /// - Parameters:
  ///   - request: The row of `rights_request`.
  ///   - today: The day on which the home answers.
  ///   - state: The tables, with the sums written.
  /// - Returns: The points.
  /// - Throws: What reading the state throws.
  package static func answer<S: FoldState>(
    to request: [Cell], on today: BusinessDate, in state: S
  ) throws(S.Failure) -> Int64 {
    guard request[3] == .text(Outcome.posted.rawValue), let account = request[0].id,
      let points = request[4].integer, request[5] == .integer(Int64(today.day)),
      try ResidentRule.refusal(of: account, on: Int64(today.day), in: state) == nil
    else { return 0 }
    return try left(of: account.packed, in: state) >= points ? points : 0
  }
}
