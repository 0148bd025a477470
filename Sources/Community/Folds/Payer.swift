import OpLog

/// An account that points can be taken from or given to: a resident's, or a household's pool.
enum Payer {
  /// The kinds that create an account.
  static let kinds: [KindNumber] = [16, 52]

  /// The replica that holds an account's rights; nil when there is no such account.
  ///
  /// A pool's home is the replica that opened the household's file.
  static func home<S: FoldState>(
    of account: OpID, in state: S
  ) throws(S.Failure) -> Int64? {
    if let resident = try state.row(Tables.resident, id: account.packed) {
      return resident[1].integer
    }
    guard try state.has(Tables.household, id: account.packed) else { return nil }
    return Int64(account.replica.rawValue)
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
