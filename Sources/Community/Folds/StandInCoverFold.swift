import OpLog

/// `standin.cover`: the home of an account takes over what another office gave on trust (代付确认).
///
/// The home's program writes it, nobody types it, once the account is not below 0 with the debit in it.
/// From then on the debit is no longer uncovered: it weighs on no limit and is off the desk. Unique by
/// the debit; of several the lowest id counts, and one that the home did not write, or that names a
/// debit which was not on trust, has no effect.
enum StandInCoverFold: Fold, Derivation {
  static let schema = PayloadSchema([.required("debit", .reference(debits))])

  /// The kinds that can take points on trust.
  static let debits: [KindNumber] = [23, 39, 40]

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    let op = entry.op
    guard let id = entry.payload.reference(1), let debit = try debit(id, in: state),
      let account = Payer.charged(by: debit), try Custody.of(account, in: state) != nil
    else {
      return try state.settle(op.id, Verdict(.void, [.wrongReference]), isFirst: entry.isFirst)
    }
    guard entry.isFirst else { return }
    let old = try state.row(Tables.standInCover, id: id.packed)
    let known = old.map(covers) ?? []
    let (kept, dropped) = Steps.adding(op.id, to: known)
    if let dropped {
      try state.settle(dropped, Verdict(.duplicate), isFirst: dropped == op.id)
    }
    guard dropped != op.id else { return }
    try settle(kept, of: debit, by: account, adding: op.id, old, in: state)
  }

  /// Judges again what was said to take a debit over, when the account's home moved.
  static func settle<S: FoldState>(coversOf id: OpID, in state: S) throws(S.Failure) {
    guard let old = try state.row(Tables.standInCover, id: id.packed),
      let debit = try debit(id, in: state), let account = Payer.charged(by: debit)
    else { return }
    try settle(covers(old), of: debit, by: account, adding: nil, old, in: state)
  }

  /// The same for all that an office wrote; a scan.
  static func settle<S: FoldState>(coversBy office: Int64, in state: S) throws(S.Failure) {
    for row in try state.rows(Tables.standInCover, under: []) {
      guard covers(row).contains(where: { Int64($0.replica.rawValue) == office }),
        let debit = row[0].id
      else { continue }
      try settle(coversOf: debit, in: state)
    }
  }

  /// Of the covers that the account's home wrote the one with the lowest id counts.
  private static func settle<S: FoldState>(
    _ covers: [OpID], of debit: Entry, by account: OpID, adding new: OpID?, _ old: [Cell]?,
    in state: S
  ) throws(S.Failure) {
    guard let custody = try Custody.of(account, in: state) else { return }
    let isOnTrust = try Payer.isOnTrust(debit, custody, in: state)
    let counted = isOnTrust ? covers.first { custody.holds($0) } : nil
    for cover in covers {
      let other: Verdict =
        if !isOnTrust {
          Verdict(.void, [.wrongReference])
        } else {
          custody.holds(cover) ? Verdict(.duplicate) : Verdict(.void, [.actorNotEntitled])
        }
      try state.settle(cover, cover == counted ? .plain : other, isFirst: cover == new)
    }
    let row: [Cell] = [
      .id(debit.op.id), .id(counted), .list(covers.filter { $0 != counted }),
    ]
    guard let old else { return try state.insert(Tables.standInCover, row) }
    if old != row { try state.replace(Tables.standInCover, old, by: row) }
  }

  /// What was said to take a debit over, ascending.
  private static func covers(_ row: [Cell]) -> [OpID] {
    (OpList.decode(row[2].text) + (row[1].id.map { [$0] } ?? [])).sorted()
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
    return try state.row(Tables.standInCover, id: debit.op.id.packed)?[1].id != nil
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
