import OpLog

/// `rights.grant`: an account's home answers a request; 0 points are a no.
///
/// The home's program writes it, nobody types it. Of several answers the lowest id counts. One that the
/// home did not write, or that gives more than was asked, has no effect: the request stays open, so an
/// honest home answers it again.
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
    guard try grant.isOfHome(in: state) else {
      return try state.settle(op.id, Verdict(.void, [.actorNotEntitled]), isFirst: entry.isFirst)
    }
    guard entry.isFirst else { return }
    guard let counted = old[6].id else {
      try put(grant, op.id, others: [], replacing: old, in: state)
      let open = [Int64(op.id.replica.rawValue), grant.requestID.packed]
      if let row = try state.row(Tables.openRequest, open) {
        try state.remove(Tables.openRequest, row)
      }
      return try state.settle(op.id, .plain, isFirst: true)
    }
    let first = min(counted, op.id)
    let others = OpList.decode(old[8].text) + [max(counted, op.id)]
    let answer = first == op.id ? grant : try RightsGrant(state.op(first), in: state) ?? grant
    try put(answer, first, others: others, replacing: old, in: state)
    if first == op.id { try state.settle(counted, Verdict(.duplicate), isFirst: false) }
    try state.settle(op.id, first == op.id ? .plain : Verdict(.duplicate), isFirst: true)
  }

  /// Nobody gives away a right that the home does not hold.
  static func refusal<S: FoldState>(
    of entry: Entry, in state: S
  ) throws(S.Failure) -> Refusal? {
    guard let grant = try RightsGrant(entry.op, in: state), grant.points > 0 else { return nil }
    let held = try HomeRights.left(of: grant.request.account.packed, in: state)
    return held < 0 ? .notEnoughPoints(balance: held + grant.points, needed: grant.points) : nil
  }

  private static func put<S: FoldState>(
    _ grant: RightsGrant, _ id: OpID, others: [OpID], replacing old: [Cell], in state: S
  ) throws(S.Failure) {
    var row = old
    row[6] = .id(id)
    row[7] = .integer(grant.points)
    row[8] = .list(Array(others.sorted().prefix(Steps.countMax)))
    try state.replace(Tables.rightsRequest, old, by: row)
  }
}

/// The payload of a `rights.grant`, with the request that it answers.
struct RightsGrant {
  let requestID: OpID
  let request: RightsRequest
  let points: Int64
  private let writer: Int64

  /// Reads one; nil for an op of another kind.
  init?<S: FoldState>(_ op: Op, in state: S) throws(S.Failure) {
    guard op.kind == 9, case .payload(let payload)? = try? RightsGrantFold.schema.decode(op),
      let id = payload.reference(1), let points = payload.integer(2)
    else { return nil }
    let asked = try state.op(id)
    guard let request = RightsRequest(asked) else { return nil }
    requestID = id
    self.request = request
    self.points = points
    writer = Int64(op.id.replica.rawValue)
  }

  /// Whether it gives no more than was asked, and to another office.
  var fitsRequest: Bool { points <= request.points && request.holder != writer }

  /// Whether the account's home wrote it.
  func isOfHome<S: FoldState>(in state: S) throws(S.Failure) -> Bool {
    try Payer.home(of: request.account, in: state) == writer
  }
}
