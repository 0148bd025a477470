import OpLog

/// `activity.amend`: the organiser changes what it announced.
///
/// The last amendment to reach the hub is shown, field by field. Awards may claim up to the most that
/// was ever announced, so whoever came for more points gets them: never lower.
enum AmendFold: Fold {
  static let schema = PayloadSchema([
    .required("activity", .reference([18])), .optional("points", .integer(0...1_000)),
    .optional("held_on", .date), .optional("title", .text(1...120)),
  ])

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    try ActivityStep.fold(entry, in: state)
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

/// What becomes of an activity after it was published: a pure function of its steps and their order.
///
/// Of a cancellation and a close the first to reach the hub counts; the other is on the desk.
enum ActivityStep {
  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    let op = entry.op
    guard let activity = entry.payload.reference(1),
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
      case .payload(let published)? = try? ActivityFold.schema.decode(
        try state.op(id))
    else { return }
    var row = old
    row[3] = .text(published.text(1) ?? "")
    row[4] = .integer(published.integer(3) ?? 0)
    row[5] = .integer(published.integer(4) ?? 0)
    row[6] = row[4]
    (row[9], row[10], row[11]) = (.text("published"), .null, .null)
    row[12] = .list(steps)
    var ended: (id: OpID, kind: KindNumber)?
    for (op, payload) in try inOrder(steps, in: state) {
      var verdict = Verdict.plain
      switch op.kind {
      case 24:
        if let points = payload.integer(2) {
          row[4] = .integer(points)
          row[6] = .integer(max(points, row[6].integer ?? 0))
        }
        if let heldOn = payload.integer(3) { row[5] = .integer(heldOn) }
        if let title = payload.text(4) { row[3] = .text(title) }
      case _ where ended != nil:
        verdict = ended?.kind == op.kind ? Verdict(.duplicate) : Verdict(.void, [.activityEnded])
      default:
        ended = (op.id, op.kind)
        row[9] = .text(op.kind == 25 ? "cancelled" : "closed")
        row[10] = .id(op.id)
        if op.kind == 26 { row[11] = .integer(payload.integer(2) ?? 0) }
      }
      try state.settle(op.id, verdict, isFirst: op.id == first)
    }
    if row != old { try state.replace(Tables.activity, old, by: row) }
  }

  private static func inOrder<S: FoldState>(
    _ steps: [OpID], in state: S
  ) throws(S.Failure) -> [(op: Op, payload: Payload)] {
    var found: [(place: Place, op: Op, payload: Payload)] = []
    for id in steps {
      let op = try state.op(id)
      guard let kind = Catalogue.kind(op.kind),
        case .payload(let payload)? = try? kind.schema.decode(op)
      else { continue }
      found.append((try state.place(of: id), op, payload))
    }
    return found.sorted { $0.place < $1.place }.map { ($0.op, $0.payload) }
  }
}
