import OpLog

/// `points.cover`: the community bears a loss (社区承担), so that the resident does not.
///
/// Unique by the op whose loss it covers: a reversal for a mistake of staff, or points taken away from
/// the account's home for goods, an offer, or coins, while the home may have spent them; what was handed
/// out by the home's right, its own or a grant, is no loss. Of several the one with the lowest id
/// counts, for as much as was lost and is not given back: a piece that is returned later takes nothing
/// from the resident. Another approver than the one who made the loss writes it, at an office of the
/// account's own community, or the hub does.
enum CoverFold: Fold, Derivation {
  static let schema = PayloadSchema([
    .required("account", .reference([16])), .required("loss", .reference([20, 23, 39, 40])),
    .required("points", .integer(1...10_000)),
  ])

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    guard let cover = Cover(entry.op),
      try state.has(Tables.resident, id: cover.account.packed),
      try account(of: cover.loss, in: state) == cover.account
    else {
      let verdict = Verdict(.void, [.wrongReference])
      return try state.settle(entry.op.id, verdict, isFirst: entry.isFirst)
    }
    if let lack = try Steps.lack(of: entry, in: state) {
      return try state.settle(entry.op.id, Verdict(.pending, [lack]), isFirst: entry.isFirst)
    }
    let old = try state.row(Tables.cover, [cover.loss.packed])
    try settle(cover, old, adding: entry.isFirst ? entry.op.id : nil, in: state)
  }

  /// Settles the covers of a loss again, when what was lost changes.
  static func settle<S: FoldState>(_ key: AccountKey, in state: S) throws(S.Failure) {
    guard let row = try state.row(Tables.cover, [key.first]),
      let id = ops(of: row).first, let cover = Cover(try state.op(id))
    else { return }
    try settle(cover, row, adding: nil, in: state)
  }

  private static func settle<S: FoldState>(
    _ cover: Cover, _ old: [Cell]?, adding op: OpID?, in state: S
  ) throws(S.Failure) {
    let (ops, dropped) = Steps.adding(op, to: (old.map(ops) ?? []).sorted())
    if let dropped {
      try state.settle(dropped, Verdict(.duplicate), isFirst: dropped == op)
      guard dropped != op else { return }
    }
    let lost = try lost(by: cover.loss, of: cover.account, in: state)
    var verdicts: [OpID: Verdict] = [:]
    for id in ops {
      if lost == 0 {
        verdicts[id] = Verdict(.void, [.wrongReference])
      } else if let problem = try problem(of: id, in: state) {
        verdicts[id] = Verdict(.pending, [problem])
      }
    }
    let counted = ops.first { verdicts[$0] == nil }
    try put(counted, ops, cover, atMost: lost, replacing: old, in: state)
    for id in ops {
      let verdict = verdicts[id] ?? Verdict(id == counted ? .posted : .duplicate)
      try state.settle(id, verdict, isFirst: id == op)
    }
  }

  private static func ops(of row: [Cell]) -> [OpID] {
    (row[2].id.map { [$0] } ?? []) + OpList.decode(row[5].text)
  }

  /// Nobody bears what nobody owes: a cover is for the debt that there is.
  static func refusal<S: FoldState>(
    of entry: Entry, in state: S
  ) throws(S.Failure) -> Refusal? {
    guard let cover = Cover(entry.op), let row = try state.row(Tables.cover, [cover.loss.packed])
    else { return nil }
    let lost = try lost(by: cover.loss, of: cover.account, in: state)
    if cover.points > lost { return .coverTooLarge(limit: lost) }
    let balance = try state.row(Tables.account, id: cover.account.packed)?[1].integer ?? 0
    guard row[2].id == entry.op.id, balance > 0 else { return nil }
    return .coverTooLarge(limit: max(0, cover.points - balance))
  }

  /// What a cover adds to the account; it is no award, so `earned` stays as it is.
  static let postings: @Sendable ([Cell]) -> [Posting] = { row in
    guard row[2] != .null, let resident = row[1].integer, let points = row[3].integer else {
      return []
    }
    return [Posting(.account, resident, amounts: [points, 0, 0, 0])]
      + YearBucket.posting(
        resident, spent: nil, earned: row[4].integer, points: points, credit: points)
  }

  private static func put<S: FoldState>(
    _ counted: OpID?, _ ops: [OpID], _ cover: Cover, atMost lost: Int64,
    replacing old: [Cell]?, in state: S
  ) throws(S.Failure) {
    var points: Int64 = 0
    var bucket: Int64 = 0
    if let counted {
      let op = try state.op(counted)
      points = min(Cover(op)?.points ?? 0, lost)
      bucket = try YearBucket.earned(by: op, in: state)
    }
    let row: [Cell] = [
      .id(cover.loss), .id(cover.account), .id(counted), .integer(points), .integer(bucket),
      .list(ops.filter { $0 != counted }),
    ]
    if let old {
      if old != row { try state.replace(Tables.cover, old, by: row) }
    } else {
      try state.insert(Tables.cover, row)
    }
  }

  private static func problem<S: FoldState>(
    of id: OpID, in state: S
  ) throws(S.Failure) -> DeskReason? {
    let op = try state.op(id)
    guard let kind = Catalogue.kind(op.kind), let cover = Cover(op) else { return .wrongReference }
    if let problem = try Standing.problem(op, kind, in: state) { return problem }
    if try Standing.isInFuture(op, in: state) { return .futureDate }
    guard !id.replica.isHub else { return nil }
    let account = try state.row(Tables.resident, id: cover.account.packed)
    let home = account?[1].integer.flatMap { ReplicaID(rawValue: UInt32(truncatingIfNeeded: $0)) }
    guard let home else { return .actorNotEntitled }
    var communities = [try Standing.community(of: home, in: state)]
    communities += try Residence.stays(of: cover.account, in: state).dropFirst().map(\.community)
    guard communities.contains(try Standing.community(of: id.replica, in: state)) else {
      return .actorNotEntitled
    }
    let recorder = try state.op(cover.loss).actor
    return try Standing.isSamePerson(recorder, op.actor, in: state) ? .ownRecord : nil
  }

  /// Whose points an op cost that was a mistake of staff, or a debit of their own account.
  private static func account<S: FoldState>(
    of loss: OpID, in state: S
  ) throws(S.Failure) -> OpID? {
    let op = try state.op(loss)
    if let award = ReverseFold.award(of: op) {
      return ReverseFold.isStaffError(op) ? Grant(try state.op(award))?.resident : nil
    }
    guard let debit = try Entry.again(loss, op.kind, in: state),
      let payer = Payer.charged(by: debit), payer == Payer.person(of: debit)
    else { return nil }
    return payer
  }

  /// What an account lost: what a reversal took back of it, or what a debit took away from home and
  /// neither a step nor coins gave back.
  ///
  /// It does not matter whether the home took the redemption over: it does that once it is covered.
  private static func lost<S: FoldState>(
    by loss: OpID, of account: OpID, in state: S
  ) throws(S.Failure) -> Int64 {
    if let error = try state.row(Tables.awardError, [account.packed, loss.packed]) {
      return error[2].integer ?? 0
    }
    let kind = try state.op(loss).kind
    guard StandInCoverFold.debits.contains(kind),
      let debit = try Entry.again(loss, kind, in: state),
      try !isByRight(debit, of: account, in: state)
    else { return 0 }
    switch debit.kind.name {
    case "redemption.record": return try lost(bySale: loss, in: state)
    case "offer.use":
      guard let offer = debit.payload.reference(1),
        let row = try state.row(Tables.offerUse, [offer, account, loss].map(\.packed)),
        row[3] == .text("posted")
      else { return 0 }
      return row[6].integer ?? 0
    default:
      guard let row = try state.row(Tables.coinPoints, [loss.packed, loss.packed]),
        row[2] == .text("posted")
      else { return 0 }
      return -(row[4].integer ?? 0)
    }
  }

  private static func lost<S: FoldState>(
    bySale loss: OpID, in state: S
  ) throws(S.Failure) -> Int64 {
    guard let sale = try state.row(Tables.redemption, id: loss.packed), sale[1] != .text("pending")
    else { return 0 }
    var lost = sale[5].integer ?? 0
    for step in try state.rows(Tables.redemptionStep, under: [loss.packed])
    where step[3] == .text("posted") { lost -= step[6].integer ?? 0 }
    for coins in try state.rows(Tables.coinPoints, under: [loss.packed])
    where coins[2] == .text("posted") { lost -= coins[4].integer ?? 0 }
    return max(0, lost)
  }

  /// Whether an account's home made a debit by its own right, or gave the right to it away.
  private static func isByRight<S: FoldState>(
    _ debit: Entry, of account: OpID, in state: S
  ) throws(S.Failure) -> Bool {
    let id = debit.op.id
    guard let custody = try Custody.of(account, in: state) else { return false }
    let isFirm: Bool
    if debit.kind.name == "redemption.record" {
      guard let sale = try Sale(debit, in: state) else { return false }
      if sale.basis == .grant { return try RightUse.problem(of: sale, in: state) == nil }
      isFirm = sale.basis == .home
    } else {
      isFirm = Payer.isFirm(debit.payload.integer(4), id, custody)
    }
    guard isFirm else { return try custody.isOfFirstHome(id, in: state) }
    return try Payer.problem(ofFirm: id, custody, in: state) == nil
  }

  /// What reads a cover: whether the account has another.
  static let accountReaders: @Sendable ([Cell]) -> [Reader] = { row in
    row[1].integer.map { [Reader(.coverProposal, $0)] } ?? []
  }

  /// What reads a row that belongs to a loss: its covers.
  static func readers(_ loss: Cell) -> [Reader] { loss.integer.map { [Reader(.covers, $0)] } ?? [] }
}

/// The payload of a `points.cover`.
private struct Cover {
  let account: OpID
  let loss: OpID
  let points: Int64

  /// Reads one; nil for an op of another kind.
  init?(_ op: Op) {
    guard op.kind == 15, let payload = CoverFold.schema.payload(of: op),
      let account = payload.reference(1), let loss = payload.reference(2)
    else { return nil }
    self.account = account
    self.loss = loss
    points = payload.integer(3) ?? 0
  }
}
