import OpLog

/// The debits on trust that nobody took over yet, under the home that has to.
///
/// The home's program asks for its own at every sync (``Store``), so they are found by it, and not among
/// all that the street's offices have out.
enum OpenDebits: Derivation {
  static func settle<S: FoldState>(_ key: AccountKey, in state: S) throws(S.Failure) {
    let account = try account(ofOpen: key.first, in: state)
    let home = try account.flatMap { (id) throws(S.Failure) in try Payer.home(of: id, in: state) }
    var row: [Cell]?
    if let account, let home { row = [.integer(key.first), .integer(home), .id(account)] }
    try Facts.set(row, [key.first], in: Tables.openDebit, state)
  }

  /// Looks at all of them again, when a home was retired; a scan of what is open.
  static func requeueAll<S: FoldState>(in state: S) throws(S.Failure) {
    for row in try state.rows(Tables.openDebit, under: []) {
      if let debit = row[0].integer { state.requeue(Reader(.openDebits, debit)) }
    }
  }

  /// What reads a row with points on trust.
  static func readers(_ debit: Cell, while isOnTrust: Bool) -> [Reader] {
    guard isOnTrust, let debit = debit.integer else { return [] }
    return [Reader(.openDebits, debit)]
  }

  /// The account of a posted debit on trust that was not taken over; nil for any other op.
  ///
  /// One of 0 points is on the desk as any other, until it is taken over.
  private static func account<S: FoldState>(
    ofOpen debit: Int64, in state: S
  ) throws(S.Failure) -> OpID? {
    guard let id = OpID(packed: debit) else { return nil }
    switch try state.op(id).kind {
    case 23:
      guard let row = try state.row(Tables.redemption, id: debit), row[1] != .text("pending"),
        row[1] != .text("void"),
        row[4] == .integer(RedemptionFold.Basis.standIn.rawValue),
        let account = row[9].id ?? row[2].id, let custody = try Custody.of(account, in: state),
        try !custody.isOfFirstHome(id, in: state),
        try state.row(Tables.standInCover, id: debit)?[1].id == nil
      else { return nil }
      return account
    case 39:
      guard let use = try Entry.again(id, 39, in: state),
        let row = try OfferUseFold.row(of: use, in: state), row[3] == .text("posted"),
        row[7] != .integer(0)
      else { return nil }
      return row[1].id
    case 40:
      guard let row = try state.row(Tables.coinPoints, [debit, debit]), row[2] == .text("posted"),
        row[9] != .integer(0)
      else { return nil }
      return row[3].id
    default: return nil
    }
  }
}
