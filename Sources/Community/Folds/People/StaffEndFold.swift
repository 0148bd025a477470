import OpLog

/// `staff.end`: an appointment ends; what was recorded by then stays.
///
/// A wrong date is corrected by an end that names those it replaces. Of several that hold, which only
/// two hubs can have written, the earliest date counts.
package enum StaffEndFold: Fold {
  static let schema = PayloadSchema([
    .required("staff", .reference([6])), .required("ended_on", .date),
    .optional("replaces", .references([8], 1...8)),
  ])

  /// Folds one end.
  package static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    guard entry.op.id.replica.isHub else {
      return try state.settle(entry.op.id, Verdict(.void, [.onlyHub]), isFirst: entry.isFirst)
    }
    guard entry.isFirst else { return }
    let replaced = entry.payload.references(3)
    guard let staff = entry.payload.reference(1), let endedOn = entry.payload.integer(2),
      let row = try state.row(Tables.staff, id: staff.packed),
      try areEnds(replaced, of: staff, in: state)
    else { return try state.settle(entry.op.id, Verdict(.void, [.wrongReference]), isFirst: true) }
    for id in replaced {
      guard let old = try state.row(Tables.staffEnd, [staff.packed, id.packed]) else { continue }
      var end = old
      end[3] = .id(min(old[3].id ?? entry.op.id, entry.op.id))
      try state.replace(Tables.staffEnd, old, by: end)
    }
    try state.insert(
      Tables.staffEnd, [.id(staff), .id(entry.op.id), .integer(endedOn), .null])
    var ended = row
    ended[5] = try standing(of: staff, in: state).map(\.endedOn).min().map(Cell.integer) ?? .null
    if ended != row { try state.replace(Tables.staff, row, by: ended) }
    try state.settle(entry.op.id, .plain, isFirst: true)
  }

  /// The ends of an appointment that hold.
  package static func standing<S: FoldState>(
    of staff: OpID, in state: S
  ) throws(S.Failure) -> [(op: OpID, endedOn: Int64)] {
    try state.rows(Tables.staffEnd, under: [staff.packed]).compactMap { row in
      guard row[3] == .null, let op = row[1].id, let day = row[2].integer else { return nil }
      return (op, day)
    }
  }

  private static func areEnds<S: FoldState>(
    _ ids: [OpID], of staff: OpID, in state: S
  ) throws(S.Failure) -> Bool {
    for id in ids where try state.row(Tables.staffEnd, [staff.packed, id.packed]) == nil {
      return false
    }
    return true
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
        let payload = kind.schema.payload(of: op)
      else { continue }
      let entry = Entry(op: op, payload: payload, kind: kind, isFirst: false)
      try entry.fold(in: state)
    }
  }

  /// Asks for it when an appointment has an end.
  static let readers: @Sendable ([Cell]) -> [Reader] = { row in
    guard let staff = row[0].integer, let endedOn = row[5].integer else { return [] }
    return [Reader(.opsOfStaff, staff, endedOn)]
  }

  /// The verdict on an op that stands although its actor's appointment turns out to have ended: then
  /// a person should look at it.
  static func standing<S: FoldState>(_ op: Op, in state: S) throws(S.Failure) -> Verdict {
    try end(of: op, in: state) == nil ? .plain : Verdict(.posted, [.actorNotEntitled])
  }

  /// The day on which the appointment of an op's actor ended, when the op is dated after it.
  static func end<S: FoldState>(of op: Op, in state: S) throws(S.Failure) -> BusinessDate? {
    guard let actor = op.actor, let row = try state.row(Tables.staff, id: actor.packed),
      let ended = row[5].integer, Int64(op.occurredOn.day) > ended
    else { return nil }
    return BusinessDate(day: ended)
  }
}
