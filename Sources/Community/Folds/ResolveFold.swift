import OpLog

/// How an entry of the desk ended.
package enum Resolution: Int64, Sendable, CaseIterable {
  /// Somebody looked at it; nothing is to be done.
  case noted
  /// What was wrong was put right by another record.
  case corrected
  /// It stands as it is.
  case accepted
  /// It stays without effect.
  case rejected
  /// The community bears the loss.
  case borneByCommunity
  /// The decision that it names was wrong: the entry is on the desk again.
  case reopened

  /// The names in JSON and on the command line, in the order of the cases.
  package static let names = [
    "noted", "corrected", "accepted", "rejected", "borne_by_community", "reopened",
  ]

  /// The name in JSON and on the command line.
  package var name: String { Self.names[Int(rawValue)] }

  /// Whether it keeps an entry about an op off the desk: that the community bears a loss does so only
  /// while a cover of the loss counts.
  package func endsEntry<S: FoldState>(
    about subject: Int64, in state: S
  ) throws(S.Failure) -> Bool {
    switch self {
    case .reopened: false
    case .borneByCommunity: try state.row(Tables.cover, [subject])?[2].integer != nil
    default: true
    }
  }
}

extension DeskReason {
  /// How an entry may end by a person's word; empty for those that end by themselves when what they
  /// say is no longer so.
  ///
  /// What waits for a decision is among these: taken off the desk it would wait for ever.
  package var resolutions: [Resolution] {
    switch self {
    case .unknownKind, .waitingForOp, .awaitingApproval, .standIn, .fork, .overdrawn,
      .stockNegative, .coinsMissing, .coinsUnissued, .coverProposed, .awaitingHub,
      .activityCancelled, .overlap, .twoHouseholds, .shortReceipt, .officeRevoked,
      .awaitingOtherOffice:
      []
    case .actorMissing, .actorNotEntitled, .futureDate: [.corrected, .rejected]
    case .debitWithoutStanding: [.corrected, .accepted, .borneByCommunity]
    case .doubleAward, .standInAtHome: [.noted, .accepted]
    default: [.noted, .corrected, .accepted]
    }
  }

  /// Whether it tells what a hub did on its administrator's word alone: then an approver of an office
  /// looks at it, and no hub takes its own warning off the desk.
  package var isAboutHub: Bool {
    switch self {
    case .appointedInRollCall, .otherBranch, .secondDecision: true
    default: false
    }
  }
}

/// `desk.resolve`: an approver takes an entry off the desk.
///
/// Another person than the one who recorded the op, of the same community; or the hub, whose own ops'
/// entries nobody else may take off, but for those that warn of the hub itself
/// (``DeskReason/isAboutHub``): there any office's approver does whom the op does not name. Who moved to
/// another community is that one's business, and so is a household: what such a word names in `after` is
/// the give that says so. That the community bears a loss takes the entry off only while a
/// `points.cover` of that loss counts: words alone give nobody points back. `line` or `record` tells
/// entries about the lines of a sale, its items, its coins, or the awards that an op names, from each other. A later one that
/// names it takes it back and says what holds instead.
enum ResolveFold: Fold {
  /// The largest number that tells entries from each other: that of a coin of 3
  /// (``CoinSerials/standingDesk``); lines of a sale are fewer.
  private static let lastDetail: Int64 = 3_999_999

  static let schema = PayloadSchema([
    .required("subject", .reference([])), .required("reason", .text(1...40)),
    .required("outcome", .choice(Resolution.names)), .optional("undoes", .reference([65])),
    .optional("line", .integer(1...lastDetail)), .optional("record", .reference([19, 21])),
    .optional("after", .reference([CustodyFold.kind])),
  ])

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    let op = entry.op
    // Such words were taken once: they take nothing off the desk any more, and put nothing on it.
    if let reason = entry.payload.text(2).flatMap(DeskReason.init), reason.resolutions.isEmpty {
      return try state.settle(op.id, Verdict(.void), isFirst: entry.isFirst)
    }
    guard let row = try row(entry, in: state), let subject = row[0].id else {
      return try state.settle(op.id, Verdict(.void, [.wrongReference]), isFirst: entry.isFirst)
    }
    let problem = try problem(entry, about: subject, in: state)
    let old = try state.row(Tables.resolution, Tables.resolution.key(of: row))
    switch (old, problem) {
    case (nil, nil): try state.insert(Tables.resolution, row)
    case (let old?, _?): try state.remove(Tables.resolution, old)
    default: break
    }
    try settle(subject, in: state)
    let verdict = problem.map { Verdict(.pending, [$0]) } ?? .plain
    try state.settle(op.id, verdict, isFirst: entry.isFirst)
  }

  /// Nobody resolves what the desk doesn't show, or says that a loss is borne which nobody covered.
  static func refusal<S: FoldState>(
    of entry: Entry, in state: S
  ) throws(S.Failure) -> Refusal? {
    guard let row = try row(entry, in: state), let subject = row[0].integer, let id = row[0].id,
      let detail = row[2].integer, let reason = DeskReason(rawValue: row[3].text)
    else { return nil }
    // Where the person lives now is known at the desk.
    if let stay = try Residence.present(of: id, in: state),
      try !Standing.isOf(stay.community, entry.op, in: state)
    {
      return .wouldNotCount(.pending, [.actorNotEntitled])
    }
    let outcome = row[4].integer.flatMap(Resolution.init)
    if outcome == .borneByCommunity, try outcome?.endsEntry(about: subject, in: state) == false {
      return .coverNeeded(loss: id)
    }
    guard row[5] == .null else { return nil }
    var isResolved = false
    for other in try state.rows(Tables.resolution, under: [subject])
    where other[1] != row[1] && other[2] == row[2] && other[3] == row[3] && other[6] == .null {
      let earlier = other[4].integer.flatMap(Resolution.init)
      if try earlier?.endsEntry(about: subject, in: state) == true { isResolved = true }
    }
    // A late entry of a closed month follows from the log: no row and no verdict has it.
    if !isResolved, reason == .lateForClosedMonth { return nil }
    let isThere = try state.isOnDesk(DeskEntry(reason, subject: subject, detail: detail))
    return isThere && !isResolved ? nil : .notOnDesk
  }

  /// What a resolution says of which entry; nil where that makes no sense.
  private static func row<S: FoldState>(
    _ entry: Entry, in state: S
  ) throws(S.Failure) -> [Cell]? {
    let payload = entry.payload
    let undoes = payload.reference(4)
    guard let subject = payload.reference(1), let reason = payload.text(2),
      let outcome = payload.integer(3).flatMap(Resolution.init),
      isAllowed(outcome, of: reason, undoes: undoes), let detail = detail(payload)
    else { return nil }
    if let undoes {
      let old = try state.op(undoes)
      guard old.kind == 65, let earlier = schema.payload(of: old),
        earlier.reference(1) == subject, earlier.text(2) == reason,
        self.detail(earlier) == detail
      else { return nil }
    }
    return [
      .id(subject), .id(entry.op.id), .integer(detail), .text(reason),
      .integer(outcome.rawValue), .id(undoes), .null,
    ]
  }

  /// The detail of the entry that is meant; nil where it is told in two ways.
  private static func detail(_ payload: Payload) -> Int64? {
    switch (payload.integer(5), payload.reference(6)) {
    case (nil, nil): 0
    case (let line?, nil): line
    case (nil, let record?): record.packed
    default: nil
    }
  }

  /// Says of each resolution about a subject which other one took it back: the lowest that names it.
  private static func settle<S: FoldState>(
    _ subject: OpID, in state: S
  ) throws(S.Failure) {
    let rows = try state.rows(Tables.resolution, under: [subject.packed])
    var undone: [OpID: Cell] = [:]
    for row in rows.reversed() { row[5].id.map { undone[$0] = row[1] } }
    for row in rows {
      var settled = row
      settled[6] = row[1].id.flatMap { undone[$0] } ?? .null
      if settled != row { try state.replace(Tables.resolution, row, by: settled) }
    }
  }

  private static func isAllowed(_ outcome: Resolution, of reason: String, undoes: OpID?) -> Bool {
    guard let reason = DeskReason(rawValue: reason) else { return false }
    return outcome == .reopened ? undoes != nil : reason.resolutions.contains(outcome)
  }

  private static func problem<S: FoldState>(
    _ entry: Entry, about subject: OpID, in state: S
  ) throws(S.Failure) -> DeskReason? {
    if let problem = try Standing.problem(entry, in: state) { return problem }
    let isHub = entry.op.id.replica.isHub
    if let reason = entry.payload.text(2).flatMap(DeskReason.init), reason.isAboutHub {
      if isHub { return .actorNotEntitled }
      return try isNamed(entry.op.actor, by: subject, in: state) ? .ownRecord : nil
    }
    guard !isHub else { return nil }
    guard try isBusiness(of: entry, subject, in: state) else { return .actorNotEntitled }
    let recorder = try state.op(subject).actor
    return try Standing.isSamePerson(recorder, entry.op.actor, in: state) ? .ownRecord : nil
  }

  /// Whether a subject is the business of a resolution's community.
  ///
  /// It is that of the subject's writer; of a give, that to which it moves people; and of an account also
  /// that to which the give moved it that the resolution names. So no order of arrival decides it.
  private static func isBusiness<S: FoldState>(
    of entry: Entry, _ subject: OpID, in state: S
  ) throws(S.Failure) -> Bool {
    let own = try Standing.community(of: entry.op.id.replica, in: state)
    guard entry.payload.text(2) != DeskReason.movedHere.rawValue else {
      return try CustodyFold.move(by: subject, in: state)?.community == own
    }
    if try Standing.community(of: subject.replica, in: state) == own { return true }
    guard let move = try CustodyFold.move(by: entry.payload.reference(7), in: state) else {
      return false
    }
    return move.account == subject && move.community == own
  }

  /// Whether an op of a hub appoints somebody, or says that they signed.
  private static func isNamed<S: FoldState>(
    _ actor: OpID?, by subject: OpID, in state: S
  ) throws(S.Failure) -> Bool {
    for id in [subject] + (try state.op(subject).references)
    where try Standing.isSamePerson(id, actor, in: state) { return true }
    return false
  }
}
