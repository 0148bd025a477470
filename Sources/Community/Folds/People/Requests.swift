import OpLog

/// What an office may ask for and only the hub grants: merges, erasures, freezes, and their undoing.
///
/// A request is an entity with a row of its own, and a row under each resident whom it is about.
package enum Requests {
  /// That two approvers have to grant it.
  ///
  /// The one who asks says so, and not the one who grants. A request from before there was this field
  /// keeps the decision that it got.
  static let byTwo = Field.optional("by_two", .flag)

  /// What a request is about.
  struct Subject {
    /// The resident; of a merge the file that is kept.
    let resident: OpID
    /// The second file of a merge, or the request that is to be undone.
    var other: OpID?
    /// The last day of a freeze.
    var value: Int64?
  }

  /// Whether requests of a kind always take two: what joins or parts files or erases data, whoever
  /// asks.
  package static func areByTwo(_ kind: KindNumber) -> Bool {
    [MergeFold.kind, UnmergeFold.kind, EraseFold.kind].contains(kind)
  }

  /// Whether a request says that two approvers have to grant it.
  package static func isByTwo(_ op: Op) -> Bool {
    guard let schema = Catalogue.kind(op.kind)?.schema,
      let index = schema.fields.firstIndex(where: { $0.name == byTwo.name }),
      let payload = schema.payload(of: op)
    else { return false }
    return payload.integer(index + 1) == 1
  }

  /// Adds a request that was just recorded; void when there is nobody whom it is about.
  static func add<S: FoldState>(
    _ entry: Entry, _ subject: Subject?, in state: S
  ) throws(S.Failure) {
    guard entry.isFirst else { return }
    let id = entry.op.id
    guard let subject, try state.has(Tables.resident, id: subject.resident.packed) else {
      return try state.settle(id, Verdict(.void, [.wrongReference]), isFirst: true)
    }
    let row: [Cell] = [
      .id(id), .integer(Int64(entry.kind.number)), .text("open"), .id(subject.resident),
      .id(subject.other), subject.value.map(Cell.integer) ?? .null, .null,
    ]
    try state.insert(Tables.request, row)
    try settle(row, isFirst: true, in: state)
    guard isUndoing(entry.kind.number), let target = subject.other,
      let old = try state.row(Tables.request, id: target.packed)
    else { return }
    var undone = old
    undone[6] = .list((OpList.decode(old[6].text) + [id]).sorted())
    try state.replace(Tables.request, old, by: undone)
    try settle(undone, isFirst: false, in: state)
  }

  /// Folds a request again from its decision and from those that undo it.
  static func settle<S: FoldState>(
    _ old: [Cell], isFirst: Bool, in state: S
  ) throws(S.Failure) {
    guard let id = old[0].id, let number = old[1].integer.flatMap(KindNumber.init(exactly:)),
      let kind = Catalogue.kind(number)
    else { return }
    let op = try state.op(id)
    let problem = try Standing.problem(op, kind, in: state)
    var row = old
    row[2] = .text(try condition(of: old, id, hasStanding: problem == nil, in: state))
    if row != old { try state.replace(Tables.request, old, by: row) }
    try putUnderResidents(row, in: state)
    let verdict: Verdict =
      switch row[2].text {
      case "open": Verdict(.pending, [.awaitingHub])
      case "invalid": Verdict(.pending, [problem ?? .actorNotEntitled])
      case "refused": Verdict(.void)
      default: .plain
      }
    try state.settle(id, verdict, isFirst: isFirst)
    guard !isFirst, isUndoing(number), let target = row[4].id,
      let undone = try state.row(Tables.request, id: target.packed)
    else { return }
    try settle(undone, isFirst: false, in: state)
  }

  /// The requests of a kind about a resident that took effect, ascending.
  static func effective<S: FoldState>(
    _ kind: KindNumber, of resident: Int64, in state: S
  ) throws(S.Failure) -> [[Cell]] {
    try state.rows(Tables.residentRequest, under: [resident]).filter {
      $0[2].integer == Int64(kind) && $0[3] == .text("approved")
    }
  }

  /// `open`, `approved`, `refused`, `undone`, or `invalid` where its writer was not entitled.
  private static func condition<S: FoldState>(
    of row: [Cell], _ id: OpID, hasStanding: Bool, in state: S
  ) throws(S.Failure) -> String {
    guard hasStanding else { return "invalid" }
    guard let isApproved = try DecideFold.isApproved(id, in: state) else { return "open" }
    guard isApproved else { return "refused" }
    for undoing in OpList.decode(row[6].text)
    where try state.row(Tables.request, id: undoing.packed)?[2] == .text("approved") {
      return "undone"
    }
    return "approved"
  }

  private static func putUnderResidents<S: FoldState>(
    _ row: [Cell], in state: S
  ) throws(S.Failure) {
    let isMerge = row[1] == .integer(Int64(MergeFold.kind))
    let sides: [(resident: Cell, other: Cell)] =
      isMerge ? [(row[3], row[4]), (row[4], row[3])] : [(row[3], row[4])]
    for side in sides {
      let new = [side.resident, row[0], row[1], row[2], side.other, row[5]]
      let key = Tables.residentRequest.key(of: new)
      guard let old = try state.row(Tables.residentRequest, key) else {
        try state.insert(Tables.residentRequest, new)
        continue
      }
      if old != new { try state.replace(Tables.residentRequest, old, by: new) }
    }
  }

  private static func isUndoing(_ kind: KindNumber) -> Bool {
    kind == UnmergeFold.kind || kind == UnfreezeFold.kind
  }
}

/// `resident.merge`: two files of one person; their accounts stay apart, each with its points.
enum MergeFold: Fold {
  static let kind: KindNumber = 47

  static let schema = PayloadSchema([
    .required("keep", .reference([16])), .required("drop", .reference([16])),
    .required("evidence", .choice(["id_number", "phone_and_birth", "in_person"])),
    Requests.byTwo,
  ])

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    var subject: Requests.Subject?
    if let keep = entry.payload.reference(1), let drop = entry.payload.reference(2), keep != drop,
      try state.has(Tables.resident, id: drop.packed)
    {
      subject = Requests.Subject(resident: keep, other: drop)
    }
    try Requests.add(entry, subject, in: state)
  }
}

/// `resident.unmerge`: a merge was wrong; the files part again.
enum UnmergeFold: Fold {
  static let kind: KindNumber = 48

  static let schema = PayloadSchema([.required("merge", .reference([47])), Requests.byTwo])

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    let subject = try Requests.undone(by: entry, ofKind: MergeFold.kind, in: state)
    try Requests.add(entry, subject, in: state)
  }
}

/// `resident.erase`: a person's data is to be deleted everywhere; the points stay, under the id.
enum EraseFold: Fold {
  static let kind: KindNumber = 50

  static let schema = PayloadSchema([
    .required("resident", .reference([16])),
    .required("basis", .choice(["own_wish", "guardian_wish", "retention_ended", "unlawful"])),
    Requests.byTwo,
  ])

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    let subject = entry.payload.reference(1).map { Requests.Subject(resident: $0) }
    try Requests.add(entry, subject, in: state)
  }
}

/// `account.freeze`: nothing is to be redeemed from an account up to a day.
enum FreezeFold: Fold {
  static let kind: KindNumber = 57

  static let schema = PayloadSchema([
    .required("account", .reference([16])), .required("until", .date),
    .required("reason", .choice(["fraud", "dispute", "card_lost", "other"])), Requests.byTwo,
  ])

  /// The reason of a freeze that is a sanction.
  private static let fraud: Int64 = 0

  /// Whether an op asks for a freeze because of a fraud.
  static func isForFraud(_ op: Op) -> Bool {
    guard op.kind == kind, let payload = schema.payload(of: op) else {
      return false
    }
    return payload.integer(3) == fraud
  }

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    let subject = entry.payload.reference(1).map {
      Requests.Subject(resident: $0, value: entry.payload.integer(2))
    }
    try Requests.add(entry, subject, in: state)
  }

  static func refusal<S: FoldState>(
    of entry: Entry, in state: S
  ) throws(S.Failure) -> Refusal? {
    guard let until = entry.payload.integer(2).flatMap({ BusinessDate(day: $0) }),
      until < entry.op.occurredOn
    else { return nil }
    return .frozenUntilPast(day: until)
  }
}

/// `account.unfreeze`: a freeze ends early.
enum UnfreezeFold: Fold {
  static let kind: KindNumber = 58

  static let schema = PayloadSchema([
    .required("freeze", .reference([57])),
    .required("reason", .choice(["cleared", "appeal_upheld", "mistake"])),
  ])

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    let subject = try Requests.undone(by: entry, ofKind: FreezeFold.kind, in: state)
    try Requests.add(entry, subject, in: state)
  }
}

extension Requests {
  /// The request that another one, in its first field, asks to undo; nil when it is of another kind.
  fileprivate static func undone<S: FoldState>(
    by entry: Entry, ofKind kind: KindNumber, in state: S
  ) throws(S.Failure) -> Subject? {
    guard let target = entry.payload.reference(1),
      let row = try state.row(Tables.request, id: target.packed),
      row[1] == .integer(Int64(kind)), let resident = row[3].id
    else { return nil }
    return Subject(resident: resident, other: target)
  }
}
