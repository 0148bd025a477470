import OpLog

/// Why an office may not record something now; nothing is written then.
package enum Refusal: Error, Equatable, Sendable {
  /// The op would not count: its outcome would be this, for these reasons.
  case wouldNotCount(Outcome, [DeskReason])
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
  /// The account may not redeem until after this day.
  case accountFrozen(until: BusinessDate)
  /// The resident left, or died, too long ago for the account to be used.
  case residentLeft(on: BusinessDate)
  /// The resident's personal data was erased; no new data may be kept.
  case residentErased
  /// A text holds what looks like a phone or ID number.
  case personalData(field: String)
  /// The appointment of the one who records it has ended.
  case appointmentEnded(on: BusinessDate)

  /// The stable code in JSON.
  package var code: String {
    switch self {
    case .wouldNotCount(_, let reasons): reasons.first?.rawValue ?? "would-not-count"
    case .notEnoughPoints: "not-enough-points"
    case .visitLimit: "visit-limit"
    case .personLimit: "person-limit"
    case .officeLimit: "office-limit"
    case .notEnoughStock: "not-enough-stock"
    case .priceDiffers: "price-differs"
    case .grantNotSupported: "grant-not-supported"
    case .onlyHub: "only-hub"
    case .claimAbovePublished: "claim-above-published"
    case .accountFrozen: "account-frozen"
    case .residentLeft: "resident-left"
    case .residentErased: "resident-erased"
    case .personalData: "personal-data"
    case .appointmentEnded: "appointment-ended"
    }
  }
}

/// What an office checks before it writes something down, with all that it knows then.
///
/// The op is folded first and judged by what the fold made of it, inside the same transaction: one
/// rule book for the counter and for the sync.
package enum RecordRule {
  /// Why the op that was just folded must be taken back; nil when it may stand.
  ///
  /// - Parameters:
  ///   - entry: The op, as folded.
  ///   - verdict: What the fold made of it.
  ///   - state: The tables after it, with the account sums written.
  /// - Returns: The refusal, or nil.
  /// - Throws: What reading the state throws.
  package static func refusal<S: FoldState>(
    of entry: Entry, _ verdict: Verdict, in state: S
  ) throws(S.Failure) -> Refusal? {
    guard !entry.kind.isHubOnly else { return .onlyHub }
    if let field = PersonalData.field(of: entry) { return .personalData(field: field) }
    if let ended = try OpsOfStaff.end(of: entry.op, in: state) {
      return .appointmentEnded(on: ended)
    }
    if let refusal = try entry.kind.fold?.refusal(of: entry, in: state) { return refusal }
    let problems = verdict.reasons.filter { !$0.isExpected }
    let waits = verdict.outcome == .pending && !verdict.reasons.isEmpty
    guard verdict.outcome == .posted || waits, problems.isEmpty else {
      return .wouldNotCount(verdict.outcome, problems)
    }
    return nil
  }
}
