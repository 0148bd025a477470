import OpLog

/// `settlement.post`: what one community owes another for a month's redemptions.
///
/// Unique by (month, from, to): of several the one with the lowest id counts, until it is taken back
/// (``ClosingReverseFold``).
enum SettlementFold: Fold {
  static let schema = PayloadSchema([
    .required("month", .date), .required("from", .reference([2])),
    .required("to", .reference([2])), .required("points", .integer(0...1_000_000_000)),
  ])

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    guard entry.isFirst else { return }
    guard entry.op.id.replica.isHub else {
      return try state.settle(entry.op.id, Verdict(.void, [.onlyHub]), isFirst: true)
    }
    guard let settlement = Settlement(entry.payload),
      try state.has(Tables.community, id: settlement.payer.packed),
      try state.has(Tables.community, id: settlement.payee.packed)
    else { return try state.settle(entry.op.id, Verdict(.void, [.wrongReference]), isFirst: true) }
    try settle(settlement, adding: entry.op.id, in: state)
  }

  /// Settles a month and a pair again from all that was declared and taken back.
  static func settle<S: FoldState>(
    _ settlement: Settlement, adding step: OpID, isReversal: Bool = false, in state: S
  ) throws(S.Failure) {
    let old = try state.row(Tables.settlement, settlement.key)
    let posts =
      (old?[3].id.map { [$0] } ?? []) + OpList.decode(old?[5].text ?? "")
      + (isReversal ? [] : [step])
    let reversals = OpList.decode(old?[6].text ?? "") + (isReversal ? [step] : [])
    let rounds = try ClosingReverseFold.rounds(posts, reversals, in: state)
    var points: Int64 = 0
    if let counted = rounds.counted, let entry = try Entry.again(counted, 63, in: state) {
      points = entry.payload.integer(4) ?? 0
    }
    let row: [Cell] =
      settlement.key.map(Cell.integer) + [
        .id(rounds.counted), .integer(points),
        .list(posts.filter { $0 != rounds.counted }.sorted()), .list(reversals.sorted()),
      ]
    try Facts.set(row, settlement.key, in: Tables.settlement, state)
    try rounds.settle(adding: step, in: state)
  }
}

/// The month and the pair of a `settlement.post`.
struct Settlement {
  let month: Int64
  let payer: OpID
  let payee: OpID

  /// Reads one; nil where its month is not named by its first day, or a community owes itself.
  init?(_ payload: Payload) {
    guard let month = payload.integer(1), BusinessDate(day: month)?.civil.day == 1,
      let payer = payload.reference(2), let payee = payload.reference(3), payer != payee
    else { return nil }
    (self.month, self.payer, self.payee) = (month, payer, payee)
  }

  /// The natural key in table order.
  var key: [Int64] { [month, payer.packed, payee.packed] }
}
