import OpLog

/// `activity.amend`: the organiser changes what it announced.
///
/// It names the values that it replaces; amendments that replace the same are a fork, shown by the tie
/// rule until the desk decides. Awards may claim up to the most that was ever announced, so whoever
/// came for more points gets them: never lower.
enum AmendFold: Fold {
  static let schema = PayloadSchema([
    .required("activity", .reference([18])), .optional("points", .integer(0...1_000)),
    .optional("held_on", .date), .optional("title", .text(1...120)),
    .optional("place", .text(1...120)), .optional("starts", .integer(0...1_440)),
    .optional("ends", .integer(0...1_440)), .optional("capacity", .integer(1...100_000)),
    .optional("replaces", .references([18, 24], 1...16)),
  ])

  /// The key of what it replaces.
  static let replacesKey = 9

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    try ActivityStep.fold(entry, in: state)
  }

  static func refusal<S: FoldState>(
    of entry: Entry, in state: S
  ) throws(S.Failure) -> Refusal? {
    guard let activity = entry.payload.reference(1),
      let row = try state.row(Tables.activity, id: activity.packed),
      let starts = row[7].integer, let ends = row[8].integer
    else { return nil }
    return ends < starts ? .endsBeforeStart : nil
  }
}

/// `activity.cancel`: it does not take place; its awards wait for the organiser's decision.
///
/// Check-ins stay as facts. An approval made after it grants what was served after all, or a smaller
/// value to those who came in vain; a rejection grants nothing.
enum CancelFold: Fold {
  static let schema = PayloadSchema([
    .required("activity", .reference([18])),
    .required("reason", .choice(["weather", "organiser", "too_few", "safety", "other"])),
  ])

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    try ActivityStep.fold(entry, in: state)
  }
}

/// `activity.close`: it is over, with its head count and the digest of the paper sheet.
enum CloseFold: Fold {
  static let schema = PayloadSchema([
    .required("activity", .reference([18])), .required("headcount", .integer(0...100_000)),
    .optional("sheet", .bytes(32...32)),
  ])

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    try ActivityStep.fold(entry, in: state)
  }
}

/// `activity.reopen`: a cancellation or a close was wrong; it counts no longer.
///
/// Others that it does not name stand: one that said the same at another office, or the close that a
/// wrong cancellation had hidden.
enum ResumeFold: Fold {
  static let schema = PayloadSchema([
    .required("step", .reference([25, 26])),
    .required("reason", .choice(["mistake", "took_place", "goes_on"])),
  ])

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    try ActivityStep.fold(entry, in: state)
  }
}

/// What becomes of an activity after it was published: a pure function of its steps and their order.
///
/// Of a cancellation and a close the first to reach the hub counts; the other is on the desk.
enum ActivityStep {
  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    let op = entry.op
    guard let activity = try activity(of: entry, in: state),
      let row = try state.row(Tables.activity, id: activity.packed)
    else {
      return try state.settle(op.id, Verdict(.void, [.wrongReference]), isFirst: entry.isFirst)
    }
    if let problem = try problem(entry, organiser: row[1].integer, in: state) {
      return try state.settle(op.id, Verdict(.pending, [problem]), isFirst: entry.isFirst)
    }
    let new = entry.isFirst ? op.id : nil
    let (steps, dropped) = Steps.adding(new, to: OpList.decode(row[12].text))
    if let dropped {
      try state.settle(dropped, Verdict(.duplicate), isFirst: dropped == new)
      guard dropped != new else { return }
    }
    try settle(row, steps: steps, first: new, in: state)
    // Decisions about its awards are placed before or after its cancellation, whose place may be new.
    state.requeue(Reader(.awardsOfActivity, activity.packed))
  }

  /// The activity that a step is about; nil where it names what is of another one.
  private static func activity<S: FoldState>(
    of entry: Entry, in state: S
  ) throws(S.Failure) -> OpID? {
    guard entry.op.kind != 75 else {
      guard let named = entry.payload.reference(1) else { return nil }
      return try Entry.again(named, state.op(named).kind, in: state)?.payload.reference(1)
    }
    let activity = entry.payload.reference(1)
    guard entry.op.kind == 24 else { return activity }
    for id in entry.payload.references(AmendFold.replacesKey) where id != activity {
      guard try Entry.again(id, 24, in: state)?.payload.reference(1) == activity else { return nil }
    }
    return activity
  }

  private static func problem<S: FoldState>(
    _ entry: Entry, organiser: Int64?, in state: S
  ) throws(S.Failure) -> DeskReason? {
    if let problem = try Standing.problem(entry, in: state) { return problem }
    let writer = entry.op.id.replica
    let community = try Standing.community(of: writer, in: state)
    return writer.isHub || community == organiser ? nil : .notOrganiser
  }

  private static func settle<S: FoldState>(
    _ old: [Cell], steps: [OpID], first: OpID?, in state: S
  ) throws(S.Failure) {
    guard let id = old[0].id,
      let published = try ActivityFold.schema.payload(of: state.op(id))
    else { return }
    let ordered = try inOrder(steps, in: state)
    let amendments = ordered.filter { $0.op.kind == 24 }
    var row = old
    for register in ActivityRegister.allCases {
      try register.settle((id, published), amendments, into: &row, in: state)
    }
    let announced = [published.integer(3)] + amendments.map { $0.payload.integer(2) }
    row[6] = .integer(announced.compactMap { $0 }.max() ?? 0)
    row[12] = .list(steps)
    let verdicts = end(ordered, into: &row)
    for (op, _) in ordered {
      try state.settle(op.id, verdicts[op.id] ?? .plain, isFirst: op.id == first)
    }
    if row != old { try state.replace(Tables.activity, old, by: row) }
  }

  /// Writes what the cancellations and closes come to that nobody took back.
  ///
  /// - Returns: The verdicts of those steps that do not simply count.
  private static func end(
    _ steps: [(op: Op, payload: Payload)], into row: inout [Cell]
  ) -> [OpID: Verdict] {
    var verdicts: [OpID: Verdict] = [:]
    var undone: Set<OpID> = []
    for (op, payload) in steps where op.kind == 75 {
      guard let step = payload.reference(1) else { continue }
      if !undone.insert(step).inserted { verdicts[op.id] = Verdict(.duplicate) }
    }
    (row[9], row[10], row[11]) = (.text("published"), .null, .null)
    var ended: KindNumber?
    for (op, payload) in steps where op.kind == 25 || op.kind == 26 {
      if undone.contains(op.id) {
        verdicts[op.id] = Verdict(.void)
      } else if let ended {
        verdicts[op.id] =
          ended == op.kind ? Verdict(.duplicate) : Verdict(.void, [.activityEnded])
      } else {
        ended = op.kind
        row[9] = .text(op.kind == 25 ? "cancelled" : "closed")
        row[10] = .id(op.id)
        if op.kind == 26 { row[11] = .integer(payload.integer(2) ?? 0) }
      }
    }
    return verdicts
  }

  private static func inOrder<S: FoldState>(
    _ steps: [OpID], in state: S
  ) throws(S.Failure) -> [(op: Op, payload: Payload)] {
    var found: [(place: Place, op: Op, payload: Payload)] = []
    for id in steps {
      let op = try state.op(id)
      guard let kind = Catalogue.kind(op.kind),
        let payload = kind.schema.payload(of: op)
      else { continue }
      found.append((try state.place(of: id), op, payload))
    }
    return found.sorted { $0.place < $1.place }.map { ($0.op, $0.payload) }
  }
}
