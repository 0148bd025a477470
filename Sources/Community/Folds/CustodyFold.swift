import OpLog

/// `custody.give`: the home of an account hands it to another office of its community, or of the
/// community to which its people moved (``Residence``).
///
/// It names the op that made the writer home, so that custody is a chain and no order of arrival
/// matters. A give by anybody else, or one that comes after another, has no effect. By a give to itself
/// an office takes back what it had given away: see ``Custody/holds(_:)``.
enum CustodyFold: Fold {
  /// The number in the catalogue.
  static let kind: KindNumber = 12

  static let schema = PayloadSchema([
    .required("account", .reference(Payer.kinds)), .required("to", .reference([3])),
    .required("after", .reference((Payer.kinds + [kind, RetireFold.kind]).sorted())),
    .optional("moves", .flag),
  ])

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    let op = entry.op
    guard let account = entry.payload.reference(1), let after = entry.payload.reference(3),
      let to = try EnrollFold.office(of: entry.payload.reference(2), in: state),
      try isOneCommunity(to, op.id.replica, in: state) != moves(entry.payload)
    else {
      return try state.settle(op.id, Verdict(.void, [.wrongReference]), isFirst: entry.isFirst)
    }
    if let lack = try Steps.lack(of: entry, in: state) {
      return try state.settle(op.id, Verdict(.pending, [lack]), isFirst: entry.isFirst)
    }
    let old = try state.row(Tables.custodyGive, [account.packed, op.id.packed])
    // One without a room stays a duplicate.
    guard entry.isFirst || old != nil else { return }
    let problem = try Standing.problem(entry, in: state)
    if entry.isFirst || problem != nil {
      let verdict = problem.map { Verdict(.pending, [$0]) } ?? .plain
      try state.settle(op.id, verdict, isFirst: entry.isFirst)
    }
    if entry.isFirst, try !hasRoom(for: op.id, of: account, in: state) { return }
    let row: [Cell] = [
      .id(account), .id(op.id), .integer(to), .id(after), .integer(problem == nil ? 1 : 0),
      .integer(moves(entry.payload) ? 1 : 0),
    ]
    if let old {
      if old != row { try state.replace(Tables.custodyGive, old, by: row) }
    } else {
      try state.insert(Tables.custodyGive, row)
    }
    // The chain says what becomes of it, also where its row stays as it was; its receipt may say the
    // day from which on its people live elsewhere.
    state.requeue(Reader(.residence, account.packed))
    state.requeue(Reader(.movedAccount, account.packed))
  }

  /// What an office gives away is still its own, and goes to one that can take it.
  static func refusal<S: FoldState>(
    of entry: Entry, in state: S
  ) throws(S.Failure) -> Refusal? {
    guard let to = try EnrollFold.office(of: entry.payload.reference(2), in: state) else {
      return nil
    }
    let isOne = try isOneCommunity(to, entry.op.id.replica, in: state)
    guard isOne != moves(entry.payload) else {
      return isOne ? .sameCommunityOffice : .otherCommunityOffice
    }
    return try RevokeFold.isGone(to, in: state) ? .officeGone : nil
  }

  /// Keeps the lowest ids of an account's gives, of each writer; see ``Steps/countMax``.
  private static func hasRoom<S: FoldState>(
    for op: OpID, of account: OpID, in state: S
  ) throws(S.Failure) -> Bool {
    let rows = try state.rows(Tables.custodyGive, under: [account.packed])
    guard let dropped = Steps.adding(op, to: rows.compactMap(\.[1].id)).dropped else { return true }
    try state.settle(dropped, Verdict(.duplicate), isFirst: false)
    guard dropped != op else { return false }
    if let row = rows.first(where: { $0[1].id == dropped }) {
      try state.remove(Tables.custodyGive, row)
    }
    return true
  }

  /// Whether a give says that the account's people moved to the other office's community.
  private static func moves(_ payload: Payload) -> Bool { payload.integer(4) == 1 }

  /// The account that a give moves to another community than its writer's, and that community; nil for
  /// any other op.
  ///
  /// What the give says, whether it counts or not.
  static func move<S: FoldState>(
    by give: OpID?, in state: S
  ) throws(S.Failure) -> (account: OpID, community: Int64)? {
    guard let give, let payload = try Entry.again(give, kind, in: state)?.payload, moves(payload),
      let account = payload.reference(1),
      let to = try EnrollFold.office(of: payload.reference(2), in: state),
      let community = try state.row(Tables.replica, id: to)?[2].integer,
      try community != Standing.community(of: give.replica, in: state)
    else { return nil }
    return (account, community)
  }

  private static func isOneCommunity<S: FoldState>(
    _ office: Int64, _ other: ReplicaID, in state: S
  ) throws(S.Failure) -> Bool {
    try state.row(Tables.replica, id: office)?[2].integer
      == Standing.community(of: other, in: state)
  }
}
