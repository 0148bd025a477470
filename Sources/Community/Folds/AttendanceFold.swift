import OpLog

/// `attendance.check_in`: somebody came.
///
/// Unique by (activity, resident, session, role), as the award for it is.
enum CheckInFold: Fold {
  static let schema = PayloadSchema([
    .required("activity", .reference([18])), .required("resident", .reference([16])),
    .optional("session", .integer(1...99)), .optional("role", .choice(AwardFold.roles)),
    .required("method", .choice(["qr", "list", "manual"])),
  ])

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    try AttendanceRow.fold(entry, in: state)
  }
}

/// `attendance.check_out`: somebody left, with the minutes that are credited.
enum CheckOutFold: Fold {
  static let schema = PayloadSchema([
    .required("check_in", .reference([27])), .required("minutes", .integer(0...1_440)),
  ])

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    try AttendanceRow.fold(entry, in: state)
  }
}

/// `attendance.supplement`: attendance that nobody wrote down on the day, with a witness (补录).
///
/// A clerk may do so within the days of the rules and up to the length of the activity; beyond that
/// an approver must record it. It corrects the minutes of a check-in of the same key.
enum SupplementFold: Fold {
  static let schema = PayloadSchema([
    .required("activity", .reference([18])), .required("resident", .reference([16])),
    .optional("session", .integer(1...99)), .optional("role", .choice(AwardFold.roles)),
    .required("minutes", .integer(0...1_440)), .required("witness", .reference([6])),
  ])

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    try AttendanceRow.fold(entry, in: state)
  }
}

/// One person's part in one session: a pure function of its check-ins, check-outs, and supplements.
///
/// Of several of one sort the organiser's counts, else the one with the fewest minutes, else the
/// lowest (replica, seq).
enum AttendanceRow {
  /// One op of an attendance, judged on its own.
  private struct Part {
    let op: Op
    let payload: Payload
    let isOrganiser: Bool
    let minutes: Int64
    let problem: DeskReason?

    /// Which of many are looked at: those of the organiser first, then the lowest ids.
    static func isBefore(_ left: Part, _ right: Part) -> Bool {
      (left.isOrganiser ? 0 : 1, left.op.id) < (right.isOrganiser ? 0 : 1, right.op.id)
    }

    static func precedes(_ left: Part, _ right: Part) -> Bool {
      (left.isOrganiser ? 0 : 1, left.minutes, left.op.id)
        < (right.isOrganiser ? 0 : 1, right.minutes, right.op.id)
    }
  }

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    let op = entry.op
    guard let key = try key(of: op, entry.payload, in: state) else {
      return try state.settle(op.id, Verdict(.void, [.wrongReference]), isFirst: entry.isFirst)
    }
    let old = try state.row(Tables.attendance, key)
    try settle(key, old, adding: entry.isFirst ? op.id : nil, in: state)
  }

  /// Settles a stored attendance again, because its activity changed.
  static func settle<S: FoldState>(_ row: [Cell], in state: S) throws(S.Failure) {
    try settle(Tables.attendance.key(of: row), row, adding: nil, in: state)
  }

  /// The natural key; nil when the op names no activity or no resident.
  private static func key<S: FoldState>(
    of op: Op, _ payload: Payload, in state: S
  ) throws(S.Failure) -> [Int64]? {
    var payload = payload
    if op.kind == 28 {
      guard let checkIn = payload.reference(1),
        let named = try CheckInFold.schema.payload(of: state.op(checkIn))
      else { return nil }
      payload = named
    }
    guard let activity = payload.reference(1), let resident = payload.reference(2),
      try state.has(Tables.activity, id: activity.packed),
      try state.has(Tables.resident, id: resident.packed)
    else { return nil }
    return [activity.packed, resident.packed, payload.integer(3) ?? 1, payload.integer(4) ?? 0]
  }

  private static func settle<S: FoldState>(
    _ key: [Int64], _ old: [Cell]?, adding new: OpID?, in state: S
  ) throws(S.Failure) {
    let stored = old.map { (row) in
      (row[5].id.map { [$0] } ?? []) + OpList.decode(row[9].text) + OpList.decode(row[10].text)
    }
    let activity = try state.row(Tables.activity, id: key[0])
    var parts: [Part] = []
    for id in (stored ?? []) + (new.map { [$0] } ?? []) {
      guard let part = try part(id, activity, in: state) else { continue }
      parts.append(part)
    }
    if parts.count > Steps.countMax, let last = parts.max(by: Part.isBefore) {
      try state.settle(last.op.id, Verdict(.duplicate), isFirst: last.op.id == new)
      guard last.op.id != new else { return }
      parts.removeAll { $0.op.id == last.op.id }
    }
    var counted: [KindNumber: Part] = [:]
    for kind in [27, 28, 29] as [KindNumber] {
      counted[kind] = parts.filter { $0.op.kind == kind && $0.problem == nil }
        .min(by: Part.precedes)
    }
    let row = row(key, parts, checkIn: counted[27], out: counted[28], supplement: counted[29])
    if let old {
      if row != old { try state.replace(Tables.attendance, old, by: row) }
    } else {
      try state.insert(Tables.attendance, row)
    }
    for part in parts {
      let verdict =
        if let problem = part.problem {
          Verdict(.pending, [problem])
        } else {
          counted[part.op.kind]?.op.id == part.op.id ? Verdict.plain : Verdict(.duplicate)
        }
      try state.settle(part.op.id, verdict, isFirst: part.op.id == new)
    }
  }

  private static func row(
    _ key: [Int64], _ parts: [Part], checkIn: Part?, out: Part?, supplement: Part?
  ) -> [Cell] {
    let shown = checkIn ?? supplement
    let state =
      if supplement != nil {
        "corrected"
      } else if checkIn == nil {
        "pending"
      } else {
        out == nil ? "in" : "out"
      }
    let records = parts.filter { $0.op.kind != 28 }.map(\.op.id)
    let outs = parts.filter { $0.op.kind == 28 }.map(\.op.id)
    let minutes = supplement?.minutes ?? (checkIn == nil ? nil : out?.minutes)
    let method = checkIn?.payload.integer(5)
    return key.map(Cell.integer) + [
      .text(state), .id(shown?.op.id), minutes.map(Cell.integer) ?? .null,
      method.map(Cell.integer) ?? .null,
      shown.map { .integer(Int64($0.op.occurredOn.day)) } ?? .null,
      .list(records.filter { $0 != shown?.op.id }.sorted()), .list(outs.sorted()),
    ]
  }

  private static func part<S: FoldState>(
    _ id: OpID, _ activity: [Cell]?, in state: S
  ) throws(S.Failure) -> Part? {
    let op = try state.op(id)
    guard let activity, let kind = Catalogue.kind(op.kind),
      let payload = kind.schema.payload(of: op)
    else { return nil }
    var problem = try Standing.problem(op, kind, in: state)
    if problem == nil, kind.isDated, try Standing.isInFuture(op, in: state) {
      problem = .futureDate
    }
    if problem == nil, op.kind == 29 {
      problem = try supplementProblem(op, payload, activity, in: state)
    }
    let minutes: Int64? =
      switch op.kind {
      case 28: payload.integer(2)
      case 29: payload.integer(5)
      default: nil
      }
    let community = try Standing.community(of: id.replica, in: state)
    return Part(
      op: op, payload: payload, isOrganiser: community == activity[1].integer,
      minutes: minutes ?? 0, problem: problem)
  }

  private static func supplementProblem<S: FoldState>(
    _ op: Op, _ payload: Payload, _ activity: [Cell], in state: S
  ) throws(S.Failure) -> DeskReason? {
    guard let witness = payload.reference(6), try state.has(Tables.staff, id: witness.packed),
      let policy = try Standing.policy(of: op, in: state)
    else { return .wrongReference }
    if try Standing.isSamePerson(witness, op.actor, in: state) { return .witnessIsRecorder }
    var needsApprover = false
    if let days = policy[.supplementDays], let heldOn = activity[5].integer {
      needsApprover = try Standing.windowDay(op, in: state) > heldOn + days
    }
    if let starts = activity[7].integer, let ends = activity[8].integer,
      payload.integer(5) ?? 0 > max(0, ends - starts)
    {
      needsApprover = true
    }
    let mayApprove = try Standing.holds(.approver, op, in: state)
    return needsApprover && !mayApprove ? .supplementNeedsApprover : nil
  }
}
