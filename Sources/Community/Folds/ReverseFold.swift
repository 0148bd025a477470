import OpLog

/// `award.reverse`: takes an award back, whichever record of its key it names.
///
/// The actor must be another person than the one who recorded the grant that it names.
enum ReverseFold: Fold {
  /// The cause whose loss the community bears.
  static let staffError: Int64 = 0

  static let schema = PayloadSchema([
    .required("award", .reference([19])),
    .required("cause", .choice(["staff_error", "not_attended", "fraud"])),
  ])

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    guard entry.isFirst else { return }
    let op = entry.op
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
    try AwardFold.reverse(grant.key(round: round), row, by: op.id, in: state)
  }

  /// Why a reversal has no effect on the grant that it names; nil when it takes the award back.
  static func problem<S: FoldState>(
    _ op: Op, of named: Op, in state: S
  ) throws(S.Failure) -> DeskReason? {
    guard let kind = Catalogue.kind(op.kind) else { return .unknownKind }
    if let problem = try Standing.problem(op, kind, in: state) { return problem }
    return op.actor == named.actor ? .reversedByRecorder : nil
  }

  /// Whether a reversal mends a mistake of staff.
  static func isStaffError(_ op: Op) -> Bool {
    guard case .payload(let payload)? = try? schema.decode(op) else { return false }
    return payload.integer(2) == 0
  }

  /// The grant that a reversal names; nil for an op of another kind.
  static func award(of op: Op) -> OpID? {
    guard op.kind == 20, case .payload(let payload)? = try? schema.decode(op) else { return nil }
    return payload.reference(1)
  }
}
