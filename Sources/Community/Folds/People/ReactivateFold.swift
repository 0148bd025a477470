import OpLog

/// `resident.reactivate`: a departure was recorded by mistake; it counts no longer.
///
/// By an approver of a community of the resident's (``DepartureFold``), or the hub, who is not the one that recorded the
/// departure. What had waited because of it is settled again. Of several records about one departure
/// the lowest op counts. Others build on it, so one by a person whose appointment turns out to have
/// ended stands, on the desk.
enum ReactivateFold: Fold {
  static let schema = PayloadSchema([
    .required("departure", .reference([49])),
    .required("reason", .choice(["wrong_person", "wrong_day", "came_back"])),
    .optional("after", .reference([CustodyFold.kind])),
  ])

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    guard entry.isFirst else { return try judgeAgain(entry, in: state) }
    let id = entry.op.id
    guard let departure = entry.payload.reference(1),
      let resident = DepartureFold.resident(of: try state.op(departure)),
      try DepartureFold.isSound(departure, in: state)
    else { return try state.settle(id, Verdict(.void, [.wrongReference]), isFirst: true) }
    if let problem = try problem(entry, with: departure, of: resident, in: state) {
      return try state.settle(id, Verdict(.pending, [problem]), isFirst: true)
    }
    guard let old = try state.row(Tables.departure, [resident.packed, departure.packed]) else {
      return try state.settle(id, Verdict(.duplicate), isFirst: true)
    }
    if let earlier = old[5].id {
      guard id < earlier else {
        return try state.settle(id, Verdict(.duplicate), isFirst: true)
      }
      try state.settle(earlier, Verdict(.duplicate), isFirst: false)
    }
    var row = old
    row[5] = .id(id)
    try state.replace(Tables.departure, old, by: row)
    try state.settle(id, try OpsOfStaff.standing(entry.op, in: state), isFirst: true)
    try DepartureFold.settle(resident, in: state)
  }

  /// Says again what a person should look at about the one that counts.
  private static func judgeAgain<S: FoldState>(
    _ entry: Entry, in state: S
  ) throws(S.Failure) {
    guard let departure = entry.payload.reference(1),
      let resident = DepartureFold.resident(of: try state.op(departure)),
      try state.row(Tables.departure, [resident.packed, departure.packed])?[5].id == entry.op.id
    else { return }
    try state.settle(
      entry.op.id, try OpsOfStaff.standing(entry.op, in: state), isFirst: false)
  }

  private static func problem<S: FoldState>(
    _ entry: Entry, with departure: OpID, of resident: OpID, in state: S
  ) throws(S.Failure) -> DeskReason? {
    if let problem = try Standing.problem(entry.op, entry.kind, ignoresEnd: true, in: state) {
      return problem
    }
    let isOwn = try DepartureFold.isOfCommunity(
      of: resident, entry.op, after: entry.payload.reference(3), in: state)
    guard isOwn else { return .actorNotEntitled }
    let recorder = try state.op(departure).actor
    return try Standing.isSamePerson(recorder, entry.op.actor, in: state) ? .ownRecord : nil
  }
}
