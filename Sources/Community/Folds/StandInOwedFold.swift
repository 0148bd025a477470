import OpLog

/// `standin.owed`: the account had too few points for what another office gave on trust (代付欠分).
///
/// The account's office writes it by itself when such a debit comes, because only there it is seen:
/// points use no order, so no later reader could tell which of two debits found the account empty. It
/// moves nothing and is about the person who took the goods; a second debt of one person within a year
/// is on the desk. Unique by the debit: of several the one with the lowest id counts. Where the account
/// moved to another community, an office of that one names the give that says so.
enum StandInOwedFold: Fold {
  /// A year: a debt in it makes the next one a repeat.
  private static let daysBetween: Int64 = 365

  static let schema = PayloadSchema([
    .required("debit", .reference(StandInCoverFold.debits)),
    .optional("after", .reference([CustodyFold.kind])),
  ])

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    guard entry.isFirst else { return }
    let op = entry.op
    guard let id = entry.payload.reference(1), let debt = try Debt(id, in: state) else {
      return try state.settle(op.id, Verdict(.void, [.wrongReference]), isFirst: true)
    }
    // Nothing but the desk depends on it, so it does not matter who is home today.
    guard try debt.isTold(by: op.id.replica, after: entry.payload.reference(2), in: state) else {
      return try state.settle(op.id, Verdict(.void, [.actorNotEntitled]), isFirst: true)
    }
    let key = [debt.person.packed, debt.day, id.packed]
    let old = try state.row(Tables.standInDebt, key)
    let known = (old?[3].id.map { [$0] } ?? []) + OpList.decode(old?[4].text ?? "")
    let (kept, dropped) = Steps.adding(op.id, to: known.sorted())
    for id in kept {
      try state.settle(id, id == kept[0] ? .plain : Verdict(.duplicate), isFirst: id == op.id)
    }
    if let dropped {
      try state.settle(dropped, Verdict(.duplicate), isFirst: dropped == op.id)
    }
    let row: [Cell] =
      key.map(Cell.integer) + [.id(kept.first), .list(Array(kept.dropFirst())), .integer(0)]
    try Facts.set(row, key, in: Tables.standInDebt, state)
    try markRepeats(of: debt.person, in: state)
  }

  /// What an office writes of a debit that can be said to be owed, and nobody has; nil where it has
  /// nothing to say.
  static func note<S: FoldState>(
    of debit: OpID, by office: ReplicaID, in state: S
  ) throws(S.Failure) -> Payload? {
    guard let debt = try Debt(debit, in: state),
      try state.row(Tables.standInDebt, [debt.person.packed, debt.day, debit.packed]) == nil
    else { return nil }
    let community = try Standing.community(of: office, in: state)
    let stays = try Residence.stays(of: debt.account, in: state)
    let arrival = stays.dropFirst().last { $0.community == community }?.op
    for give in [nil, arrival] where try debt.isTold(by: office, after: give, in: state) {
      return Payload(values: [.reference(debit), give.map(PayloadValue.reference)])
    }
    return nil
  }

  /// Says which debts of a person follow one of an earlier day; several of one day are one debt.
  private static func markRepeats<S: FoldState>(
    of person: OpID, in state: S
  ) throws(S.Failure) {
    var (today, before): (Int64?, Int64?) = (nil, nil)
    for row in try state.rows(Tables.standInDebt, under: [person.packed]) {
      guard let day = row[1].integer else { continue }
      if day != today { (today, before) = (day, today) }
      var settled = row
      settled[5] = .integer(before.map { day - $0 <= daysBetween } ?? false ? 1 : 0)
      if settled != row { try state.replace(Tables.standInDebt, row, by: settled) }
    }
  }

  /// A debit that was given on trust: by its own words, whoever is home.
  private struct Debt {
    let id: OpID
    let account: OpID
    let person: OpID
    let day: Int64
    /// Where the account was opened.
    let community: Int64?

    /// Whether an office may say so: another than the debit's, of the community where the account was
    /// opened, or of one to which the give that it names moved the account.
    func isTold<S: FoldState>(
      by office: ReplicaID, after give: OpID?, in state: S
    ) throws(S.Failure) -> Bool {
      guard office != id.replica else { return false }
      let own = try Standing.community(of: office, in: state)
      if own == community { return true }
      guard let move = try CustodyFold.move(by: give, in: state) else { return false }
      return move.account == account && move.community == own
    }

    /// Reads one; nil for a debit by a right, or without an account.
    init?<S: FoldState>(_ id: OpID, in state: S) throws(S.Failure) {
      let op = try state.op(id)
      guard let debit = try Entry.again(id, op.kind, in: state),
        let account = Payer.charged(by: debit), let custody = try Custody.of(account, in: state),
        let payer = Payer.person(of: debit)
      else { return nil }
      let first = custody.tenures[0].home
      let isSale = debit.kind.name == "redemption.record"
      let isOnTrust =
        isSale
        ? debit.payload.integer(3) == RedemptionFold.Basis.standIn.rawValue
        : debit.payload.integer(4).map { $0 != 0 } ?? (Int64(id.replica.rawValue) != first)
      let taker = isSale ? debit.payload.reference(7) ?? payer : payer
      guard isOnTrust, try state.has(Tables.resident, id: taker.packed),
        let office = ReplicaID(rawValue: UInt32(truncatingIfNeeded: first))
      else { return nil }
      self.id = id
      self.account = account
      person = taker
      day = Int64(op.occurredOn.day)
      community = try Standing.community(of: office, in: state)
    }
  }

  /// The second debt within a year.
  static let standingDesk: @Sendable ([Cell]) -> [DeskEntry] = { row in
    guard row[5] == .integer(1), let debit = row[2].integer else { return [] }
    return [DeskEntry(.overdrawnAgain, subject: debit)]
  }
}
