import OpLog

/// An account that points can be taken from or given to: a resident's, or a household's pool.
enum Payer {
  /// The kinds that create an account.
  static let kinds: [KindNumber] = [16, 52]

  /// The kinds that take points from an account.
  static let debits: [KindNumber] = [23, 39, 40, 56]

  /// The replica that holds an account's rights now; nil when there is no such account.
  static func home<S: FoldState>(
    of account: OpID, in state: S
  ) throws(S.Failure) -> Int64? {
    try Custody.of(account, in: state)?.home
  }

  /// What is wrong with a debit that was made by the right of the account's home; nil when it had that
  /// right.
  static func problem<S: FoldState>(
    ofFirm debit: OpID, _ custody: Custody, in state: S
  ) throws(S.Failure) -> DeskReason? {
    if try state.isLate(debit) { return .late }
    return custody.holds(debit) ? nil : .debitWithoutStanding
  }

  /// By what right a use of an offer, or coins, take points; most say nothing.
  static let basis = FieldType.choice(["home", "stand_in"])

  /// Whether a debit with such a field takes points by the home's right: where the account was opened,
  /// unless it says otherwise, and elsewhere if it says so, because the account moved there.
  static func isFirm(_ basis: Int64?, _ debit: OpID, _ custody: Custody) -> Bool {
    basis.map { $0 == 0 } ?? custody.isOfFirstHome(debit)
  }

  /// Whether a debit took points on trust, whether the home has taken it over since or not.
  static func isOnTrust<S: FoldState>(
    _ debit: Entry, _ custody: Custody, in state: S
  ) throws(S.Failure) -> Bool {
    let (id, payload) = (debit.op.id, debit.payload)
    switch debit.kind.name {
    case "redemption.record":
      guard payload.integer(3) == RedemptionFold.Basis.standIn.rawValue else { return false }
      return try !custody.isOfFirstHome(id, in: state)
    case "offer.use", "coin.issue": return !isFirm(payload.integer(4), id, custody)
    default: return false
    }
  }

  /// The person for whom an op takes points; nil for an op that takes none.
  static func person(of entry: Entry) -> OpID? {
    switch entry.kind.name {
    case "redemption.record", "coin.issue", "points.transfer": entry.payload.reference(1)
    case "offer.use": entry.payload.reference(2)
    default: nil
    }
  }

  /// The account that an op takes points from; nil for an op that takes none.
  static func charged(by entry: Entry) -> OpID? {
    let pool = entry.kind.name == "redemption.record" ? entry.payload.reference(6) : nil
    return pool ?? person(of: entry)
  }

  /// Whether an op takes points by the right of the account's home, and not on trust.
  static func isFirm<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) -> Bool {
    guard let account = charged(by: entry) else { return false }
    guard entry.kind.name != "redemption.record" else {
      return entry.payload.integer(3) == RedemptionFold.Basis.home.rawValue
    }
    return try home(of: account, in: state) == Int64(entry.op.id.replica.rawValue)
  }
}
