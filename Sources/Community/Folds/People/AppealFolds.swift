import OpLog

/// `appeal.file`: somebody objects to a record; the grounds are in the body.
enum AppealFold: Fold {
  /// What may be objected to.
  static let kinds: [KindNumber] = [19, 20, 23, 47, 49, 50, 53, 57, 64]

  static let grounds = [BodyField(name: "grounds", length: 1...500, isRequired: true)]

  static let schema = PayloadSchema([
    .required("against", .reference(kinds)), .optional("resident", .reference([16])),
  ])

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    guard entry.isFirst else { return }
    let (op, resident) = (entry.op, entry.payload.reference(2))
    guard let against = entry.payload.reference(1), kinds.contains(try state.op(against).kind)
    else {
      return try state.settle(op.id, Verdict(.void, [.wrongReference]), isFirst: true)
    }
    if let resident, try !state.has(Tables.resident, id: resident.packed) {
      return try state.settle(op.id, Verdict(.void, [.wrongReference]), isFirst: true)
    }
    if let problem = try Standing.problem(entry, in: state) {
      return try state.settle(op.id, Verdict(.pending, [problem]), isFirst: true)
    }
    let filedOn = Int64(op.occurredOn.day)
    let days = try Standing.policy(of: op, in: state)?.appealDays ?? 10
    let row: [Cell] = [
      .id(op.id), .id(against), .id(resident), .integer(filedOn), .integer(filedOn + days),
      .text("filed"), .null, .null, .null, .null,
    ]
    try state.insert(Tables.appeal, row)
    try state.settle(op.id, Verdict(.pending, [.awaitingHub]), isFirst: true)
  }

  /// What followed a fraud may be appealed for some days from the decision on, by the rules; what an
  /// office took all the same the hub decides.
  static func refusal<S: FoldState>(
    of entry: Entry, in state: S
  ) throws(S.Failure) -> Refusal? {
    guard let against = entry.payload.reference(1),
      let days = try Standing.policy(of: entry.op, in: state)?[.appealFileDays],
      let since = try sanction(against, in: state), since.adding(days: days) < entry.op.occurredOn
    else { return nil }
    return .appealTooLate(until: since.adding(days: days))
  }

  /// The day from which on a sanction holds that an op is or asks for; nil for what is none.
  private static func sanction<S: FoldState>(
    _ id: OpID, in state: S
  ) throws(S.Failure) -> BusinessDate? {
    let op = try state.op(id)
    if ReverseFold.isForFraud(op) { return op.occurredOn }
    let request = try Entry.again(id, 64, in: state)?.payload.reference(1) ?? id
    guard FreezeFold.isForFraud(try state.op(request)),
      let decision = try state.row(Tables.decision, id: request.packed)?[1].id
    else { return nil }
    return try state.op(decision).occurredOn
  }
}

/// `appeal.decide`: the hub's answer to an appeal; the first of its log counts.
///
/// One that is upheld may name the record that puts things right, which must be of a kind that can. `by`
/// names who decided.
enum AppealDecideFold: Fold {
  static let schema = PayloadSchema([
    .required("appeal", .reference([59])), .required("decision", .choice(["upheld", "rejected"])),
    .optional("remedy", .reference(AppealRemedy.kinds)),
    .optional("by", .references([6], 1...8)),
  ])

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    guard entry.isFirst else { return }
    let op = entry.op
    guard op.id.replica.isHub else {
      return try state.settle(op.id, Verdict(.void, [.onlyHub]), isFirst: true)
    }
    guard let appeal = entry.payload.reference(1), let answer = entry.payload.integer(2),
      let old = try state.row(Tables.appeal, id: appeal.packed)
    else { return try state.settle(op.id, Verdict(.void, [.wrongReference]), isFirst: true) }
    if let remedy = entry.payload.reference(3), let against = old[1].id,
      try !AppealRemedy.fits(remedy, against: against, in: state)
    {
      return try state.settle(op.id, Verdict(.void, [.wrongReference]), isFirst: true)
    }
    let earlier = old[6].id.map { ($0, old[7].integer ?? 0, old[9].text) }
    let sticky = StickyChoice(earlier, adding: op.id, answer)
    let remedy = try payload(of: sticky.counted, in: state)?.reference(3)
    var row = old
    row[5] = .text(sticky.answer == 0 ? "upheld" : "rejected")
    row[6] = .id(sticky.counted)
    row[7] = .integer(sticky.answer)
    row[8] = .id(remedy)
    row[9] = .list(sticky.others)
    try state.replace(Tables.appeal, old, by: row)
    for id in [sticky.counted] + sticky.others {
      let given = try payload(of: id, in: state)?.integer(2) ?? 0
      try state.settle(id, sticky.verdict(of: id, answer: given), isFirst: id == op.id)
    }
    try state.settle(appeal, .plain, isFirst: false)
  }

  private static func payload<S: FoldState>(
    of id: OpID, in state: S
  ) throws(S.Failure) -> Payload? {
    guard let payload = try schema.payload(of: state.op(id)) else { return nil }
    return payload
  }
}
