import OpLog

/// Why an office may not record something now; nothing is written then.
package enum Refusal: Error, Equatable, Sendable {
  /// The op would not count: its outcome would be this, for these reasons.
  case wouldNotCount(Outcome, [DeskReason])
  /// A newer version's op names the account, so what it holds is not known here.
  case accountNotFirm(op: OpID)
  /// The account does not hold enough points at its home.
  case notEnoughPoints(balance: Int64, needed: Int64)
  /// The account does not hold enough; another file of the same person has points of its own.
  case pointsInOtherFile(balance: Int64, needed: Int64, file: OpID, holds: Int64)
  /// More on trust than the account is known to hold beside what this office has the right to.
  case rightFirst(balance: Int64, held: Int64, needed: Int64)
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
  /// The account has the points, but its home granted too many of them to other offices.
  case grantedElsewhere(balance: Int64, granted: Int64, needed: Int64)
  /// More than the account's home granted to this office and is left of it.
  case notEnoughRights(held: Int64, needed: Int64)
  /// The account's home is this office, so there is nobody to ask.
  case isHome
  /// This office asked for points of the account today, and its home has not answered yet.
  case askedAlready(request: OpID, points: Int64)
  /// Only the hub writes this kind.
  case onlyHub
  /// The program writes this kind by itself when the time has come.
  case byProgram
  /// A claim above what the activity published.
  case claimAbovePublished(points: Int64)
  /// The rules make points from minutes, and none were written down.
  case minutesNeeded
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
  /// What the shelf holds is kept for other residents.
  case reserved(item: OpID, kept: Int64)
  /// More pieces of an item than a person may take in a period.
  case itemLimit(item: OpID, limit: Int64, period: ItemTerms.Period)
  /// More pieces of an item than a household may take in a month.
  case householdLimit(item: OpID, limit: Int64)
  /// More redemptions than a person has in a quarter.
  case quarterLimit(limit: Int64)
  /// More points than a minor may spend in a day.
  case minorLimit(limit: Int64)
  /// The birth date says that somebody is under age on a day, and the file's age band, by which every
  /// office goes, does not say it.
  case ageBandNeeded(resident: OpID, band: AgeBand, on: BusinessDate)
  /// No receipt came for longer than points may be given on trust.
  case offlineTooLong(days: Int64, limit: Int64)
  /// The reservation is somebody else's, of another item, at another office, or was collected before.
  case otherReservation(OpID)
  /// The community redeems for coins alone, and this much of the price is not paid by them.
  case coinsNeeded(points: Int64)
  /// Residents of other communities may not redeem here.
  case otherCommunity
  /// Households share no points here.
  case poolsAreOff
  /// Pieces of the redemption came back already.
  case alreadyReturned
  /// No purse of coins pays this price.
  case notPayableInCoins(points: Int64)
  /// The office has fewer coins.
  case notEnoughCoins(denomination: Int64, vault: Int64)
  /// More coins than the price takes, and no change is given: these are enough.
  case tooManyCoins(points: Int64, enough: [CoinCount])
  /// The award was paid in coins before.
  case paidInCoins(award: OpID)
  /// The books of the shelf said something else at that place.
  case bookedDiffers(item: OpID, booked: Int64)
  /// More uses of an offer than a person has.
  case offerLimit(limit: Int64)
  /// The offer is for residents who earned more.
  case earnedTooLittle(least: Int64)
  /// The community bears no more than what was lost and is still owed.
  case coverTooLarge(limit: Int64)
  /// Nobody covered the loss that the community is said to bear.
  case coverNeeded(loss: OpID)
  /// The account holds more than it may; the excess has to be given away first.
  case aboveCap(limit: Int64, excess: Int64)
  /// More coins of a denomination than were ever printed.
  case coinsNotPrinted(denomination: Int64, printed: Int64)
  /// Coins can't pay again for what is paid.
  case paidAlready
  /// The desk has no such entry, or it was resolved.
  case notOnDesk
  /// The business date is after tomorrow by a clock that agrees with the hub's.
  case dateAhead(today: BusinessDate)
  /// Goods can't be kept until a day that is over.
  case keptUntilPast(day: BusinessDate)
  /// The activity would end before it starts.
  case endsBeforeStart
  /// A freeze until a day that is over freezes nothing.
  case frozenUntilPast(day: BusinessDate)
  /// The days in which it may be appealed are over.
  case appealTooLate(until: BusinessDate)
  /// An account goes to an office of its own community only.
  case otherCommunityOffice
  /// An account that is said to move to another community would go to an office of the same one.
  case sameCommunityOffice
  /// The office that should take it was revoked, or is retired.
  case officeGone

  /// The stable code in JSON.
  package var code: String {
    if case .wouldNotCount(_, let reasons) = self, let first = reasons.first {
      return first.rawValue
    }
    return refusalCode.rawValue
  }

  private var refusalCode: RefusalCode {
    switch self {
    case .wouldNotCount: .wouldNotCount
    case .accountNotFirm: .accountNotFirm
    case .notEnoughPoints: .notEnoughPoints
    case .pointsInOtherFile: .pointsInOtherFile
    case .rightFirst: .rightFirst
    case .visitLimit: .visitLimit
    case .personLimit: .personLimit
    case .officeLimit: .officeLimit
    case .notEnoughStock: .notEnoughStock
    case .priceDiffers: .priceDiffers
    case .grantedElsewhere: .grantedElsewhere
    case .notEnoughRights: .notEnoughRights
    case .isHome: .isHome
    case .askedAlready: .askedAlready
    case .onlyHub: .onlyHub
    case .byProgram: .byProgram
    case .claimAbovePublished: .claimAbovePublished
    case .minutesNeeded: .minutesNeeded
    case .accountFrozen: .accountFrozen
    case .residentLeft: .residentLeft
    case .residentErased: .residentErased
    case .personalData: .personalData
    case .appointmentEnded: .appointmentEnded
    case .reserved: .reserved
    case .itemLimit: .itemLimit
    case .householdLimit: .householdLimit
    case .quarterLimit: .quarterLimit
    case .minorLimit: .minorLimit
    case .ageBandNeeded: .ageBandNeeded
    case .offlineTooLong: .offlineTooLong
    case .otherReservation: .otherReservation
    case .coinsNeeded: .coinsNeeded
    case .otherCommunity: .otherCommunity
    case .poolsAreOff: .poolsAreOff
    case .alreadyReturned: .alreadyReturned
    case .notPayableInCoins: .notPayableInCoins
    case .notEnoughCoins: .notEnoughCoins
    case .tooManyCoins: .tooManyCoins
    case .paidInCoins: .paidInCoins
    case .bookedDiffers: .bookedDiffers
    case .offerLimit: .offerLimit
    case .earnedTooLittle: .earnedTooLittle
    case .coverTooLarge: .coverTooLarge
    case .coverNeeded: .coverNeeded
    case .aboveCap: .aboveCap
    case .coinsNotPrinted: .coinsNotPrinted
    case .paidAlready: .paidAlready
    case .notOnDesk: .notOnDesk
    case .dateAhead: .dateAhead
    case .keptUntilPast: .keptUntilPast
    case .endsBeforeStart: .endsBeforeStart
    case .frozenUntilPast: .frozenUntilPast
    case .appealTooLate: .appealTooLate
    case .otherCommunityOffice: .otherCommunityOffice
    case .sameCommunityOffice: .sameCommunityOffice
    case .officeGone: .officeGone
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
    Payer.charged(by: entry)
  }

  /// What a home says of a debit on trust at another office that found its account empty; nil where
  /// somebody has said so, or it did not.
  package static func owed<S: FoldState>(
    _ debit: OpID, by account: OpID, at home: ReplicaID, in state: S
  ) throws(S.Failure) -> Payload? {
    guard try state.row(Tables.account, id: account.packed)?[1].integer ?? 0 < 0 else {
      return nil
    }
    return try StandInOwedFold.note(of: debit, by: home, in: state)
  }

  /// The replicas that held an account's rights in turn, each with the op that made it so.
  ///
  /// The last holds them now; there is none where there is no such account.
  package static func homes<S: FoldState>(
    of account: OpID, in state: S
  ) throws(S.Failure) -> [(home: Int64, maker: OpID)] {
    try Custody.of(account, in: state)?.tenures.map { ($0.home, $0.maker) } ?? []
  }

  /// Whether an account's home may spend what it holds; one that gave it away once takes it back first.
  package static func isHeld<S: FoldState>(
    _ account: OpID, in state: S
  ) throws(S.Failure) -> Bool {
    try Custody.of(account, in: state)?.isHeld ?? false
  }

  /// The replica that holds an account's rights; nil when there is no such account.
  package static func home<S: FoldState>(
    of account: OpID, in state: S
  ) throws(S.Failure) -> Int64? {
    try Payer.home(of: account, in: state)
  }

  /// Why the op that was just folded must be taken back; nil when it may stand.
  ///
  /// - Parameters:
  ///   - entry: The op, as folded.
  ///   - verdict: What the fold made of it.
  ///   - state: The tables after it, with the account sums written.
  ///   - parkedOp: An op that this version cannot fold and that touches the account which is charged.
  /// - Returns: The refusal, or nil.
  /// - Throws: What reading the state throws.
  package static func refusal<S: FoldState>(
    of entry: Entry, _ verdict: Verdict, in state: S,
    parkedOp: OpID? = nil
  ) throws(S.Failure) -> Refusal? {
    guard !entry.kind.isHubOnly else { return .onlyHub }
    if let parkedOp, try Payer.isFirm(entry, in: state) {
      return .accountNotFirm(op: parkedOp)
    }
    if let field = PersonalData.field(of: entry) { return .personalData(field: field) }
    if let ended = try OpsOfStaff.end(of: entry.op, in: state) {
      return .appointmentEnded(on: ended)
    }
    if let refusal = try ResidentRule.refusal(of: entry, in: state) { return refusal }
    if let refusal = try entry.kind.fold?.refusal(of: entry, in: state) { return refusal }
    let problems = verdict.reasons.filter { !$0.isExpected }
    let waits = verdict.outcome == .pending && !verdict.reasons.isEmpty
    guard verdict.outcome == .posted || waits, problems.isEmpty else {
      return .wouldNotCount(verdict.outcome, problems)
    }
    return nil
  }
}
