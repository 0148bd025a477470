import OpLog

/// `volunteer.enroll`: a resident joins a team (队) or a circle (圈).
enum EnlistFold: Fold {
  static let schema = PayloadSchema([
    .required("resident", .reference([16])), .optional("group", .choice(["team", "circle"])),
    .optional("number", .integer(1...9_999)),
  ])

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    let (op, payload) = (entry.op, entry.payload)
    guard let resident = payload.reference(1),
      try state.has(Tables.resident, id: resident.packed)
    else {
      return try state.settle(op.id, Verdict(.void, [.wrongReference]), isFirst: entry.isFirst)
    }
    let row: [Cell] = [
      .id(op.id), .id(resident), .integer(payload.integer(2) ?? 0),
      payload.integer(3).map(Cell.integer) ?? .null, .integer(Int64(op.occurredOn.day)), .null,
      .null,
    ]
    try Reference.settle(entry, Tables.volunteer, row, in: state)
  }
}

/// `volunteer.leave`: a volunteer leaves the team; of several records the earliest day counts.
enum LeaveFold: Fold {
  static let schema = PayloadSchema([.required("enrolment", .reference([54]))])

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    guard entry.isFirst else { return }
    let id = entry.op.id
    guard let enrolment = entry.payload.reference(1),
      let old = try state.row(Tables.volunteer, id: enrolment.packed)
    else { return try state.settle(id, Verdict(.void, [.wrongReference]), isFirst: true) }
    if let problem = try Standing.problem(entry, in: state) {
      return try state.settle(id, Verdict(.pending, [problem]), isFirst: true)
    }
    var steps: [(day: Int64, id: OpID)] = []
    let (kept, dropped) = Steps.adding(id, to: OpList.decode(old[6].text))
    if let dropped {
      try state.settle(dropped, Verdict(.duplicate), isFirst: dropped == id)
      guard dropped != id else { return }
    }
    for step in kept {
      steps.append((Int64(try state.op(step).occurredOn.day), step))
    }
    let counted = steps.min { $0 < $1 }
    var row = old
    row[5] = counted.map { .integer($0.day) } ?? .null
    row[6] = .list(steps.map(\.id).sorted())
    try state.replace(Tables.volunteer, old, by: row)
    for step in steps {
      let verdict = step.id == counted?.id ? .plain : Verdict(.duplicate)
      try state.settle(step.id, verdict, isFirst: step.id == id)
    }
  }
}
