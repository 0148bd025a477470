import OpLog

/// How an entry of the desk ended.
package enum Resolution: Int64, Sendable, CaseIterable {
  /// Somebody looked at it; nothing is to be done.
  case noted
  /// What was wrong was put right by another record.
  case corrected
  /// It stands as it is.
  case accepted
  /// It stays without effect.
  case rejected
  /// The community bears the loss.
  case borneByCommunity
  /// The decision that it names was wrong: the entry is on the desk again.
  case reopened

  /// The names in JSON and on the command line, in the order of the cases.
  package static let names = [
    "noted", "corrected", "accepted", "rejected", "borne_by_community", "reopened",
  ]

  /// The name in JSON and on the command line.
  package var name: String { Self.names[Int(rawValue)] }
}

extension DeskReason {
  /// How an entry may end by a person's word; empty for those that end by themselves when what they
  /// say is no longer so.
  package var resolutions: [Resolution] {
    switch self {
    case .unknownKind, .waitingForOp, .awaitingApproval, .standIn, .fork, .overdrawn,
      .stockNegative:
      []
    case .actorMissing, .actorNotEntitled, .futureDate: [.corrected, .rejected]
    case .debitWithoutStanding: [.corrected, .accepted, .borneByCommunity]
    case .doubleAward, .standInAtHome: [.noted, .accepted]
    default: [.noted, .corrected, .accepted]
    }
  }
}

/// `desk.resolve`: an approver takes an entry about an op off the desk.
///
/// Another person than the one who recorded the op, of the same community. A later one that names it
/// takes it back and says what holds instead.
enum ResolveFold: Fold {
  static let schema = PayloadSchema([
    .required("subject", .reference([])), .required("reason", .text(1...40)),
    .required("outcome", .choice(Resolution.names)), .optional("undoes", .reference([65])),
  ])

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    guard entry.isFirst else { return }
    let (op, payload) = (entry.op, entry.payload)
    guard let subject = payload.reference(1), let reason = payload.text(2),
      let outcome = payload.integer(3).flatMap(Resolution.init),
      isAllowed(outcome, of: reason, undoes: payload.reference(4))
    else { return try state.settle(op.id, Verdict(.void, [.wrongReference]), isFirst: true) }
    var undone: [Cell]?
    if let named = payload.reference(4) {
      let old = try state.op(named)
      guard case .payload(let earlier)? = try? schema.decode(old), old.kind == 65,
        earlier.reference(1) == subject, earlier.text(2) == reason
      else { return try state.settle(op.id, Verdict(.void, [.wrongReference]), isFirst: true) }
      undone = try state.row(Tables.resolution, [subject.packed, named.packed])
    }
    if let problem = try problem(entry, about: subject, in: state) {
      return try state.settle(op.id, Verdict(.pending, [problem]), isFirst: true)
    }
    if let undone, op.id.packed < undone[4].integer ?? .max {
      var row = undone
      row[4] = .id(op.id)
      try state.replace(Tables.resolution, undone, by: row)
    }
    let row: [Cell] = [
      .id(subject), .id(op.id), .text(reason), .integer(outcome.rawValue), .null,
    ]
    try state.insert(Tables.resolution, row)
    try state.settle(op.id, .plain, isFirst: true)
  }

  private static func isAllowed(_ outcome: Resolution, of reason: String, undoes: OpID?) -> Bool {
    guard let reason = DeskReason(rawValue: reason) else { return false }
    return outcome == .reopened ? undoes != nil : reason.resolutions.contains(outcome)
  }

  private static func problem<S: FoldState>(
    _ entry: Entry, about subject: OpID, in state: S
  ) throws(S.Failure) -> DeskReason? {
    if let problem = try Standing.problem(entry, in: state) { return problem }
    guard !entry.op.id.replica.isHub else { return nil }
    guard
      try Standing.community(of: subject.replica, in: state)
        == (try Standing.community(of: entry.op.id.replica, in: state))
    else { return .actorNotEntitled }
    return try state.op(subject).actor == entry.op.actor ? .ownRecord : nil
  }
}
