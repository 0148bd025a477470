import OpLog

/// `period.close`: a community's month is closed with its totals, on the ops below its basis.
///
/// Unique by (community, month). After a reopening only a later close counts. What a close says is
/// what the hub's tables said when it held exactly the basis; it never changes again.
package enum PeriodCloseFold: Fold {
  /// The monthly columns, in the order of their keys in the payload.
  package static let totals = [
    "activities", "people", "attendances", "points_granted", "points_redeemed", "points_expired",
    "points_covered", "redemptions", "pieces", "value_fen", "donations", "reversals",
    "stock_on_hand", "on_desk", "minutes", "points_coined",
  ]

  /// The heads that a close was taken on: 512 logs, those of former hubs among them.
  static let basis: [Field] = [
    .required("replica", .replica),
    .required("seq", .integer(1...Int64(EnvelopeLimits.seqMax))),
  ]

  /// No sum of a month comes near: a thousand million points are 5,000 residents with 200,000 each.
  private static let total = FieldType.integer(-1_000_000_000...1_000_000_000)

  static let schema = PayloadSchema(
    [
      .required("community", .reference([2])), .required("month", .date),
      .required("basis", .records(basis, 1...512)),
    ] + totals.map { .required($0, total) })

  /// Folds one close.
  package static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    guard entry.isFirst else { return }
    guard let close = Close(entry.op, entry.payload), entry.op.id.replica.isHub else {
      let reason: DeskReason = entry.op.id.replica.isHub ? .wrongReference : .onlyHub
      return try state.settle(entry.op.id, Verdict(.void, [reason]), isFirst: true)
    }
    guard try state.has(Tables.community, id: close.community) else {
      return try state.settle(entry.op.id, Verdict(.void, [.wrongReference]), isFirst: true)
    }
    try settle(close, adding: entry.op.id, in: state)
  }

  /// Settles a month again from all its closes and reopenings, in the order of their ids.
  static func settle<S: FoldState>(
    _ close: Close, adding step: OpID, isReopening: Bool = false, in state: S
  ) throws(S.Failure) {
    let old = try state.row(Tables.period, close.key)
    let closes = OpList.decode(old?[4].text ?? "") + (isReopening ? [] : [step])
    let reopenings = OpList.decode(old?[5].text ?? "") + (isReopening ? [step] : [])
    var named: [(op: OpID, of: OpID?)] = []
    for id in reopenings { named.append((id, try ReopenFold.close(of: state.op(id)))) }
    let rounds = Rounds(closes, reversals: named)
    let counted = rounds.counted
    try putBasis(of: counted, close.key, replacing: old?[3].id, in: state)
    var row: [Cell] = close.key.map(Cell.integer)
    row += [
      .text(counted == nil ? "open" : "closed"), .id(counted), .list(closes.sorted()),
      .list(reopenings.sorted()),
    ]
    if let counted, let close = try Close(state.op(counted)) {
      row += close.totals.map(Cell.integer)
    } else {
      row += totals.map { _ in .null }
    }
    if let old {
      try state.replace(Tables.period, old, by: row)
    } else {
      try state.insert(Tables.period, row)
    }
    try rounds.settle(adding: step, in: state)
  }

  private static func putBasis<S: FoldState>(
    of new: OpID?, _ key: [Int64], replacing old: OpID?, in state: S
  ) throws(S.Failure) {
    guard new != old else { return }
    for row in try state.rows(Tables.periodBasis, under: key) {
      try state.remove(Tables.periodBasis, row)
    }
    guard let new, let close = try Close(state.op(new)) else { return }
    for (replica, seq) in close.basis.sorted(by: { $0.key < $1.key }) {
      try state.insert(Tables.periodBasis, (key + [replica, seq]).map(Cell.integer))
    }
  }
}

/// The payload of a `period.close`.
struct Close {
  let community: Int64
  let month: Int64
  let basis: [Int64: Int64]
  let totals: [Int64]

  /// Reads one; nil when its month is not named by its first day.
  init?(_ op: Op, _ payload: Payload) {
    guard let community = payload.reference(1), let month = payload.integer(2),
      let first = BusinessDate(day: month), first.civil.day == 1
    else { return nil }
    self.community = community.packed
    self.month = month
    var basis: [Int64: Int64] = [:]
    for record in payload.records(3) {
      let replica = record.integer(1) ?? 0
      basis[replica] = max(basis[replica] ?? 0, record.integer(2) ?? 0)
    }
    self.basis = basis
    totals = PeriodCloseFold.totals.indices.map { payload.integer($0 + 4) ?? 0 }
  }

  /// Reads one from the log; nil for an op of another kind.
  init?(_ op: Op) {
    guard op.kind == 61, let payload = PeriodCloseFold.schema.payload(of: op) else {
      return nil
    }
    self.init(op, payload)
  }

  /// The natural key in table order.
  var key: [Int64] { [community, month] }
}

/// `period.reopen`: a closed month is opened again by two approvers of the community.
package enum ReopenFold: Fold {
  static let schema = PayloadSchema([
    .required("close", .reference([61])), .required("approvers", .references([6], 2...2)),
    .required("reason", .choice(["late_records", "wrong_totals", "audit"])),
  ])

  /// Folds one reopening.
  package static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    guard entry.isFirst else { return }
    let op = entry.op
    guard op.id.replica.isHub else {
      return try state.settle(op.id, Verdict(.void, [.onlyHub]), isFirst: true)
    }
    guard let named = entry.payload.reference(1), let close = try Close(state.op(named)),
      let row = try state.row(Tables.period, close.key),
      OpList.decode(row[4].text).contains(named)
    else { return try state.settle(op.id, Verdict(.void, [.wrongReference]), isFirst: true) }
    for approver in entry.payload.references(2) {
      guard try isApprover(approver, of: close.community, on: op.occurredOn, in: state) else {
        return try state.settle(op.id, Verdict(.pending, [.actorNotEntitled]), isFirst: true)
      }
    }
    let signed = entry.payload.references(2)
    if try Standing.isSamePerson(signed.first, signed.last, in: state) {
      return try state.settle(op.id, Verdict(.pending, [.actorNotEntitled]), isFirst: true)
    }
    try PeriodCloseFold.settle(close, adding: op.id, isReopening: true, in: state)
  }

  /// The close that a reopening names; nil for an op of another kind.
  static func close(of op: Op) -> OpID? {
    guard op.kind == 62, let payload = schema.payload(of: op) else { return nil }
    return payload.reference(1)
  }

  /// Whether somebody may sign for a community on a day, ends of appointments aside.
  package static func isApprover<S: FoldState>(
    _ id: OpID, of community: Int64, on date: BusinessDate, in state: S
  ) throws(S.Failure) -> Bool {
    guard let staff = try state.row(Tables.staff, id: id.packed) else { return false }
    let day = Int64(date.day)
    return staff[1].integer == community && (staff[2].integer ?? 0) & Role.approver.mask != 0
      && day >= staff[3].integer ?? 0 && day <= staff[4].integer ?? .max
  }
}
