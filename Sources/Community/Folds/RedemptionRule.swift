import OpLog

/// What the counter checks before goods leave the shelf.
extension RedemptionFold {
  /// The first line whose price is not what its item costs.
  private static func wrongPrice<S: FoldState>(
    _ entry: Entry, in state: S
  ) throws(S.Failure) -> Refusal? {
    for line in entry.payload.records(2) {
      guard let item = line.reference(1),
        let points = try state.row(Tables.item, id: item.packed)?[4].integer,
        points != line.integer(3)
      else { continue }
      return .priceDiffers(item: item, points: points)
    }
    return nil
  }

  static func refusal<S: FoldState>(
    of entry: Entry, in state: S
  ) throws(S.Failure) -> Refusal? {
    if let refusal = try ResidentRule.refusal(of: entry, in: state) { return refusal }
    if let refusal = try notCovered(entry, in: state) { return refusal }
    return try wrongPrice(entry, in: state)
  }

  /// Why the shelf or the account does not cover a redemption.
  private static func notCovered<S: FoldState>(
    _ entry: Entry, in state: S
  ) throws(S.Failure) -> Refusal? {
    guard let row = try state.row(Tables.redemption, id: entry.op.id.packed),
      let resident = row[2].integer, let office = row[3].integer, let points = row[5].integer
    else { return nil }
    let lines = entry.payload.records(2)
    for line in lines {
      guard let item = line.reference(1) else { continue }
      let shelf = try state.row(Tables.shelfItem, [office, item.packed])
      let onHand = shelf?[2].integer ?? 0
      if onHand < 0 {
        let wanted = lines.filter { $0.reference(1) == item }
          .reduce(0) { $0 + ($1.integer(2) ?? 0) }
        return .notEnoughStock(item: item, onHand: onHand + wanted)
      }
    }
    let account = try state.row(Tables.account, id: resident)
    switch Basis(rawValue: row[4].integer ?? 0) {
    case .grant: return .grantNotSupported
    case .standIn where row[6] != .integer(0):
      return try standIn(entry, points: points, account: account, office: office, in: state)
    default:
      let balance = account?[1].integer ?? 0
      return balance < 0 ? .notEnoughPoints(balance: balance + points, needed: points) : nil
    }
  }

  private static func standIn<S: FoldState>(
    _ entry: Entry, points: Int64, account: [Cell]?, office: Int64, in state: S
  ) throws(S.Failure) -> Refusal? {
    let policyRow = try entry.op.policy.flatMap { (id) throws(S.Failure) in
      try state.row(Tables.policy, id: id.packed)
    }
    let community = try Standing.community(of: entry.op.id.replica, in: state)
    guard let policyRow, policyRow[1].integer == community else { return .visitLimit(limit: 0) }
    let policy = Policy(row: policyRow)
    if points > policy.visitLimit { return .visitLimit(limit: policy.visitLimit) }
    let ofPerson = account?[4].integer ?? 0
    if ofPerson > policy.personLimit {
      return .personLimit(limit: policy.personLimit, uncovered: ofPerson - points)
    }
    let ofOffice = try state.row(Tables.office, id: office)?[1].integer ?? 0
    if ofOffice > policy.officeLimit {
      return .officeLimit(limit: policy.officeLimit, uncovered: ofOffice - points)
    }
    return nil
  }
}
