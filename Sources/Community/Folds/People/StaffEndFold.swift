import OpLog

/// `staff.end`: an appointment ends; what was recorded by then stays.
enum StaffEndFold: Fold {
  static let schema = PayloadSchema([
    .required("staff", .reference([6])), .required("ended_on", .date),
  ])

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    guard entry.op.id.replica.isHub else {
      return try state.settle(entry.op.id, Verdict(.void, [.onlyHub]), isFirst: entry.isFirst)
    }
    guard let staff = entry.payload.reference(1), let endedOn = entry.payload.integer(2),
      let row = try state.row(Tables.staff, id: staff.packed)
    else {
      let verdict = Verdict(.void, [.wrongReference])
      return try state.settle(entry.op.id, verdict, isFirst: entry.isFirst)
    }
    // Of several ends the earliest date holds.
    if endedOn < row[5].integer ?? .max {
      var ended = row
      ended[5] = .integer(endedOn)
      try state.replace(Tables.staff, row, by: ended)
    }
    try state.settle(entry.op.id, .plain, isFirst: entry.isFirst)
  }
}

/// The dated ops of a member of staff, and what the person signed for others, folded again when the
/// appointment ends.
///
/// Only these are about points and stock, and only their folds can go back from posted to pending.
/// Files and activities that somebody recorded after the end stay: others build on them.
enum OpsOfStaff: Derivation {
  static func settle<S: FoldState>(_ key: AccountKey, in state: S) throws(S.Failure) {
    guard let staff = OpID(packed: key.first) else { return }
    for op in try state.datedOps(by: staff, after: key.second) {
      guard let kind = Catalogue.kind(op.kind),
        case .payload(let payload)? = try? kind.schema.decode(op)
      else { continue }
      let entry = Entry(op: op, payload: payload, kind: kind, isFirst: false)
      try kind.fold?.fold(entry, in: state)
    }
  }

  /// Asks for it when an appointment has an end.
  static let readers: @Sendable ([Cell]) -> [Reader] = { row in
    guard let staff = row[0].integer, let endedOn = row[5].integer else { return [] }
    return [Reader(.opsOfStaff, staff, endedOn)]
  }

  /// The day on which the appointment of an op's actor ended, when the op is dated after it.
  static func end<S: FoldState>(of op: Op, in state: S) throws(S.Failure) -> BusinessDate? {
    guard let actor = op.actor, let row = try state.row(Tables.staff, id: actor.packed),
      let ended = row[5].integer, Int64(op.occurredOn.day) > ended
    else { return nil }
    return BusinessDate(day: ended)
  }
}
