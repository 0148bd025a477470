import OpLog

/// `resident.deactivate`: somebody moved away, died, or left; what is dated later waits.
///
/// The resident's own community says so. Of several records of one resident the earliest day counts,
/// the others are duplicates.
enum DepartureFold: Fold {
  static let schema = PayloadSchema([
    .required("resident", .reference([16])),
    .required("cause", .choice(["moved", "died", "left"])), .required("effective_on", .date),
    .optional("pool", .reference([52])),
  ])

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    guard entry.isFirst else { return }
    let (id, payload) = (entry.op.id, entry.payload)
    guard let resident = payload.reference(1),
      let file = try state.row(Tables.resident, id: resident.packed)
    else { return try state.settle(id, Verdict(.void, [.wrongReference]), isFirst: true) }
    var problem = try Standing.problem(entry, in: state)
    if problem == nil, try !Standing.isOf(file[2].integer, entry.op, in: state) {
      problem = .actorNotEntitled
    }
    if let problem { return try state.settle(id, Verdict(.pending, [problem]), isFirst: true) }
    let row: [Cell] = [
      .id(resident), .id(id), .integer(payload.integer(2) ?? 0),
      .integer(payload.integer(3) ?? 0), .id(payload.reference(4)),
    ]
    try state.insert(Tables.departure, row)
    let all = try state.rows(Tables.departure, under: [resident.packed])
    let counted = all.min { (day($0), $0[1].integer ?? 0) < (day($1), $1[1].integer ?? 0) }
    for departure in all {
      guard let step = departure[1].id else { continue }
      let verdict = departure == counted ? .plain : Verdict(.duplicate)
      try state.settle(step, verdict, isFirst: step == id)
    }
  }

  private static func day(_ row: [Cell]) -> Int64 { row[3].integer ?? 0 }
}
