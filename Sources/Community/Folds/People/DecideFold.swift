import OpLog

/// `request.decide`: the hub's answer to a request, on what it knew then.
///
/// One request, one decision: the lowest op of the hub's log counts, and stays. `by` names the people who
/// took it: the administrator's hand writes it, and no actor. Where the request says `by_two`, a yes that two
/// approvers do not stand with decides nothing.
enum DecideFold: Fold {
  /// The answer that lets a request take effect.
  static let approve: Int64 = 0

  private static let head: [Field] = [
    .required("replica", .replica),
    .required("seq", .integer(1...Int64(EnvelopeLimits.seqMax))),
  ]

  static let schema = PayloadSchema([
    .required("request", .reference([47, 48, 50, 53, 57, 58])),
    .required("answer", .choice(["approve", "refuse"])),
    .required("basis", .records(head, 0...512)), .optional("by", .references([6], 1...8)),
  ])

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    guard entry.isFirst else { return }
    let op = entry.op
    guard op.id.replica.isHub else {
      return try state.settle(op.id, Verdict(.void, [.onlyHub]), isFirst: true)
    }
    guard let request = entry.payload.reference(1), let answer = entry.payload.integer(2),
      try isRequest(request, in: state)
    else {
      return try state.settle(op.id, Verdict(.void, [.wrongReference]), isFirst: true)
    }
    guard try isSigned(entry, for: request, answer, in: state) else {
      return try state.settle(op.id, Verdict(.pending, [.actorNotEntitled]), isFirst: true)
    }
    let old = try state.row(Tables.decision, id: request.packed)
    let sticky = StickyChoice(
      old.map { ($0[1].id, $0[2].integer ?? 0, $0[3].text) }, adding: op.id, answer)
    let row: [Cell] = [
      .id(request), .id(sticky.counted), .integer(sticky.answer), .list(sticky.others),
    ]
    if let old {
      try state.replace(Tables.decision, old, by: row)
    } else {
      try state.insert(Tables.decision, row)
    }
    for id in [sticky.counted] + sticky.others {
      let given = id == op.id ? answer : try Self.answer(of: id, in: state)
      try state.settle(id, sticky.verdict(of: id, answer: given), isFirst: id == op.id)
    }
    try settle(request, in: state)
  }

  /// Whether a request is approved or refused; nil while nobody has decided it.
  static func isApproved<S: FoldState>(
    _ request: OpID, in state: S
  ) throws(S.Failure) -> Bool? {
    try state.row(Tables.decision, id: request.packed).map { $0[2] == .integer(approve) }
  }

  /// Whether those stand with a decision who have to: two approvers with what the request wants of two.
  private static func isSigned<S: FoldState>(
    _ entry: Entry, for request: OpID, _ answer: Int64, in state: S
  ) throws(S.Failure) -> Bool {
    let asked = try state.op(request)
    guard answer == approve, Requests.isByTwo(asked) else { return true }
    return try TwoApprovers.grant(asked, in: entry.op, entry.payload.references(4)) {
      (id) throws(S.Failure) in try state.op(id)
    }
  }

  /// Whether an op grants that a person's data is erased.
  static func isErasure<S: FoldState>(
    _ entry: Entry, in state: S
  ) throws(S.Failure) -> Bool {
    guard entry.kind.fold == Self.self, entry.payload.integer(2) == approve,
      let request = entry.payload.reference(1)
    else { return false }
    return try state.op(request).kind == EraseFold.kind
  }

  private static func answer<S: FoldState>(
    of decision: OpID, in state: S
  ) throws(S.Failure) -> Int64 {
    guard let payload = try schema.payload(of: state.op(decision)) else { return 0 }
    return payload.integer(2) ?? 0
  }

  private static func isRequest<S: FoldState>(
    _ id: OpID, in state: S
  ) throws(S.Failure) -> Bool {
    if try state.has(Tables.request, id: id.packed) { return true }
    return try MemberFold.row(of: id, in: state) != nil
  }

  private static func settle<S: FoldState>(_ request: OpID, in state: S) throws(S.Failure) {
    if let row = try state.row(Tables.request, id: request.packed) {
      try Requests.settle(row, isFirst: false, in: state)
    } else if let row = try MemberFold.row(of: request, in: state) {
      try MemberFold.settle(resident: row[0].integer ?? 0, adding: nil, in: state)
    }
  }
}

/// The one decision that counts, and those that came after it.
struct StickyChoice {
  /// The lowest op.
  let counted: OpID
  /// What it says.
  let answer: Int64
  /// The others, ascending.
  let others: [OpID]

  /// Adds a decision to those of a row: the counted one, its answer, and the others as text.
  init(_ old: (counted: OpID?, answer: Int64, others: String)?, adding id: OpID, _ answer: Int64) {
    guard let old, let counted = old.counted else {
      (self.counted, self.answer, others) = (id, answer, [])
      return
    }
    let isFirst = id < counted
    self.counted = isFirst ? id : counted
    self.answer = isFirst ? answer : old.answer
    others = (OpList.decode(old.others) + [isFirst ? counted : id]).sorted()
  }

  /// A decision like the one that counts is a duplicate; another one is on the desk.
  func verdict(of id: OpID, answer: Int64) -> Verdict {
    if id == counted { return .plain }
    return answer == self.answer ? Verdict(.duplicate) : Verdict(.void, [.secondDecision])
  }
}
