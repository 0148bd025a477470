import OpLog

/// `resident.register`: a person's file and account; the name is in the body.
enum RegisterFold: Fold {
  static let schema = PayloadSchema([
    .optional("home", .reference([3])),
    .optional("age_band", .choice(AgeBand.names)),
  ])

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    guard let home = try home(of: entry, in: state) else {
      return try state.settle(
        entry.op.id, Verdict(.void, [.wrongReference]), isFirst: entry.isFirst)
    }
    let row: [Cell] = [
      .id(entry.op.id), .integer(home),
      try Standing.community(of: entry.op.id.replica, in: state).map(Cell.integer) ?? .integer(0),
      .integer(Int64(entry.op.occurredOn.day)), .null, .null, .null, .null,
    ]
    try Reference.settle(entry, Tables.resident, row, in: state)
    let id = entry.op.id
    guard entry.isFirst, let band = entry.payload.integer(2),
      try state.has(Tables.resident, id: id.packed)
    else { return }
    // It holds for every day before the first update, also where an old sheet is entered later.
    try state.insert(Tables.ageBand, [.id(id), .id(id), .integer(band), .integer(0), .null])
  }

  /// The replica that holds the account's rights: the named enrolment's, or the writer.
  private static func home<S: FoldState>(
    of entry: Entry, in state: S
  ) throws(S.Failure) -> Int64? {
    guard let enrolment = entry.payload.reference(1) else {
      return Int64(entry.op.id.replica.rawValue)
    }
    let op = try state.op(enrolment)
    guard op.kind == 3, let enrolled = EnrollFold.schema.payload(of: op) else {
      return nil
    }
    return enrolled.integer(1)
  }
}

/// `resident.update`: new values in the body for some fields; for each, the ops that they replace.
///
/// An op is folded after all that it names, so removing what an update replaces and adding the
/// update commutes: the live values are those that no admitted op replaces.
enum UpdateFold: Fold {
  /// The fields of a resident's file, in the order of their registers.
  static let fields: [BodyField] = [
    BodyField(name: "name", length: 1...60, isRequired: true),
    BodyField(name: "phone", length: 3...20, isRequired: false),
    BodyField(name: "birth_date", length: 10...10, isRequired: false),
    BodyField(name: "address", length: 1...120, isRequired: false),
    BodyField(name: "note", length: 1...500, isRequired: false),
  ]

  static let schema = PayloadSchema(
    [.required("resident", .reference([16]))]
      + (fields.map(\.name) + ["age_band"]).map {
        .optional("replaces_" + $0, .references([16, 17], 1...8))
      } + [.optional("age_band", .choice(AgeBand.names))])

  /// The registers of a file: those of the body's fields, and how old the person is.
  private static let registers = 0...Int(AgeBand.register)

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    let op = entry.op
    guard let resident = entry.payload.reference(1),
      try state.has(Tables.resident, id: resident.packed)
    else {
      return try state.settle(op.id, Verdict(.void, [.wrongReference]), isFirst: entry.isFirst)
    }
    if let problem = try Standing.problem(entry, in: state) {
      return try state.settle(op.id, Verdict(.pending, [problem]), isFirst: entry.isFirst)
    }
    for index in registers {
      let replaced = entry.payload.references(index + 2)
      guard !replaced.isEmpty else { continue }
      for id in replaced where id != resident {
        guard try touches(id, resident: resident, field: index, in: state) else {
          return try state.settle(op.id, Verdict(.void, [.wrongReference]), isFirst: entry.isFirst)
        }
      }
    }
    for index in registers {
      let replaced = entry.payload.references(index + 2)
      guard !replaced.isEmpty else { continue }
      try replace(replaced, by: entry, resident: resident, field: index, in: state)
    }
    let reasons = try say(age: entry, of: resident, in: state)
    try state.settle(op.id, Verdict(.posted, reasons), isFirst: entry.isFirst)
  }

  /// Writes down how old an update says that a resident is, and what a person should look at.
  ///
  /// Nobody's date makes it hold later than the day after which the hub had it: what a clock that is
  /// ahead says of a child is heeded at once.
  private static func say<S: FoldState>(
    age entry: Entry, of resident: OpID, in state: S
  ) throws(S.Failure) -> [DeskReason] {
    let op = entry.op
    let named = entry.payload.references(Int(AgeBand.register) + 2)
    let band = entry.payload.integer(Int(AgeBand.register) + 3)
    guard !named.isEmpty else { return band == nil ? [] : [.wrongReference] }
    var replaced = Set(named)
    for id in named {
      let row = try state.row(Tables.ageBand, [resident.packed, id.packed])
      replaced.formUnion(OpList.decode(row?[4].text ?? ""))
    }
    var from = op.occurredOn
    if let receivedAt = try state.receivedAt(op.id), try Standing.isInFuture(op, in: state) {
      from = BusinessDate(stamp: receivedAt)
    }
    let row: [Cell] = [
      .id(resident), .id(op.id), band.map(Cell.integer) ?? .null, .integer(Int64(from.day)),
      .list(replaced.sorted()),
    ]
    try Facts.set(row, [resident.packed, op.id.packed], in: Tables.ageBand, state)
    return try Standing.dateReasons(op, in: state)
  }

  static func refusal<S: FoldState>(of entry: Entry, in state: S) throws(S.Failure) -> Refusal? {
    guard let resident = entry.payload.reference(1) else { return nil }
    return try ResidentRule.isErased(resident, in: state) ? .residentErased : nil
  }

  /// The live values of a register, ascending: the updates that nothing replaced.
  static func live(_ row: [Cell]?, resident: OpID) -> [OpID] {
    row.map { OpList.decode($0[3].text) } ?? [resident]
  }

  /// The entry of an undecided fork, a pure function of the register's row.
  static let standingDesk: @Sendable ([Cell]) -> [DeskEntry] = { row in
    guard let entity = row[0].integer, let field = row[1].integer, row[3].text.contains(" ") else {
      return []
    }
    return [DeskEntry(.fork, subject: entity, detail: field)]
  }

  private static func touches<S: FoldState>(
    _ id: OpID, resident: OpID, field: Int, in state: S
  ) throws(S.Failure) -> Bool {
    let op = try state.op(id)
    guard op.kind == 17, let update = schema.payload(of: op) else { return false }
    return update.reference(1) == resident && !update.references(field + 2).isEmpty
  }

  private static func replace<S: FoldState>(
    _ replaced: [OpID], by entry: Entry, resident: OpID, field: Int, in state: S
  ) throws(S.Failure) {
    let old = try state.row(Tables.field, [resident.packed, Int64(field)])
    var live = live(old, resident: resident)
    if entry.isFirst {
      live.removeAll { replaced.contains($0) }
      live.append(entry.op.id)
      live.sort()
    }
    let shown = try shown(live, before: old?[2].id, entry, resident: resident, in: state)
    let row: [Cell] = [
      .id(resident), .integer(Int64(field)), .id(shown), .text(OpList.encode(live)),
    ]
    guard let old else { return try state.insert(Tables.field, row) }
    if row != old { try state.replace(Tables.field, old, by: row) }
  }

  /// Which of several live values people see, after an update that is new or whose receipt came.
  ///
  /// All of them are looked at only when the one that was shown is gone or may have fallen behind: a
  /// receipt makes no update's time later.
  private static func shown<S: FoldState>(
    _ live: [OpID], before: OpID?, _ entry: Entry, resident: OpID, in state: S
  ) throws(S.Failure) -> OpID? {
    guard let before, before != resident, live.contains(before) else {
      return try shown(live, first: resident, in: state)
    }
    if entry.isFirst {
      return try shown([before, entry.op.id], first: resident, in: state)
    }
    return before == entry.op.id ? try shown(live, first: resident, in: state) : before
  }

  /// Which of several live values people see.
  ///
  /// The update with the larger min(stamp, received_at); the larger id where these are equal. The
  /// first value gives way to any update, because the receipt of a registration folds no register
  /// again.
  static func shown<S: FoldState>(
    _ live: [OpID], first: OpID, in state: S
  ) throws(S.Failure) -> OpID? {
    guard live.count > 1 else { return live.first }
    var best: (time: Int64, id: OpID)?
    for id in live where id != first {
      let time = min(try state.op(id).stamp, try state.receivedAt(id) ?? .max)
      if let current = best, (current.time, current.id) >= (time, id) { continue }
      best = (time, id)
    }
    return best?.id
  }
}

/// A list of op ids as text, `4097-3 4098-9`: readable in the database.
package enum OpList {
  /// The list in the order given.
  package static func encode(_ ids: [OpID]) -> String {
    ids.map(\.description).joined(separator: " ")
  }

  /// Reads a list that ``encode(_:)`` wrote.
  package static func decode(_ text: String) -> [OpID] {
    text.utf8.split(separator: UInt8(ascii: " ")).compactMap { OpID(Substring($0)) }
  }
}
