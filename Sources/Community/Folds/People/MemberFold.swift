import OpLog

/// `household.set_member`: a resident lives in a household from a day on, maybe up to a day.
///
/// Of memberships in two households at once the one that the hub confirmed stays, else the earliest;
/// the others wait on the desk. A membership ends the day before one of the two moves to another community
/// without the other (``Residence``).
package enum MemberFold: Fold {
  static let schema = PayloadSchema([
    .required("household", .reference([52])), .required("resident", .reference([16])),
    .required("from_on", .date), .optional("until", .date),
    .optional("replaces", .references([53], 1...8)),
  ])

  /// Folds one membership.
  package static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    guard entry.isFirst else { return }
    let (id, payload) = (entry.op.id, entry.payload)
    let replaced = payload.references(5)
    guard let household = payload.reference(1), let resident = payload.reference(2),
      try state.has(Tables.household, id: household.packed),
      try state.has(Tables.resident, id: resident.packed),
      try areMemberships(replaced, of: resident, in: state)
    else { return try state.settle(id, Verdict(.void, [.wrongReference]), isFirst: true) }
    if let problem = try Standing.problem(entry, in: state) {
      return try state.settle(id, Verdict(.pending, [problem]), isFirst: true)
    }
    let row: [Cell] = [
      .id(resident), .id(id), .text("posted"), .id(household),
      .integer(payload.integer(3) ?? 0), payload.integer(4).map(Cell.integer) ?? .null,
      .list(replaced),
    ]
    try state.insert(Tables.householdMember, row)
    try settle(resident: resident.packed, adding: id, in: state)
  }

  /// The row of a membership; nil for an op of another kind, and for one without effect.
  static func row<S: FoldState>(of id: OpID, in state: S) throws(S.Failure) -> [Cell]? {
    guard let resident = try resident(of: id, in: state) else { return nil }
    return try state.row(Tables.householdMember, [resident.packed, id.packed])
  }

  /// Folds all memberships of a resident again.
  static func settle<S: FoldState>(
    resident: Int64, adding new: OpID?, in state: S
  ) throws(S.Failure) {
    let stored = try state.rows(Tables.householdMember, under: [resident])
    var rows: [[Cell]] = []
    for row in stored { rows.append(try ending(row, in: state)) }
    var refused: Set<OpID> = []
    var confirmed: Set<OpID> = []
    for id in rows.compactMap({ $0[1].id }) {
      switch try DecideFold.isApproved(id, in: state) {
      case true?: confirmed.insert(id)
      case false?: refused.insert(id)
      case nil: break
      }
    }
    let standing = rows.filter { $0[1].id.map { !refused.contains($0) } ?? false }
    let replaced = Set(standing.flatMap { OpList.decode($0[6].text) })
    let live = standing.filter { $0[1].id.map { !replaced.contains($0) } ?? false }
    let ranked = live.sorted { rank($0, confirmed) < rank($1, confirmed) }
    var counted: [[Cell]] = []
    var contested: Set<OpID> = []
    for row in ranked {
      if counted.contains(where: { $0[3] != row[3] && overlap($0, row) }), let id = row[1].id {
        contested.insert(id)
      } else {
        counted.append(row)
      }
    }
    for (old, ending) in zip(stored, rows) {
      guard let id = old[1].id else { continue }
      let (word, verdict): (String, Verdict) =
        if refused.contains(id) {
          ("refused", Verdict(.void))
        } else if replaced.contains(id) {
          ("replaced", .plain)
        } else if contested.contains(id) {
          ("contested", Verdict(.pending, [.twoHouseholds]))
        } else {
          ("posted", .plain)
        }
      var row = ending
      row[2] = .text(word)
      if row != old { try state.replace(Tables.householdMember, old, by: row) }
      try state.settle(id, verdict, isFirst: id == new)
    }
  }

  /// A membership's row with its last day: what its op says, or the day before the two parted.
  private static func ending<S: FoldState>(
    _ row: [Cell], in state: S
  ) throws(S.Failure) -> [Cell] {
    guard let resident = row[0].id, let id = row[1].id, let household = row[3].id else {
      return row
    }
    let said = try Entry.again(id, 53, in: state)?.payload.integer(4)
    let parting = try Residence.parting(
      of: resident, from: household, after: row[4].integer ?? 0, in: state)
    var ending = row
    ending[5] = [said, parting.map { $0 - 1 }].compactMap { $0 }.min().map(Cell.integer) ?? .null
    return ending
  }

  /// The household in which a resident lives on a day, packed; nil for none that counts.
  static func household<S: FoldState>(
    of resident: OpID, on day: Int64, in state: S
  ) throws(S.Failure) -> Int64? {
    household(in: try state.rows(Tables.householdMember, under: [resident.packed]), on: day)
  }

  /// The same by the resident's memberships; of several that count on a day the lowest household.
  static func household(in memberships: [[Cell]], on day: Int64) -> Int64? {
    memberships.filter {
      $0[2] == .text("posted") && $0[4].integer ?? 0 <= day && day <= $0[5].integer ?? .max
    }.compactMap { $0[3].integer }.min()
  }

  /// Whether a resident lives in a household on a day.
  static func isMember<S: FoldState>(
    _ resident: OpID, of household: OpID, on day: Int64, in state: S
  ) throws(S.Failure) -> Bool {
    try self.household(of: resident, on: day, in: state) == household.packed
  }

  /// A membership that the hub approved, of the same resident in another household, which has a day in
  /// common with this one; nil for none that still stands.
  ///
  /// Of two that are approved one would be contested for good, as each has its answer.
  package static func approvedRival<S: FoldState>(
    of id: OpID, in state: S
  ) throws(S.Failure) -> OpID? {
    guard let row = try row(of: id, in: state) else { return nil }
    for other in try state.rows(Tables.householdMember, under: [row[0].integer ?? 0]) {
      guard let rival = other[1].id, rival != id, other[3] != row[3], overlap(other, row),
        [.text("posted"), .text("contested")].contains(other[2]),
        try DecideFold.isApproved(rival, in: state) == true
      else { continue }
      return rival
    }
    return nil
  }

  private static func rank(
    _ row: [Cell], _ confirmed: Set<OpID>
  ) -> (Int, Int64, Int64) {
    let isConfirmed = row[1].id.map(confirmed.contains) ?? false
    return (isConfirmed ? 0 : 1, row[4].integer ?? 0, row[1].integer ?? 0)
  }

  /// Whether two memberships have a day in common; `until` is the last day.
  private static func overlap(_ one: [Cell], _ other: [Cell]) -> Bool {
    (one[4].integer ?? 0) <= other[5].integer ?? .max
      && (other[4].integer ?? 0) <= one[5].integer ?? .max
  }

  private static func areMemberships<S: FoldState>(
    _ ids: [OpID], of resident: OpID, in state: S
  ) throws(S.Failure) -> Bool {
    for id in ids where try self.resident(of: id, in: state) != resident { return false }
    return true
  }

  private static func resident<S: FoldState>(
    of id: OpID, in state: S
  ) throws(S.Failure) -> OpID? {
    let op = try state.op(id)
    guard op.kind == 53, let payload = schema.payload(of: op) else { return nil }
    return payload.reference(2)
  }
}
