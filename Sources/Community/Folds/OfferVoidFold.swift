import OpLog

/// `offer.void`: the use of an offer is taken back, once; it no longer counts for the limit, and its
/// points come back.
///
/// By an approver of the community whose office recorded the use, another person than the one who did.
/// Of several the one with the lowest id counts.
enum OfferVoidFold: Fold {
  static let schema = PayloadSchema([
    .required("use", .reference([39])),
    .required("reason", .choice(["not_used", "wrong_person", "wrong_offer", "test"])),
  ])

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    guard let id = entry.payload.reference(1), let use = try Entry.again(id, 39, in: state),
      try OfferUseFold.row(of: use, in: state) != nil
    else {
      return try state.settle(
        entry.op.id, Verdict(.void, [.wrongReference]), isFirst: entry.isFirst)
    }
    if let lack = try Steps.lack(of: entry, in: state) {
      return try state.settle(entry.op.id, Verdict(.pending, [lack]), isFirst: entry.isFirst)
    }
    try OfferUseFold.settle(use, adding: entry.isFirst ? entry : nil, in: state)
  }

  /// Settles what was said to take a use back.
  ///
  /// - Parameters:
  ///   - use: The use.
  ///   - row: Its row as if nobody took it back.
  ///   - new: One that is folded for the first time.
  ///   - state: The tables.
  /// - Returns: Whether one of them counts.
  /// - Throws: What the state throws.
  static func settle<S: FoldState>(
    of use: Entry, _ row: [Cell], adding new: Entry?, in state: S
  ) throws(S.Failure) -> Bool {
    var voids: [Entry] = []
    for old in try state.rows(Tables.offerVoid, under: [use.op.id.packed]) {
      guard let id = old[1].id, let void = try Entry.again(id, kind, in: state) else { continue }
      voids.append(void)
    }
    if let new {
      let (kept, dropped) = Steps.adding(new.op.id, to: voids.map(\.op.id))
      voids = (voids + [new]).filter { kept.contains($0.op.id) }
      if let dropped {
        try state.settle(dropped, Verdict(.duplicate), isFirst: dropped == new.op.id)
        if dropped != new.op.id {
          try Facts.set(nil, [use.op.id, dropped].map(\.packed), in: Tables.offerVoid, state)
        }
      }
    }
    var isCounted = false
    for void in voids.sorted(by: { $0.op.id < $1.op.id }) {
      var verdict = try verdict(of: void, on: use, isPending: row[3] == .text("pending"), in: state)
      if verdict == .plain, isCounted { verdict = Verdict(.duplicate) }
      if verdict == .plain { isCounted = true }
      try put(void, verdict, on: use, row, in: state)
      try state.settle(void.op.id, verdict, isFirst: void.op.id == new?.op.id)
    }
    return isCounted
  }

  private static let kind: KindNumber = 79

  private static func verdict<S: FoldState>(
    of void: Entry, on use: Entry, isPending: Bool, in state: S
  ) throws(S.Failure) -> Verdict {
    if isPending { return Verdict(.pending) }
    if let problem = try Steps.problem(void, in: state) { return Verdict(.pending, [problem]) }
    let community = try Standing.community(of: use.op.id.replica, in: state)
    guard try Standing.isOf(community, void.op, in: state) else {
      return Verdict(.pending, [.actorNotEntitled])
    }
    let isOwn = try Standing.isSamePerson(use.op.actor, void.op.actor, in: state)
    return isOwn ? Verdict(.pending, [.ownRecord]) : .plain
  }

  private static func put<S: FoldState>(
    _ void: Entry, _ verdict: Verdict, on use: Entry, _ row: [Cell], in state: S
  ) throws(S.Failure) {
    let isParted = YearBucket(void.op.occurredOn).isAfterDeadline(of: YearBucket(use.op.occurredOn))
    var policy = try Standing.policy(of: void.op, in: state)
    if policy == nil { policy = try Standing.policy(of: use.op, in: state) }
    let new: [Cell] = [
      .id(use.op.id), .id(void.op.id), .text(verdict.outcome.rawValue), row[1], row[4], row[6],
      row[7], .integer(Int64(void.op.occurredOn.day)), isParted ? .integer(0) : row[10],
      .integer(YearBucket.end(of: void.op.occurredOn, policy)), row[0],
    ]
    try Facts.set(new, [use.op.id, void.op.id].map(\.packed), in: Tables.offerVoid, state)
  }

  /// What comes back to the account, and off the office's uncovered sum.
  static let postings: @Sendable ([Cell]) -> [Posting] = { row in
    guard row[2] == .text("posted"), let resident = row[3].integer, let office = row[4].integer,
      let points = row[5].integer, points > 0, let uncovered = row[6].integer
    else { return [] }
    var postings = [Posting(.account, resident, amounts: [points, 0, -points, -uncovered])]
    if uncovered != 0 { postings.append(Posting(.office, office, amounts: [-uncovered])) }
    return postings
      + YearBucket.posting(
        resident, spent: row[8].integer, earned: row[9].integer, points: points, credit: 0)
  }
}
