import OpLog

/// `resident.reactivate`: a departure was recorded by mistake; it counts no longer.
///
/// By an approver who is not the one that recorded the departure. What had waited because of it is
/// settled again. Of several records about one departure the lowest op counts.
enum ReactivateFold: Fold {
  static let schema = PayloadSchema([
    .required("departure", .reference([49])),
    .required("reason", .choice(["wrong_person", "wrong_day", "came_back"])),
  ])

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    guard entry.isFirst else { return }
    let id = entry.op.id
    guard let departure = entry.payload.reference(1),
      let resident = DepartureFold.resident(of: try state.op(departure)),
      let old = try state.row(Tables.departure, [resident.packed, departure.packed])
    else { return try state.settle(id, Verdict(.void, [.wrongReference]), isFirst: true) }
    if let problem = try problem(entry, with: departure, in: state) {
      return try state.settle(id, Verdict(.pending, [problem]), isFirst: true)
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
    try state.settle(id, .plain, isFirst: true)
    try DepartureFold.settle(resident, in: state)
  }

  private static func problem<S: FoldState>(
    _ entry: Entry, with departure: OpID, in state: S
  ) throws(S.Failure) -> DeskReason? {
    if let problem = try Standing.problem(entry, in: state) { return problem }
    return try state.op(departure).actor == entry.op.actor ? .ownRecord : nil
  }
}
