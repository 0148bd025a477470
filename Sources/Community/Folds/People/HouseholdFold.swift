import OpLog

/// `household.upsert_file`: a household's file, or a new version of it; where it lives and what it
/// needs is in the body.
///
/// The whole file is one register: a version names those that it replaces.
enum HouseholdFold: Fold {
  static let kind: KindNumber = 52

  /// The fields of the file.
  static let fields: [BodyField] = [
    BodyField(name: "building", length: 1...60, isRequired: true),
    BodyField(name: "unit", length: 1...40, isRequired: false),
    BodyField(name: "strengths", length: 1...500, isRequired: false),
    BodyField(name: "needs", length: 1...500, isRequired: false),
    BodyField(name: "note", length: 1...500, isRequired: false),
  ]

  static let schema = PayloadSchema([
    .optional("household", .reference([52])), .optional("head", .reference([16])),
    .optional("replaces", .references([52], 1...8)),
  ])

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    let (op, payload) = (entry.op, entry.payload)
    guard try namesAreRight(payload, in: state) else {
      return try state.settle(op.id, Verdict(.void, [.wrongReference]), isFirst: entry.isFirst)
    }
    if let problem = try Standing.problem(entry, in: state) {
      return try state.settle(op.id, Verdict(.pending, [problem]), isFirst: entry.isFirst)
    }
    let household = payload.reference(1) ?? op.id
    let old = try state.row(Tables.household, id: household.packed)
    var live = OpList.decode(old?[4].text ?? "")
    if entry.isFirst {
      let replaced = payload.references(3)
      live.removeAll { replaced.contains($0) }
      live.append(op.id)
      live.sort()
    }
    let shown = try UpdateFold.shown(live, first: household, in: state)
    let head = try shown.flatMap { (id) throws(S.Failure) in
      try self.payload(of: id, in: state)?.reference(2)
    }
    let opened = try Standing.community(of: household.replica, in: state)
    let community = old?[1] ?? .integer(opened ?? 0)
    let row: [Cell] = [
      .id(household), community, .id(head), .id(shown), .text(OpList.encode(live)),
    ]
    if let old {
      try state.replace(Tables.household, old, by: row)
    } else {
      try state.insert(Tables.household, row)
    }
    try state.settle(op.id, .plain, isFirst: entry.isFirst)
  }

  /// The entry of an undecided fork; the kind stands for the one register of a household.
  static let standingDesk: @Sendable ([Cell]) -> [DeskEntry] = { row in
    guard let household = row[0].integer, row[4].text.contains(" ") else { return [] }
    return [DeskEntry(.fork, subject: household, detail: Int64(kind))]
  }

  private static func namesAreRight<S: FoldState>(
    _ payload: Payload, in state: S
  ) throws(S.Failure) -> Bool {
    if let head = payload.reference(2), try !state.has(Tables.resident, id: head.packed) {
      return false
    }
    let replaced = payload.references(3)
    guard let household = payload.reference(1) else { return replaced.isEmpty }
    guard try state.has(Tables.household, id: household.packed), !replaced.isEmpty else {
      return false
    }
    for id in replaced where id != household {
      guard try self.payload(of: id, in: state)?.reference(1) == household else { return false }
    }
    return true
  }

  private static func payload<S: FoldState>(
    of id: OpID, in state: S
  ) throws(S.Failure) -> Payload? {
    let op = try state.op(id)
    guard op.kind == kind, let payload = schema.payload(of: op) else { return nil }
    return payload
  }
}
