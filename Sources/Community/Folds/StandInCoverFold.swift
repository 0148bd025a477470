import OpLog

/// `standin.cover`: the home of an account takes over what another office gave on trust (代付确认).
///
/// The home's program writes it, nobody types it, once the account is not below 0 with the debit in it.
/// From then on the debit is no longer uncovered: it weighs on no limit and is off the desk. Unique by
/// the debit; of several the lowest id counts, and one that the home did not write has no effect.
enum StandInCoverFold: Fold, Derivation {
  static let schema = PayloadSchema([.required("debit", .reference(debits))])

  /// The kinds that can take points on trust.
  static let debits: [KindNumber] = [23, 39, 40]

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    let op = entry.op
    guard let id = entry.payload.reference(1), let debit = try debit(id, in: state),
      let account = Payer.charged(by: debit), let home = try Payer.home(of: account, in: state)
    else {
      return try state.settle(op.id, Verdict(.void, [.wrongReference]), isFirst: entry.isFirst)
    }
    guard home == Int64(op.id.replica.rawValue) else {
      return try state.settle(op.id, Verdict(.void, [.actorNotEntitled]), isFirst: entry.isFirst)
    }
    guard let old = try state.row(Tables.standInCover, id: id.packed) else {
      try state.insert(Tables.standInCover, [.id(id), .id(op.id), .null])
      return try state.settle(op.id, .plain, isFirst: entry.isFirst)
    }
    guard entry.isFirst, let counted = old[1].id else { return }
    let first = min(counted, op.id)
    let others = OpList.decode(old[2].text) + [max(counted, op.id)]
    try state.replace(
      Tables.standInCover, old,
      by: [.id(id), .id(first), .list(Array(others.sorted().prefix(AwardFold.recordsMax)))])
    if first == op.id { try state.settle(counted, Verdict(.duplicate), isFirst: false) }
    try state.settle(op.id, first == op.id ? .plain : Verdict(.duplicate), isFirst: true)
  }

  /// Folds a debit again that was taken over.
  static func settle<S: FoldState>(_ key: AccountKey, in state: S) throws(S.Failure) {
    guard let id = OpID(packed: key.first), let debit = try debit(id, in: state) else { return }
    try debit.fold(in: state)
  }

  /// Nobody takes over what an account cannot bear.
  static func refusal<S: FoldState>(
    of entry: Entry, in state: S
  ) throws(S.Failure) -> Refusal? {
    guard let id = entry.payload.reference(1), let debit = try debit(id, in: state),
      let account = Payer.charged(by: debit)
    else { return nil }
    let left = try HomeRights.left(of: account.packed, in: state)
    return left < 0 ? .notEnoughPoints(balance: left, needed: 0) : nil
  }

  /// Whether the home of its account has taken a debit over; never when it is folded first, because
  /// what names it is folded after it.
  static func covers<S: FoldState>(_ debit: Entry, in state: S) throws(S.Failure) -> Bool {
    guard !debit.isFirst else { return false }
    return try state.has(Tables.standInCover, id: debit.op.id.packed)
  }

  private static func debit<S: FoldState>(
    _ id: OpID, in state: S
  ) throws(S.Failure) -> Entry? {
    for kind in debits {
      if let debit = try Entry.again(id, kind, in: state) { return debit }
    }
    return nil
  }
}
