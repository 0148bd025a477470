import OpLog

/// `points.transfer`: points that one account gives to another, at the giver's home office.
///
/// Nothing left a shelf, so a transfer without the right to spend has no effect.
enum TransferFold: Fold {
  static let schema = PayloadSchema([
    .required("from", .reference(Payer.kinds)), .required("to", .reference(Payer.kinds)),
    .required("points", .integer(1...100_000)),
  ])

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    let op = entry.op
    guard let from = entry.payload.reference(1), let to = entry.payload.reference(2), from != to,
      let custody = try Custody.of(from, in: state),
      try Payer.home(of: to, in: state) != nil
    else {
      return try state.settle(op.id, Verdict(.void, [.wrongReference]), isFirst: entry.isFirst)
    }
    var verdict = Verdict(.posted, try Standing.dateReasons(op, in: state))
    if let problem = try Payer.problem(ofFirm: op.id, custody, in: state) {
      verdict = Verdict(.void, [problem])
    } else if let problem = try Steps.problem(entry, in: state) {
      verdict = Verdict(.pending, [problem])
    }
    let row: [Cell] = [
      .id(op.id), .text(verdict.outcome.rawValue), .id(from), .id(to),
      .integer(entry.payload.integer(3) ?? 0), .integer(Int64(op.occurredOn.day)),
      .integer(
        try state.has(Tables.resident, id: from.packed) ? YearBucket(op.occurredOn).number : 0),
      .integer(
        try state.has(Tables.resident, id: to.packed) ? YearBucket.earned(by: op, in: state) : 0),
    ]
    try Facts.put(row, in: Tables.pointsTransfer, isFirst: entry.isFirst, state)
    try state.settle(op.id, verdict, isFirst: entry.isFirst)
  }

  static func refusal<S: FoldState>(
    of entry: Entry, in state: S
  ) throws(S.Failure) -> Refusal? {
    guard let from = entry.payload.reference(1), let points = entry.payload.integer(3),
      let row = try state.row(Tables.pointsTransfer, id: entry.op.id.packed),
      row[1] == .text("posted")
    else { return nil }
    return try HomeRights.shortage(of: from, for: points, by: entry.op, in: state)
  }

  /// A gift is no award: it moves what may be spent, and nobody's earned total.
  ///
  /// What is given ends as if earned on the day of the gift; the points of a household's pool do not
  /// end.
  static let postings: @Sendable ([Cell]) -> [Posting] = { row in
    guard row[1] == .text("posted"), let from = row[2].integer, let to = row[3].integer,
      let points = row[4].integer
    else { return [] }
    return [
      Posting(.account, from, amounts: [-points, 0, points, 0]),
      Posting(.account, to, amounts: [points, 0, -points, 0]),
    ] + YearBucket.posting(from, spent: row[6].integer, earned: nil, points: -points, credit: 0)
      + YearBucket.posting(to, spent: nil, earned: row[7].integer, points: points, credit: points)
  }
}
