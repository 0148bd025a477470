import OpLog

/// `resident.deactivate`: somebody moved away, died, or left; what is dated later waits.
///
/// The resident's own community says so. Of several records of one resident the earliest day counts,
/// the others are duplicates; one that was taken back (``ReactivateFold``) is none of them.
enum DepartureFold: Fold {
  static let schema = PayloadSchema([
    .required("resident", .reference([16])),
    .required("cause", .choice(["moved", "died", "left"])), .required("effective_on", .date),
    .optional("pool", .reference([52])),
  ])

  /// The cause of one who died.
  static let died: Int64 = 1

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    guard entry.isFirst else { return }
    let (id, payload) = (entry.op.id, entry.payload)
    guard let resident = payload.reference(1),
      let file = try state.row(Tables.resident, id: resident.packed)
    else { return try state.settle(id, Verdict(.void, [.wrongReference]), isFirst: true) }
    if let problem = try problem(entry, in: file, state) {
      return try state.settle(id, Verdict(.pending, [problem]), isFirst: true)
    }
    let row: [Cell] = [
      .id(resident), .id(id), .integer(payload.integer(2) ?? 0),
      .integer(payload.integer(3) ?? 0), .id(payload.reference(4)), .null,
    ]
    try state.insert(Tables.departure, row)
    try settle(resident, adding: id, in: state)
  }

  /// Whether an op is a departure of some resident that was right to record, listed or not.
  static func isSound<S: FoldState>(_ op: OpID, in state: S) throws(S.Failure) -> Bool {
    guard let entry = try Entry.again(op, 49, in: state), let resident = entry.payload.reference(1),
      let file = try state.row(Tables.resident, id: resident.packed)
    else { return false }
    return try problem(entry, in: file, state) == nil
  }

  private static func problem<S: FoldState>(
    _ entry: Entry, in file: [Cell], _ state: S
  ) throws(S.Failure) -> DeskReason? {
    if let problem = try Standing.problem(entry, in: state) { return problem }
    return try Standing.isOf(file[2].integer, entry.op, in: state) ? nil : .actorNotEntitled
  }

  /// Says which departure of a resident counts: of those that stand the earliest.
  ///
  /// Those beyond the lowest ``Steps/countMax`` are duplicates for good, and so is what takes one of
  /// them back.
  static func settle<S: FoldState>(
    _ resident: OpID, adding new: OpID? = nil, in state: S
  ) throws(S.Failure) {
    var all = try state.rows(Tables.departure, under: [resident.packed])
    while all.count > Steps.countMax, let surplus = all.popLast() {
      try state.remove(Tables.departure, surplus)
      for dropped in [surplus[1].id, surplus[5].id].compactMap({ $0 }) {
        try state.settle(dropped, Verdict(.duplicate), isFirst: dropped == new)
      }
    }
    let counted = standing(all)
      .min { (day($0), $0[1].integer ?? 0) < (day($1), $1[1].integer ?? 0) }
    for departure in all {
      guard let step = departure[1].id else { continue }
      let other: Verdict = departure[5] == .null ? Verdict(.duplicate) : Verdict(.void)
      try state.settle(step, departure == counted ? .plain : other, isFirst: step == new)
    }
  }

  /// The departures of a resident that nobody took back.
  static func standing(_ departures: [[Cell]]) -> [[Cell]] {
    departures.filter { $0[5] == .null }
  }

  /// Whose departure an op records; nil for an op of another kind.
  static func resident(of op: Op) -> OpID? {
    guard op.kind == 49, case .payload(let payload)? = try? schema.decode(op) else { return nil }
    return payload.reference(1)
  }

  private static func day(_ row: [Cell]) -> Int64 { row[3].integer ?? 0 }
}
