import OpLog

/// `points.cover`: the community bears a loss (社区承担), so that the resident does not.
///
/// Unique by the op whose loss it covers: a reversal for a mistake of staff, or a redemption. Of
/// several the one with the lowest id counts. Another approver than the one who made the loss writes
/// it, at an office of the account's own community, or the hub does.
enum CoverFold: Fold {
  static let schema = PayloadSchema([
    .required("account", .reference([16])), .required("loss", .reference([20, 23])),
    .required("points", .integer(1...10_000)),
  ])

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    guard let cover = Cover(entry.op),
      try state.has(Tables.resident, id: cover.account.packed),
      let limit = try limit(of: cover, in: state), cover.points <= limit
    else {
      let verdict = Verdict(.void, [.wrongReference])
      return try state.settle(entry.op.id, verdict, isFirst: entry.isFirst)
    }
    let old = try state.row(Tables.cover, [cover.loss.packed])
    let known = (old?[2].id.map { [$0] } ?? []) + OpList.decode(old?[5].text ?? "")
    let ops = (known + (entry.isFirst ? [entry.op.id] : [])).sorted()
    var problems: [OpID: DeskReason] = [:]
    for id in ops { problems[id] = try problem(of: id, in: state) }
    let counted = ops.first { problems[$0] == nil }
    try put(counted, ops, cover, replacing: old, in: state)
    for id in ops {
      let verdict =
        problems[id].map { Verdict(.pending, [$0]) }
        ?? Verdict(id == counted ? .posted : .duplicate)
      try state.settle(id, verdict, isFirst: entry.isFirst && id == entry.op.id)
    }
  }

  /// What a cover adds to the account; it is no award, so `earned` stays as it is.
  static let postings: @Sendable ([Cell]) -> [Posting] = { row in
    guard row[2] != .null, let resident = row[1].integer, let points = row[3].integer else {
      return []
    }
    return [Posting(.account, resident, amounts: [points, 0, 0, 0])]
      + YearBucket.posting(resident, row[4].integer, points: points, credit: points)
  }

  private static func put<S: FoldState>(
    _ counted: OpID?, _ ops: [OpID], _ cover: Cover, replacing old: [Cell]?, in state: S
  ) throws(S.Failure) {
    var points: Int64 = 0
    var bucket: Int64 = 0
    if let counted {
      let op = try state.op(counted)
      points = Cover(op)?.points ?? 0
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
    guard let home,
      try Standing.community(of: home, in: state)
        == (try Standing.community(of: id.replica, in: state))
    else { return .actorNotEntitled }
    return try state.op(cover.loss).actor == op.actor ? .ownRecord : nil
  }

  /// The most that a loss can be worth; nil for what is no loss of this account.
  private static func limit<S: FoldState>(
    of cover: Cover, in state: S
  ) throws(S.Failure) -> Int64? {
    let loss = try state.op(cover.loss)
    if let award = ReverseFold.award(of: loss) {
      let named = try state.op(award)
      guard case .payload(let reversal)? = try? ReverseFold.schema.decode(loss),
        reversal.integer(2) == ReverseFold.staffError, let grant = Grant(named),
        grant.resident == cover.account,
        try ReverseFold.problem(loss, of: named, in: state) == nil
      else { return nil }
      return grant.points
    }
    guard loss.kind == 23, case .payload(let sale)? = try? RedemptionFold.schema.decode(loss),
      sale.reference(1) == cover.account
    else { return nil }
    return sale.records(2).reduce(0) { $0 + ($1.integer(2) ?? 0) * ($1.integer(3) ?? 0) }
  }
}

/// The payload of a `points.cover`.
private struct Cover {
  let account: OpID
  let loss: OpID
  let points: Int64

  /// Reads one; nil for an op of another kind.
  init?(_ op: Op) {
    guard op.kind == 15, case .payload(let payload)? = try? CoverFold.schema.decode(op),
      let account = payload.reference(1), let loss = payload.reference(2)
    else { return nil }
    self.account = account
    self.loss = loss
    points = payload.integer(3) ?? 0
  }
}
