import OpLog

/// `street.define`: the street's name.
enum StreetFold: Fold {
  static let schema = PayloadSchema([
    .required("street", .bytes(16...16)), .required("name", .text(1...60)),
  ])

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    let row: [Cell] = [.id(entry.op.id), .text(entry.payload.text(2) ?? "")]
    try Reference.settle(entry, Tables.street, row, in: state)
  }
}

/// `community.define`: a community of the street.
enum CommunityFold: Fold {
  static let schema = PayloadSchema([.required("name", .text(1...60))])

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    let row: [Cell] = [.id(entry.op.id), .text(entry.payload.text(1) ?? "")]
    try Reference.settle(entry, Tables.community, row, in: state)
  }
}

/// `replica.enroll`: the hub issued one of its ids to a community's office.
///
/// Ids of another incarnation are not its to give: if two hubs issued one id, the order of arrival
/// would say whose office it is.
enum EnrollFold: Fold {
  static let schema = PayloadSchema([
    .required("replica", .replica), .required("community", .reference([2])),
    .required("label", .text(1...60)),
  ])

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    let payload = entry.payload
    let hub = entry.op.id.replica
    let issued = payload.integer(1).flatMap { ReplicaID(rawValue: UInt32($0)) }
    if hub.isHub, issued?.incarnation != hub.incarnation || issued == hub {
      let verdict = Verdict(.void, [.wrongReference])
      return try state.settle(entry.op.id, verdict, isFirst: entry.isFirst)
    }
    let row: [Cell] = [
      .integer(payload.integer(1) ?? 0), .id(entry.op.id), .id(payload.reference(2)),
      .text(payload.text(3) ?? ""), .null,
    ]
    try Reference.settle(entry, Tables.replica, row, in: state)
  }
}

/// `replica.revoke`: the hub shuts a replica's door; what it wrote stays.
enum RevokeFold: Fold {
  static let schema = PayloadSchema([
    .required("enrolment", .reference([3])),
    .required("reason", .choice(["lost", "replaced", "misused", "closed"])),
  ])

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    guard let enrolment = entry.payload.reference(1), entry.op.id.replica.isHub else {
      return try state.settle(entry.op.id, Verdict(.void, [.onlyHub]), isFirst: entry.isFirst)
    }
    let enroll = try state.op(enrolment)
    guard let enrolled = EnrollFold.schema.payload(of: enroll),
      let replica = enrolled.integer(1), let row = try state.row(Tables.replica, id: replica),
      row[1].id == enrolment
    else {
      let verdict = Verdict(.void, [.wrongReference])
      return try state.settle(entry.op.id, verdict, isFirst: entry.isFirst)
    }
    if entry.op.id.packed < row[4].integer ?? .max {
      var revoked = row
      revoked[4] = .id(entry.op.id)
      try state.replace(Tables.replica, row, by: revoked)
    }
    try state.settle(entry.op.id, .plain, isFirst: entry.isFirst)
  }

  /// Whether nobody works at an office any more: it was revoked, or retired.
  static func isGone<S: FoldState>(_ office: Int64, in state: S) throws(S.Failure) -> Bool {
    if try state.has(Tables.retirement, id: office) { return true }
    return try state.row(Tables.replica, id: office)?[4] != .null
  }
}

/// `staff.appoint`: a person may record ops for a community; the name is in the body.
///
/// `person` names an earlier appointment of the same person, who gets other roles. `in_roll_call` says
/// that a rebuilt hub appointed an approver before its roll-call had ended: every desk shows it.
enum StaffFold: Fold {
  static let schema = PayloadSchema([
    .required("community", .reference([2])), .required("roles", .choices(Role.names)),
    .required("valid_from", .date), .optional("valid_to", .date),
    .optional("person", .reference([6])), .optional("in_roll_call", .flag),
  ])

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    let payload = entry.payload
    let named = try payload.reference(5).flatMap { (id) throws(S.Failure) in
      try state.row(Tables.staff, id: id.packed)
    }
    let row: [Cell] = [
      .id(entry.op.id), .id(payload.reference(1)), .integer(payload.integer(2) ?? 0),
      .integer(payload.integer(3) ?? 0), payload.integer(4).map(Cell.integer) ?? .null, .null,
      named?[6] ?? .id(entry.op.id),
    ]
    let verdict = isInRollCall(payload) ? Verdict(.posted, [.appointedInRollCall]) : .plain
    try Reference.settle(entry, Tables.staff, row, verdict, in: state)
  }

  /// Whether an appointment says that the roll-call was open.
  static func isInRollCall(_ payload: Payload) -> Bool { payload.integer(6) == 1 }
}

/// `policy.set`: the complete rules of a community.
enum PolicyFold: Fold {
  static let schema = PayloadSchema(
    [.required("community", .reference([2]))] + Policy.keys.map { .optional($0.name, $0.type) })

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    var row: [Cell] = [.id(entry.op.id), .id(entry.payload.reference(1))]
    for index in Policy.keys.indices {
      row.append(entry.payload.integer(index + 2).map(Cell.integer) ?? .null)
    }
    try Reference.settle(entry, Tables.policy, row, in: state)
  }
}

/// What the folds of the reference layer share.
enum Reference {
  /// Adds the row of a new entity when its writer was entitled; else the op waits on the desk.
  static func settle<S: FoldState>(
    _ entry: Entry, _ table: Table, _ row: [Cell], _ verdict: Verdict = .plain, in state: S
  ) throws(S.Failure) {
    guard entry.isFirst else { return }
    if let problem = try Standing.problem(entry, in: state) {
      return try state.settle(entry.op.id, Verdict(.pending, [problem]), isFirst: true)
    }
    guard try state.row(table, table.key(of: row)) == nil else {
      return try state.settle(entry.op.id, Verdict(.duplicate), isFirst: true)
    }
    try state.insert(table, row)
    try state.settle(entry.op.id, verdict, isFirst: true)
  }
}
