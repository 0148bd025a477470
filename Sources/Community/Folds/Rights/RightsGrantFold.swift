import OpLog

/// `rights.grant`: an account's home answers a request; 0 points are a no.
///
/// The home's program writes it, nobody types it. Of several answers the lowest id counts. One that the
/// home did not write, or that gives more than was asked, has no effect: the request stays open, so an
/// honest home answers it again.
///
/// A no of the office that asked withdraws the request: then nothing that the home answered counts.
enum RightsGrantFold: Fold {
  static let schema = PayloadSchema([
    .required("request", .reference([10])), .required("points", .integer(0...10_000)),
  ])

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    let op = entry.op
    guard let grant = try RightsGrant(op, in: state), grant.fitsRequest,
      let old = try state.row(Tables.rightsRequest, grant.request.key)
    else {
      return try state.settle(op.id, Verdict(.void, [.wrongReference]), isFirst: entry.isFirst)
    }
    guard entry.isFirst else { return }
    let (kept, dropped) = Steps.adding(op.id, to: answers(old))
    if let dropped {
      try state.settle(dropped, Verdict(.duplicate), isFirst: dropped == op.id)
    }
    guard dropped != op.id else { return }
    try settle(kept, adding: op.id, old, in: state)
  }

  /// Judges the answers to all requests of an account again, and what was spent on them, when its
  /// home moved.
  static func settle<S: FoldState>(answersOf account: Int64, in state: S) throws(S.Failure) {
    for row in try state.rows(Tables.rightsRequest, under: [account]) {
      try settle(answers(row), adding: nil, row, in: state)
    }
    for use in try state.rows(Tables.rightUse, under: [account]) where use[4] == .integer(0) {
      guard let sale = use[2].id else { continue }
      state.requeue(Reader(.covers, sale.packed))
      try Entry.again(sale, 23, in: state)?.fold(in: state)
    }
  }

  /// Of the answers that the account's home wrote the one with the lowest id counts.
  private static func settle<S: FoldState>(
    _ answers: [OpID], adding new: OpID?, _ old: [Cell], in state: S
  ) throws(S.Failure) {
    guard let account = old[0].id, let custody = try Custody.of(account, in: state) else { return }
    let withdrawal = answers.first { isWithdrawal($0, of: old) }
    let counted = withdrawal ?? answers.first { custody.holds($0) }
    for answer in answers {
      let other: Verdict =
        custody.holds(answer) || isWithdrawal(answer, of: old)
        ? Verdict(.duplicate) : Verdict(.void, [.actorNotEntitled])
      try state.settle(answer, answer == counted ? .plain : other, isFirst: answer == new)
    }
    var row = old
    row[6] = .id(counted)
    row[7] = .integer(0)
    if let counted, let grant = try RightsGrant(try state.op(counted), in: state) {
      row[7] = .integer(grant.points)
    }
    row[8] = .list(answers.filter { $0 != counted })
    if row != old { try state.replace(Tables.rightsRequest, old, by: row) }
    try RightsRequestFold.note(row, home: custody.home, in: state)
  }

  /// Whether an answer is the asking office's own.
  private static func isWithdrawal(_ answer: OpID, of request: [Cell]) -> Bool {
    request[1] == .integer(Int64(answer.replica.rawValue))
  }

  /// What was said to answer a request, ascending.
  private static func answers(_ row: [Cell]) -> [OpID] {
    (OpList.decode(row[8].text) + (row[6].id.map { [$0] } ?? [])).sorted()
  }

  /// Nobody gives away a right that the home does not hold, or withdraws a request that was answered.
  static func refusal<S: FoldState>(
    of entry: Entry, in state: S
  ) throws(S.Failure) -> Refusal? {
    guard let grant = try RightsGrant(entry.op, in: state) else { return nil }
    if grant.isWithdrawal {
      let row = try state.row(Tables.rightsRequest, grant.request.key)
      let custody = try Custody.of(grant.request.account, in: state)
      let others = row.map { OpList.decode($0[8].text) } ?? []
      let isAnswered = others.contains { custody?.holds($0) ?? false }
      return isAnswered ? .wouldNotCount(.duplicate, []) : nil
    }
    guard grant.points > 0 else { return nil }
    let held = try HomeRights.left(of: grant.request.account.packed, in: state)
    return held < 0 ? .notEnoughPoints(balance: held + grant.points, needed: grant.points) : nil
  }
}

/// The payload of a `rights.grant`, with the request that it answers.
struct RightsGrant {
  let request: RightsRequest
  let points: Int64
  private let id: OpID

  /// Reads one; nil for an op of another kind.
  init?<S: FoldState>(_ op: Op, in state: S) throws(S.Failure) {
    guard op.kind == 9, let payload = RightsGrantFold.schema.payload(of: op),
      let asked = payload.reference(1), let points = payload.integer(2),
      let request = RightsRequest(try state.op(asked))
    else { return nil }
    self.request = request
    self.points = points
    id = op.id
  }

  /// Whether it gives no more than was asked, and to another office; a no may be anybody's.
  var fitsRequest: Bool { points <= request.points && (points == 0 || !isOfHolder) }

  /// Whether the office that asked takes its request back.
  var isWithdrawal: Bool { points == 0 && isOfHolder }

  private var isOfHolder: Bool { request.holder == Int64(id.replica.rawValue) }

  /// Whether the account's home wrote it, and in time.
  func isOfHome<S: FoldState>(in state: S) throws(S.Failure) -> Bool {
    guard try !state.isLate(id) else { return false }
    return try Custody.of(request.account, in: state)?.holds(id) ?? false
  }
}
