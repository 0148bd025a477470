import OpLog

/// `award.reverse`: takes an award back, whichever record of its key it names.
///
/// By an approver of the community that recorded the grant which it names, or of the organiser's, and
/// another person than the one who recorded it. Later rounds are built on a reversal, so one by a
/// person whose appointment turns out to have ended stands, on the desk.
enum ReverseFold: Fold {
  /// The cause whose loss the community bears.
  private static let staffError: Int64 = 0
  /// The cause for which the desk proposes to freeze the account.
  private static let fraud: Int64 = 2

  static let schema = PayloadSchema([
    .required("award", .reference([19])),
    .required("cause", .choice(["staff_error", "not_attended", "fraud"])),
  ])

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    let op = entry.op
    guard entry.isFirst else { return try judgeAgain(entry, in: state) }
    guard let award = entry.payload.reference(1) else {
      return try state.settle(op.id, Verdict(.void, [.wrongReference]), isFirst: true)
    }
    let named = try state.op(award)
    guard let grant = Grant(named), let round = try AwardFold.round(of: grant, in: state),
      let row = try state.row(Tables.award, grant.key(round: round))
    else {
      return try state.settle(op.id, Verdict(.void, [.wrongReference]), isFirst: true)
    }
    if let problem = try problem(op, of: named, in: state) {
      return try state.settle(op.id, Verdict(.pending, [problem]), isFirst: true)
    }
    try AwardFold.reverse(
      grant.key(round: round), row, by: op.id, verdict(of: entry, in: state), in: state)
  }

  /// What to say of a reversal that took an award back.
  private static func verdict<S: FoldState>(
    of entry: Entry, in state: S
  ) throws(S.Failure) -> Verdict {
    var verdict = try OpsOfStaff.standing(entry.op, in: state)
    if entry.payload.integer(2) == fraud { verdict.reasons.append(.fraudReversed) }
    return verdict
  }

  /// Says again what a person should look at about a reversal that took an award back.
  private static func judgeAgain<S: FoldState>(
    _ entry: Entry, in state: S
  ) throws(S.Failure) {
    guard let award = entry.payload.reference(1), let grant = Grant(try state.op(award)),
      let round = try AwardFold.round(of: grant, in: state),
      let row = try state.row(Tables.award, grant.key(round: round)),
      OpList.decode(row[9].text).first == entry.op.id
    else { return }
    try state.settle(entry.op.id, try verdict(of: entry, in: state), isFirst: false)
  }

  /// Why a reversal has no effect on the grant that it names; nil when it takes the award back.
  static func problem<S: FoldState>(
    _ op: Op, of named: Op, in state: S
  ) throws(S.Failure) -> DeskReason? {
    guard let kind = Catalogue.kind(op.kind) else { return .unknownKind }
    if try state.isLate(op.id) { return .late }
    if let problem = try Standing.problem(op, kind, ignoresEnd: true, in: state) {
      return problem
    }
    if try Standing.isSamePerson(op.actor, named.actor, in: state) { return .reversedByRecorder }
    let activity = try Grant(named).flatMap { (grant) throws(S.Failure) in
      try state.row(Tables.activity, id: grant.activity.packed)
    }
    let isOwn = try Standing.mayDecide(
      op, onAwardOf: try Standing.community(of: named.id.replica, in: state),
      organiser: activity?[1].integer, in: state)
    return isOwn ? nil : .notOrganiser
  }

  /// Whether an op takes an award back because of a fraud.
  static func isForFraud(_ op: Op) -> Bool {
    guard op.kind == 20, let payload = schema.payload(of: op) else { return false }
    return payload.integer(2) == fraud
  }

  /// Whether a reversal mends a mistake of staff.
  static func isStaffError(_ op: Op) -> Bool {
    guard let payload = schema.payload(of: op) else { return false }
    return payload.integer(2) == staffError
  }

  /// The grant that a reversal names; nil for an op of another kind.
  static func award(of op: Op) -> OpID? {
    guard op.kind == 20, let payload = schema.payload(of: op) else { return nil }
    return payload.reference(1)
  }
}
