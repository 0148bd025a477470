import OpLog

/// `resident.deactivate`: somebody moved away, died, or left; what is dated later waits.
///
/// A community of the resident's says so: the first one, or one that names the give by which the resident
/// came there. Of several records of one resident the earliest day counts, the others are duplicates; one
/// that was taken back (``ReactivateFold``) is none of them, nor one that says "moved" of who went to
/// another community of the street with the account (``Residence``).
package enum DepartureFold: Fold {
  static let schema = PayloadSchema([
    .required("resident", .reference([16])),
    .required("cause", .choice(["moved", "died", "left"])), .required("effective_on", .date),
    .optional("pool", .reference([52])), .optional("after", .reference([CustodyFold.kind])),
  ])

  /// The cause of one who moved away.
  private static let moved: Int64 = 0
  /// The cause of one who died.
  static let died: Int64 = 1

  /// Folds one departure.
  package static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    guard entry.isFirst else { return }
    let (id, payload) = (entry.op.id, entry.payload)
    guard let resident = payload.reference(1),
      try state.has(Tables.resident, id: resident.packed)
    else { return try state.settle(id, Verdict(.void, [.wrongReference]), isFirst: true) }
    if let problem = try problem(entry, of: resident, in: state) {
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
      try state.has(Tables.resident, id: resident.packed)
    else { return false }
    return try problem(entry, of: resident, in: state) == nil
  }

  private static func problem<S: FoldState>(
    _ entry: Entry, of resident: OpID, in state: S
  ) throws(S.Failure) -> DeskReason? {
    if let problem = try Standing.problem(entry, in: state) { return problem }
    let isOwn = try isOfCommunity(
      of: resident, entry.op, after: entry.payload.reference(5), in: state)
    return isOwn ? nil : .actorNotEntitled
  }

  /// Whether an op comes from the hub, from the community where a resident was registered, or from one
  /// to which the give that it names moved the resident: so no order of arrival decides it.
  static func isOfCommunity<S: FoldState>(
    of resident: OpID, _ op: Op, after give: OpID?, in state: S
  ) throws(S.Failure) -> Bool {
    let registered = try Standing.community(of: resident.replica, in: state)
    if try Standing.isOf(registered, op, in: state) { return true }
    guard let move = try CustodyFold.move(by: give, in: state), move.account == resident else {
      return false
    }
    return try Standing.isOf(move.community, op, in: state)
  }

  /// Where the resident lives now is known at the counter.
  package static func refusal<S: FoldState>(of entry: Entry, in state: S) throws(S.Failure)
    -> Refusal?
  {
    guard
      let file = try entry.payload.reference(1).flatMap({ (id) throws(S.Failure) in
        try state.row(Tables.resident, id: id.packed)
      })
    else { return nil }
    return try Standing.isOf(file[2].integer, entry.op, in: state)
      ? nil : .wouldNotCount(.pending, [.actorNotEntitled])
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
    let counted = try standing(of: resident, in: state)
      .min { (day($0), $0[1].integer ?? 0) < (day($1), $1[1].integer ?? 0) }
    for departure in all {
      guard let step = departure[1].id else { continue }
      let other: Verdict = departure[5] == .null ? Verdict(.duplicate) : Verdict(.void)
      try state.settle(step, departure == counted ? .plain : other, isFirst: step == new)
    }
  }

  /// The departures of a resident that nobody took back, and that are no move inside the street.
  static func standing<S: FoldState>(
    of resident: OpID, in state: S
  ) throws(S.Failure) -> [[Cell]] {
    let rows = try state.rows(Tables.departure, under: [resident.packed])
    guard !rows.isEmpty else { return [] }
    let stays = try Residence.stays(of: resident, in: state)
    var standing: [[Cell]] = []
    for row in rows where row[5] == .null {
      if try !isMoveInside(row, stays, in: state) { standing.append(row) }
    }
    return standing
  }

  /// Whether a community says "moved away" of a resident who went from there to another one of the
  /// street, that day, before, or later.
  private static func isMoveInside<S: FoldState>(
    _ row: [Cell], _ stays: [Residence.Stay], in state: S
  ) throws(S.Failure) -> Bool {
    guard stays.count > 1, row[2].integer == moved, let writer = row[1].id?.replica,
      let community = try Standing.community(of: writer, in: state)
    else { return false }
    if Residence.community(on: day(row), stays) != community { return true }
    return zip(stays, stays.dropFirst()).contains {
      $0.community == community && $1.community != community && day(row) <= $1.from
    }
  }

  /// Whose departure an op records; nil for an op of another kind.
  package static func resident(of op: Op) -> OpID? {
    guard op.kind == 49, let payload = schema.payload(of: op) else { return nil }
    return payload.reference(1)
  }

  private static func day(_ row: [Cell]) -> Int64 { row[3].integer ?? 0 }
}
