import OpLog

/// `offer.publish`: what a merchant gives to residents, for points or free.
enum OfferFold: Fold {
  static let schema = PayloadSchema([
    .required("title", .text(1...120)), .required("points", .integer(0...10_000)),
    .required("valid_to", .date), .optional("per_person", .integer(1...999)),
    .optional("min_earned", .integer(0...1_000_000)),
  ])

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    let payload = entry.payload
    let community = try Standing.community(of: entry.op.id.replica, in: state)
    let row: [Cell] = [
      .id(entry.op.id), .integer(community ?? 0), .text(payload.text(1) ?? ""),
      .integer(payload.integer(2) ?? 0), payload.integer(4).map(Cell.integer) ?? .null,
      .integer(payload.integer(5) ?? 0), .integer(payload.integer(3) ?? 0),
    ]
    try Reference.settle(entry, Tables.offer, row, in: state)
  }
}

/// `offer.use`: a resident used an offer some times.
///
/// What happened counts, also over the limit; then it is on the desk, until it is taken back
/// (``OfferVoidFold``).
enum OfferUseFold: Fold {
  static let schema = PayloadSchema([
    .required("offer", .reference([38])), .required("resident", .reference([16])),
    .required("times", .integer(1...99)),
    .optional("basis", Payer.basis),
  ])

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    try settle(entry, adding: nil, in: state)
  }

  /// Settles a use, with one more op that takes it back.
  static func settle<S: FoldState>(
    _ entry: Entry, adding void: Entry?, in state: S
  ) throws(S.Failure) {
    let op = entry.op
    guard let id = entry.payload.reference(1), let resident = entry.payload.reference(2),
      let offer = try state.row(Tables.offer, id: id.packed),
      try state.has(Tables.resident, id: resident.packed),
      let custody = try Custody.of(resident, in: state)
    else {
      return try state.settle(op.id, Verdict(.void, [.wrongReference]), isFirst: entry.isFirst)
    }
    let office = Int64(op.id.replica.rawValue)
    let isPending = try Standing.isInFuture(op, in: state)
    let times = entry.payload.integer(3) ?? 0
    let points = times * (offer[3].integer ?? 0)
    let isCovered = try StandInCoverFold.covers(entry, in: state)
    let isFirm = Payer.isFirm(entry.payload.integer(4), op.id, custody)
    let uncovered = isFirm || isCovered ? 0 : points
    var row: [Cell] = [
      .id(id), .id(resident), .id(op.id), .text(isPending ? "pending" : "posted"),
      .integer(office), .integer(times), .integer(points), .integer(uncovered),
      .integer(0), .integer(Int64(op.occurredOn.day)),
      .integer(YearBucket(op.occurredOn).number),
    ]
    // What names it is folded after it.
    var isVoid = false
    if !entry.isFirst { isVoid = try OfferVoidFold.settle(of: entry, row, adding: void, in: state) }
    if isVoid { row[3] = .text("void") }
    try Facts.put(row, in: Tables.offerUse, isFirst: entry.isFirst, state)
    let files = try PersonFiles.of(resident, in: state)
    try limit(id, files, to: offer[4].integer, in: state)
    if isVoid { return try state.settle(op.id, Verdict(.void), isFirst: false) }
    var reasons = try Standing.dateReasons(op, in: state)
    if let problem = try Standing.problem(entry, in: state) { reasons.append(problem) }
    if Int64(op.occurredOn.day) > offer[6].integer ?? .max { reasons.append(.offerExpired) }
    if uncovered > 0 { reasons.append(.standIn) }
    if isFirm, points > 0, let problem = try Payer.problem(ofFirm: op.id, custody, in: state) {
      reasons.append(problem)
    }
    try state.settle(
      op.id, Verdict(isPending ? .pending : .posted, reasons), isFirst: entry.isFirst)
  }

  /// The row of a use; nil for one without effect.
  static func row<S: FoldState>(of use: Entry, in state: S) throws(S.Failure) -> [Cell]? {
    guard let offer = use.payload.reference(1), let resident = use.payload.reference(2) else {
      return nil
    }
    return try state.row(Tables.offerUse, [offer, resident, use.op.id].map(\.packed))
  }

  static func refusal<S: FoldState>(
    of entry: Entry, in state: S
  ) throws(S.Failure) -> Refusal? {
    guard let id = entry.payload.reference(1), let resident = entry.payload.reference(2),
      let offer = try state.row(Tables.offer, id: id.packed),
      let row = try row(of: entry, in: state)
    else { return nil }
    if row[8] == .integer(1) { return .offerLimit(limit: offer[4].integer ?? 0) }
    let account = try state.row(Tables.account, id: resident.packed)
    let least = offer[5].integer ?? 0
    if account?[2].integer ?? 0 < least { return .earnedTooLittle(least: least) }
    let points = row[6].integer ?? 0
    let cap = try BalanceCap.refusal(of: entry.op, taking: points, from: resident, in: state)
    if let cap { return cap }
    if row[7].integer ?? 0 > 0 {
      // At its home nothing is given on trust: the points are there, or they are not.
      if try Payer.home(of: resident, in: state) == row[4].integer,
        let shortage = try HomeRights.shortage(of: resident, for: points, by: entry.op, in: state)
      {
        return shortage
      }
      return try RedemptionFold.standIn(
        entry, points: points, account: account, office: row[4].integer ?? 0, in: state)
    }
    return try HomeRights.shortage(of: resident, for: points, by: entry.op, in: state)
  }

  /// Judges all uses by a person anew; a scan.
  static func limit<S: FoldState>(allOf files: [Int64], in state: S) throws(S.Failure) {
    var offers: Set<OpID> = []
    for file in files {
      offers.formUnion(try state.scan(Tables.offerUse, where: 1, is: file).compactMap(\.[0].id))
    }
    for offer in offers.sorted() {
      let row = try state.row(Tables.offer, id: offer.packed)
      try limit(offer, files, to: row?[4].integer, in: state)
    }
  }

  /// Says which uses by a person, in all files of that person, are over the limit: the later ids, because
  /// no order decides it.
  private static func limit<S: FoldState>(
    _ offer: OpID, _ files: [Int64], to limit: Int64?, in state: S
  ) throws(S.Failure) {
    guard let limit else { return }
    var used: Int64 = 0
    let uses = try PersonFiles.rows(
      Tables.offerUse, under: files.map { [offer.packed, $0] }, op: 2, in: state)
    for row in uses {
      if row[3] == .text("posted") { used += row[5].integer ?? 0 }
      var settled = row
      settled[8] = .integer(row[3] == .text("posted") && used > limit ? 1 : 0)
      if settled != row { try state.replace(Tables.offerUse, row, by: settled) }
    }
  }

  /// What a use takes from the account, and what it adds to the office's uncovered sum.
  ///
  /// What was taken back posts so too: ``OfferVoidFold`` posts what comes back beside it.
  static let postings: @Sendable ([Cell]) -> [Posting] = { row in
    guard row[3] != .text("pending"), let resident = row[1].integer, let office = row[4].integer,
      let points = row[6].integer, points > 0, let uncovered = row[7].integer
    else { return [] }
    var postings = [Posting(.account, resident, amounts: [-points, 0, points, uncovered])]
    if uncovered != 0 { postings.append(Posting(.office, office, amounts: [uncovered])) }
    return postings
      + YearBucket.posting(
        resident, spent: row[10].integer, earned: nil, points: -points, credit: 0)
  }

  /// A use over the limit.
  static let standingDesk: @Sendable ([Cell]) -> [DeskEntry] = { row in
    guard row[8] == .integer(1), let use = row[2].integer else { return [] }
    return [DeskEntry(.offerLimit, subject: use)]
  }
}
