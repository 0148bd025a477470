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

/// `replica.enroll`: the hub issued one of its ids to a community's office, or enrols again an id of a
/// former hub, whose enrolment was lost with that.
///
/// An id of a later life than the hub's own is not its to give. Of several enrolments of one id the lowest
/// op id stands: a former hub's own may turn up behind the one that stood in for it.
package enum EnrollFold: Fold {
  /// The number in the catalogue.
  package static let kind: KindNumber = 3

  static let schema = PayloadSchema([
    .required("replica", .replica), .required("community", .reference([2])),
    .required("label", .text(1...60)),
  ])

  /// Folds one.
  package static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    let payload = entry.payload
    if entry.op.id.replica.isHub, issued(by: entry) == nil {
      let verdict = Verdict(.void, [.wrongReference])
      return try state.settle(entry.op.id, verdict, isFirst: entry.isFirst)
    }
    var row: [Cell] = [
      .integer(payload.integer(1) ?? 0), .id(entry.op.id), .id(payload.reference(2)),
      .text(payload.text(3) ?? ""), .null,
    ]
    guard entry.isFirst, entry.op.id.replica.isHub,
      let old = try state.row(Tables.replica, Tables.replica.key(of: row)),
      let stood = old[1].id, entry.op.id < stood
    else { return try Reference.settle(entry, Tables.replica, row, in: state) }
    row[4] = old[4]
    try state.replace(Tables.replica, old, by: row)
    try state.settle(stood, Verdict(.duplicate), isFirst: false)
    try state.settle(entry.op.id, .plain, isFirst: true)
  }

  /// Whether an enrolment that comes late puts its office into another community than it has been in: all
  /// that the office wrote was folded wrongly then.
  package static func moves<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) -> Bool {
    guard entry.op.kind == kind, let office = issued(by: entry),
      let old = try state.row(Tables.replica, id: office)
    else { return false }
    return entry.op.id.packed < old[1].integer ?? 0 && old[2].id != entry.payload.reference(2)
  }

  /// The office that an enrolment made, or made again; nil for an enrolment without effect.
  ///
  /// Any of those that put the office where it is will do: which of them was folded first says nothing.
  static func office<S: FoldState>(
    of enrolment: OpID?, in state: S
  ) throws(S.Failure) -> Int64? {
    guard let enrolment, let entry = try Entry.again(enrolment, kind, in: state),
      let office = issued(by: entry), let row = try state.row(Tables.replica, id: office),
      row[2].id == entry.payload.reference(2)
    else { return nil }
    return office
  }

  /// The id that an enrolment gives; nil where it is not its writer's to give.
  static func issued(by entry: Entry) -> Int64? {
    let hub = entry.op.id.replica
    guard hub.isHub, let number = entry.payload.integer(1),
      let office = ReplicaID(rawValue: UInt32(number)), !office.isHub,
      (1...hub.incarnation).contains(office.incarnation)
    else { return nil }
    return number
  }
}

/// `replica.revoke`: the hub shuts a replica's door; what it wrote stays.
enum RevokeFold: Fold {
  static let schema = PayloadSchema([
    .required("enrolment", .reference([3])),
    .required("reason", .choice(["lost", "replaced", "misused", "closed"])),
  ])

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    guard entry.op.id.replica.isHub else {
      return try state.settle(entry.op.id, Verdict(.void, [.onlyHub]), isFirst: entry.isFirst)
    }
    // A door stays shut wherever the office turns out to be.
    guard let enrolment = entry.payload.reference(1),
      let enrolled = try Entry.again(enrolment, EnrollFold.kind, in: state),
      let office = EnrollFold.issued(by: enrolled),
      let row = try state.row(Tables.replica, id: office)
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
