import OpLog

/// `rights.request`: an office away from an account's home asks it for the right to spend some points.
///
/// It moves nothing: the home's program answers with one `rights.grant`.
enum RightsRequestFold: Fold {
  static let schema = PayloadSchema([
    .required("account", .reference(Payer.kinds)), .required("points", .integer(1...10_000)),
  ])

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    guard entry.isFirst else { return }
    let op = entry.op
    guard let request = RightsRequest(op),
      let home = try Payer.home(of: request.account, in: state)
    else { return try state.settle(op.id, Verdict(.void, [.wrongReference]), isFirst: true) }
    let problem = try Standing.problem(entry, in: state)
    let verdict = problem.map { Verdict(.pending, [$0]) } ?? .plain
    let row: [Cell] = [
      .id(request.account), .integer(request.holder), .id(op.id),
      .text(verdict.outcome.rawValue), .integer(request.points),
      .integer(Int64(op.occurredOn.day)), .null, .integer(0), .null,
    ]
    try state.insert(Tables.rightsRequest, row)
    try note(row, home: home, in: state)
    try state.settle(op.id, verdict, isFirst: true)
  }

  /// Notes who has to answer a request: the present home, while nobody did; nobody, where the office
  /// that asked has become the home itself.
  static func note<S: FoldState>(
    _ row: [Cell], home: Int64, in state: S
  ) throws(S.Failure) {
    guard let request = row[2].integer else { return }
    let isOpen = row[6] == .null && row[1] != .integer(home)
    try Facts.set(
      isOpen ? [row[2], .integer(home), row[0]] : nil, [request], in: Tables.openRequest, state)
  }

  /// The home need not ask itself, and nobody asks again while an answer may come: both would be
  /// granted.
  static func refusal<S: FoldState>(
    of entry: Entry, in state: S
  ) throws(S.Failure) -> Refusal? {
    guard let request = RightsRequest(entry.op) else { return nil }
    guard try Payer.home(of: request.account, in: state) != request.holder else { return .isHome }
    let asked = try HomeRights.asked(
      of: request.account.packed, by: request.holder, on: entry.op.occurredOn, in: state)
    guard let before = asked.first, before.id < entry.op.id else { return nil }
    return .askedAlready(request: before.id, points: before.points)
  }

  /// The right that an answer gives to the office that asked.
  static let postings: @Sendable ([Cell]) -> [Posting] = { row in
    guard let account = row[0].integer, let holder = row[1].integer, let granted = row[7].integer,
      granted > 0
    else { return [] }
    return [Posting(.grantedRight, account, holder, amounts: [granted, 0, 0])]
  }
}

/// The payload of a `rights.request`, and who asks.
package struct RightsRequest {
  /// Whose points they are.
  package let account: OpID
  /// The replica that asks and gets the right.
  package let holder: Int64
  /// How many.
  package let points: Int64
  private let id: OpID

  /// The key of its row.
  package var key: [Int64] { [account.packed, holder, id.packed] }

  /// Reads one; nil for an op of another kind.
  package init?(_ op: Op) {
    guard op.kind == 10, let payload = RightsRequestFold.schema.payload(of: op),
      let account = payload.reference(1), let points = payload.integer(2)
    else { return nil }
    self.account = account
    self.points = points
    id = op.id
    holder = Int64(op.id.replica.rawValue)
  }
}
