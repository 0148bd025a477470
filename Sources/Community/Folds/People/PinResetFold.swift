import OpLog

/// `staff.reset_pin`: a member of staff sets a new PIN at each counter; the old one opens nothing.
///
/// By an approver of the same community, another person, or by the hub. The PIN itself is in no op:
/// each office keeps its own, and drops it when this comes. A PIN that is gone does not come back, so
/// one by a person whose appointment turns out to have ended stands, on the desk.
enum PinResetFold: Fold {
  static let schema = PayloadSchema([.required("staff", .reference([6]))])

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    guard entry.isFirst else { return try judgeAgain(entry, in: state) }
    let op = entry.op
    guard let staff = entry.payload.reference(1),
      let row = try state.row(Tables.staff, id: staff.packed)
    else { return try state.settle(op.id, Verdict(.void, [.wrongReference]), isFirst: true) }
    if let problem = try problem(entry, of: row, in: state) {
      return try state.settle(op.id, Verdict(.pending, [problem]), isFirst: true)
    }
    let reset: [Cell] = [.id(staff), .id(op.id), .integer(Int64(op.occurredOn.day))]
    try state.insert(Tables.pinReset, reset)
    try state.settle(op.id, try OpsOfStaff.standing(op, in: state), isFirst: true)
  }

  /// Says again what a person should look at about a PIN that is gone.
  private static func judgeAgain<S: FoldState>(
    _ entry: Entry, in state: S
  ) throws(S.Failure) {
    guard let staff = entry.payload.reference(1),
      try state.row(Tables.pinReset, [staff.packed, entry.op.id.packed]) != nil
    else { return }
    try state.settle(
      entry.op.id, try OpsOfStaff.standing(entry.op, in: state), isFirst: false)
  }

  private static func problem<S: FoldState>(
    _ entry: Entry, of staff: [Cell], in state: S
  ) throws(S.Failure) -> DeskReason? {
    if let problem = try Standing.problem(entry.op, entry.kind, ignoresEnd: true, in: state) {
      return problem
    }
    guard !entry.op.id.replica.isHub else { return nil }
    guard try Standing.community(of: entry.op.id.replica, in: state) == staff[1].integer else {
      return .actorNotEntitled
    }
    return try Standing.isSamePerson(entry.op.actor, staff[0].id, in: state) ? .ownRecord : nil
  }
}
