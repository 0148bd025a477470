import OpLog

/// Why an office may not record something now; nothing is written then.
package enum Refusal: Error, Equatable, Sendable {
  /// The op would not count: its outcome would be this, for these reasons.
  case wouldNotCount(Outcome, [DeskReason])
  /// A newer version's op names the account, so what it holds is not known here.
  case accountNotFirm(op: OpID)
  /// The account does not hold enough points at its home.
  case notEnoughPoints(balance: Int64, needed: Int64)
  /// More on trust than one visit may take.
  case visitLimit(limit: Int64)
  /// More on trust than one person may owe.
  case personLimit(limit: Int64, uncovered: Int64)
  /// More on trust than this office may have out.
  case officeLimit(limit: Int64, uncovered: Int64)
  /// The shelf does not hold enough.
  case notEnoughStock(item: OpID, onHand: Int64)
  /// A line's price is not what the item costs.
  case priceDiffers(item: OpID, points: Int64)
  /// Grants of rights come with a later version.
  case grantNotSupported
  /// Only the hub writes this kind.
  case onlyHub
  /// A claim above what the activity published.
  case claimAbovePublished(points: Int64)

  /// The stable code in JSON.
  package var code: String {
    switch self {
    case .wouldNotCount(_, let reasons): reasons.first?.rawValue ?? "would-not-count"
    case .accountNotFirm: "account-not-firm"
    case .notEnoughPoints: "not-enough-points"
    case .visitLimit: "visit-limit"
    case .personLimit: "person-limit"
    case .officeLimit: "office-limit"
    case .notEnoughStock: "not-enough-stock"
    case .priceDiffers: "price-differs"
    case .grantNotSupported: "grant-not-supported"
    case .onlyHub: "only-hub"
    case .claimAbovePublished: "claim-above-published"
    }
  }
}

/// What an office checks before it writes something down, with all that it knows then.
///
/// The op is folded first and judged by what the fold made of it, inside the same transaction: one
/// rule book for the counter and for the sync.
package enum RecordRule {
  /// The account that an op takes points from; nil for an op that takes none.
  package static func account(chargedBy entry: Entry) -> OpID? {
    entry.kind.number == 23 ? entry.payload.reference(1) : nil
  }

  /// Why the op that was just folded must be taken back; nil when it may stand.
  ///
  /// - Parameters:
  ///   - entry: The op, as folded.
  ///   - verdict: What the fold made of it.
  ///   - state: The tables after it, with the account sums written.
  ///   - parkedOp: An op that this version cannot fold and that names the account which is charged.
  /// - Returns: The refusal, or nil.
  /// - Throws: What reading the state throws.
  package static func refusal<S: FoldState>(
    of entry: Entry, _ verdict: Verdict, in state: S,
    parkedOp: OpID? = nil
  ) throws(S.Failure) -> Refusal? {
    guard !entry.kind.isHubOnly else { return .onlyHub }
    switch entry.kind.number {
    case 19:
      guard let grant = Grant(entry.op) else { break }
      let activity = try state.row(Tables.activity, id: grant.activity.packed)
      if let published = activity?[4].integer, grant.points > published {
        return .claimAbovePublished(points: published)
      }
    case 23:
      if let refusal = try redemption(entry, in: state, parkedOp: parkedOp) { return refusal }
    default: break
    }
    let tolerated: Set<DeskReason> = [.awaitingApproval, .standIn]
    let problems = verdict.reasons.filter { !tolerated.contains($0) }
    let mayStand = verdict.outcome == .posted || verdict.reasons == [.awaitingApproval]
    guard mayStand, problems.isEmpty else { return .wouldNotCount(verdict.outcome, problems) }
    return entry.kind.number == 23 ? try wrongPrice(entry, in: state) : nil
  }

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

  private static func redemption<S: FoldState>(
    _ entry: Entry, in state: S, parkedOp: OpID?
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
    switch RedemptionFold.Basis(rawValue: row[4].integer ?? 0) {
    case .grant: return .grantNotSupported
    case .standIn where row[6] != .integer(0):
      return try standIn(entry, points: points, account: account, office: office, in: state)
    default:
      if let parkedOp { return .accountNotFirm(op: parkedOp) }
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
