import OpLog

/// `award.approve`: a second person has looked at awards; they count.
///
/// It answers an approval that the rules ask for, a recorder whose right had ended, and an activity
/// that was cancelled: then `points` is what is given to those who came in vain.
enum ApproveFold: Fold {
  static let schema = PayloadSchema([
    .required("awards", .references([19], 1...AwardDecision.awardsMax)),
    .optional("points", .integer(0...1_000)),
  ])

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    try AwardDecision.fold(entry, in: state)
  }

  static func refusal<S: FoldState>(
    of entry: Entry, in state: S
  ) throws(S.Failure) -> Refusal? { try AwardDecision.refusal(of: entry, in: state) }
}

/// `award.reject`: a second person has looked at awards that wait; they do not count.
enum RejectFold: Fold {
  static let schema = PayloadSchema([
    .required("awards", .references([19], 1...AwardDecision.awardsMax)),
    .required("reason", .choice(["not_attended", "wrong_person", "not_served", "staff_error"])),
  ])

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    try AwardDecision.fold(entry, in: state)
  }

  static func refusal<S: FoldState>(
    of entry: Entry, in state: S
  ) throws(S.Failure) -> Refusal? { try AwardDecision.refusal(of: entry, in: state) }
}

/// An approval or a rejection, as it bears on one record of an award.
///
/// Of an approval and a rejection the first to reach the hub decides; the other is on the desk.
struct AwardDecision {
  /// As many as one op may name.
  static let awardsMax = EnvelopeLimits.referencesMax

  let id: OpID
  let isApproval: Bool
  /// What an approval gives instead of the claim; nil for the claim.
  let points: Int64?
  let place: Place

  /// Whether it says nothing else than an earlier decision, whose points it takes if it has none.
  func agrees(with earlier: AwardDecision) -> Bool {
    isApproval == earlier.isApproval && (points == nil || points == earlier.points)
  }

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    var dropped: Set<OpID> = []
    // Which 32 are listed must not depend on whether an appointment turns out to have ended.
    if try Steps.lack(of: entry, in: state) == nil {
      for award in entry.payload.references(1) {
        guard let row = try round(of: award, in: state),
          try problem(entry.op, of: award, in: row, state) == nil
        else { continue }
        let listed = OpList.decode(row[14].text)
        if let id = Steps.adding(entry.op.id, to: listed).dropped { dropped.insert(id) }
        try AwardFold.settle(
          Tables.award.key(of: row), row, decision: entry.op.id, in: state)
      }
    }
    try settle(entry, in: state)
    for id in dropped.sorted() where id != entry.op.id {
      let kind = try state.op(id).kind
      if let other = try Entry.again(id, kind, in: state) { try settle(other, in: state) }
    }
  }

  /// Says what became of a decision: it counts where one of its awards lists it.
  private static func settle<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    let op = entry.op
    var reasons: [DeskReason] = []
    var isListed = false
    var hasRoom = true
    for award in entry.payload.references(1) {
      guard let row = try round(of: award, in: state) else {
        reasons.append(.wrongReference)
        continue
      }
      if let own = try problem(op, of: award, in: row, state) {
        reasons.append(own)
      } else if OpList.decode(row[14].text).contains(op.id) {
        isListed = true
      } else {
        hasRoom = false
      }
    }
    if let problem = try Standing.problem(entry, in: state) {
      (reasons, isListed, hasRoom) = ([problem], false, true)
    }
    reasons = reasons.enumerated().filter { !reasons[..<$0].contains($1) }.map(\.element)
    let outcome: Outcome =
      if isListed {
        .posted
      } else if !hasRoom {
        .duplicate
      } else {
        reasons == [.wrongReference] ? .void : .pending
      }
    try state.settle(op.id, Verdict(outcome, reasons), isFirst: entry.isFirst)
  }

  /// The round of a grant; nil for another op, and for a grant that has none.
  private static func round<S: FoldState>(
    of award: OpID, in state: S
  ) throws(S.Failure) -> [Cell]? {
    guard let grant = Grant(try state.op(award)),
      let round = try AwardFold.round(of: grant, in: state)
    else { return nil }
    return try state.row(Tables.award, grant.key(round: round))
  }

  /// Why a decision has no effect on an award, whenever it comes.
  private static func problem<S: FoldState>(
    _ op: Op, of award: OpID, in row: [Cell], _ state: S
  ) throws(S.Failure) -> DeskReason? {
    let organiser = try row[0].integer.flatMap { (id) throws(S.Failure) in
      try state.row(Tables.activity, id: id)?[1].integer
    }
    let community = try Standing.community(of: award.replica, in: state)
    return try problem(
      op, ofAwardBy: try state.op(award).actor, community, organiser: organiser, in: state)
  }

  /// An office does not decide what is decided.
  static func refusal<S: FoldState>(
    of entry: Entry, in state: S
  ) throws(S.Failure) -> Refusal? {
    for award in entry.payload.references(1) {
      guard let row = try round(of: award, in: state) else { continue }
      if let own = try problem(entry.op, of: award, in: row, state) {
        return .wouldNotCount(.pending, [own])
      }
      let isListed = OpList.decode(row[14].text).contains(entry.op.id)
      if !isListed || OpList.decode(row[15].text).contains(entry.op.id) {
        return .wouldNotCount(.posted, [.stepTooLate])
      }
    }
    return nil
  }

  /// Applies the decisions of a round to each of its records, without those of a person whose
  /// appointment turned out to have ended.
  static func apply<S: FoldState>(to row: inout AwardRow, in state: S) throws(S.Failure) {
    var ops: [(op: Op, payload: Payload, place: Place)] = []
    for id in row.decisions {
      let op = try state.op(id)
      guard let kind = Catalogue.kind(op.kind),
        let payload = kind.schema.payload(of: op),
        try Standing.problem(op, kind, in: state) == nil
      else { continue }
      ops.append((op, payload, try state.place(of: id)))
    }
    ops.sort { $0.place < $1.place }
    let organiser = try state.row(Tables.activity, id: row.key[0])?[1].integer
    for index in row.records.indices {
      let record = row.records[index]
      var decisions: [AwardDecision] = []
      for (op, payload, place) in ops where payload.references(1).contains(record.id) {
        guard
          try problem(
            op, ofAwardBy: record.actor, record.community, organiser: organiser, in: state) == nil
        else { continue }
        let isApproval = op.kind == 30
        decisions.append(
          AwardDecision(
            id: op.id, isApproval: isApproval, points: isApproval ? payload.integer(2) : nil,
            place: place))
      }
      let cancelledAt = try record.cancelledBy.map { (id) throws(S.Failure) in
        try state.place(of: id)
      }
      let lost = row.records[index].decide(by: decisions, cancelledAt: cancelledAt)
      for id in lost { row.lost += [id, record.id] }
    }
  }

  /// Why a decision has no effect on an award, whenever it comes.
  private static func problem<S: FoldState>(
    _ op: Op, ofAwardBy recorder: OpID?, _ community: Int64?, organiser: Int64?, in state: S
  ) throws(S.Failure) -> DeskReason? {
    guard !op.id.replica.isHub else { return nil }
    if try Standing.isSamePerson(op.actor, recorder, in: state) { return .approvedByRecorder }
    let isOwn = try Standing.mayDecide(
      op, onAwardOf: community, organiser: organiser, in: state)
    return isOwn ? nil : .notOrganiser
  }
}

extension Record {
  /// Lets the first decision decide, and after a cancellation the first that follows it.
  ///
  /// - Parameters:
  ///   - decisions: Those that name this record and may decide, in canonical order.
  ///   - cancelledAt: The place of the activity's cancellation, or nil.
  /// - Returns: The decisions that came to nothing.
  mutating func decide(by decisions: [AwardDecision], cancelledAt: Place?) -> [OpID] {
    limits.isApproved = decisions.contains(where: \.isApproval)
    if limits.isApproved { isBackdated = false }
    var deciding: AwardDecision?
    if hold != nil, let first = decisions.first {
      deciding = first
      isRejected = !first.isApproval
      if first.isApproval { hold = nil }
    }
    if let cancelledAt, !isRejected, let first = decisions.first(where: { cancelledAt < $0.place })
    {
      deciding = first
      isRejected = !first.isApproval
      if first.isApproval { cancelledBy = nil }
    }
    guard let deciding else {
      return decisions.filter { !$0.isApproval || $0.points != nil }.map(\.id)
    }
    if let given = deciding.points {
      points = min(given, most ?? given)
      limits.isTier = false
    }
    return decisions.filter { deciding.place < $0.place && !$0.agrees(with: deciding) }.map(\.id)
  }
}
