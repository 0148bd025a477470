import OpLog

/// `award.grant`: points for one person's part in one session of an activity.
///
/// Unique by (activity, resident, session, role). Of several records the organiser's counts, else
/// the lowest (replica, seq). A reversal ends a round: a later grant of the key names the reversal
/// and opens the next round, so each row of the table is one round of one key.
enum AwardFold: Fold {
  static let schema = PayloadSchema([
    .required("activity", .reference([18])), .required("resident", .reference([16])),
    .required("points", .integer(0...1_000)), .optional("session", .integer(1...99)),
    .optional("role", .choice(["volunteer", "leader", "teacher"])),
    .optional("minutes", .integer(0...1_440)), .optional("after", .reference([20])),
  ])

  /// Rounds of one key: a person's award reversed 15 times wants a talk, not a sixteenth grant.
  static let roundsMax: Int64 = 16

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    let op = entry.op
    let grant = Grant(op.id, entry.payload)
    guard let grant, let assessed = try assess(entry, grant, in: state) else {
      return try state.settle(op.id, Verdict(.void, [.wrongReference]), isFirst: entry.isFirst)
    }
    guard let round = try round(of: grant, in: state) else {
      return try state.settle(op.id, Verdict(.void, [.wrongReference]), isFirst: entry.isFirst)
    }
    guard round < roundsMax else {
      return try state.settle(op.id, Verdict(.void, [.tooManyRounds]), isFirst: entry.isFirst)
    }
    let key = grant.key(round: round)
    let row = AwardRow(key: key, records: [assessed], reversals: [])
    guard let old = try state.insertIfAbsent(Tables.award, row.cells) else {
      return try state.settle(op.id, row.verdict(of: assessed), isFirst: entry.isFirst)
    }
    try settle(key, old, adding: entry.isFirst ? op.id : nil, reversal: nil, in: state)
  }

  static func refusal<S: FoldState>(
    of entry: Entry, in state: S
  ) throws(S.Failure) -> Refusal? {
    guard let grant = Grant(entry.op),
      let published = try state.row(Tables.activity, id: grant.activity.packed)?[4].integer,
      grant.points > published
    else { return nil }
    return .claimAbovePublished(points: published)
  }

  /// Folds one round again from all its records and reversals.
  static func settle<S: FoldState>(
    _ key: [Int64], _ old: [Cell], adding grant: OpID?, reversal: OpID?, in state: S
  ) throws(S.Failure) {
    var records: [Record] = []
    let counted = old[6].id.map { [$0] } ?? []
    for id in counted + OpList.decode(old[8].text) + (grant.map { [$0] } ?? []) {
      guard let record = try assess(id, in: state) else { continue }
      records.append(record)
    }
    let reversals = OpList.decode(old[9].text) + (reversal.map { [$0] } ?? [])
    let row = AwardRow(key: key, records: records, reversals: reversals)
    if row.cells != old { try state.replace(Tables.award, old, by: row.cells) }
    for record in records {
      try state.settle(record.id, row.verdict(of: record), isFirst: record.id == grant)
    }
    for id in row.reversals {
      let outcome: Outcome = id == row.reversals.first ? .posted : .duplicate
      try state.settle(id, Verdict(outcome), isFirst: id == reversal)
    }
  }

  /// What a round adds to the resident's account.
  static let postings: @Sendable ([Cell]) -> [Posting] = { row in
    guard row[5] == .text("posted"), let resident = row[1].integer, let points = row[7].integer
    else { return [] }
    let account = Posting(.account, resident, amounts: [points, points, 0, 0])
    guard let bucket = row[10].integer, bucket != 0 else { return [account] }
    return [account, Posting(.yearSheet, resident, bucket, amounts: [points, 0])]
  }

  /// 0 for a first grant, one more than the round that the named reversal ended for a later one.
  ///
  /// A reversal without effect ended none, so the grant is one more record of the same round.
  ///
  /// - Returns: nil when that reversal is of another key; ``roundsMax`` when the chain passes it.
  static func round<S: FoldState>(of grant: Grant, in state: S) throws(S.Failure) -> Int64? {
    var round: Int64 = 0
    var links = 0
    var current = grant
    while let after = current.after {
      let reversal = try state.op(after)
      guard links < roundsMax else { return roundsMax }
      guard let named = ReverseFold.award(of: reversal) else { return nil }
      let original = try state.op(named)
      guard let earlier = Grant(original),
        earlier.key(round: 0) == grant.key(round: 0)
      else { return nil }
      if try ReverseFold.problem(reversal, of: original, in: state) == nil { round += 1 }
      current = earlier
      links += 1
    }
    return round
  }

  private static func assess<S: FoldState>(_ id: OpID, in state: S) throws(S.Failure) -> Record? {
    let op = try state.op(id)
    guard let kind = Catalogue.kind(op.kind),
      case .payload(let payload)? = try? kind.schema.decode(op), let grant = Grant(op.id, payload)
    else { return nil }
    let entry = Entry(op: op, payload: payload, kind: kind, isFirst: false)
    return try assess(entry, grant, in: state)
  }

  /// What one record is worth on its own; nil when it names no activity or no resident.
  private static func assess<S: FoldState>(
    _ entry: Entry, _ grant: Grant, in state: S
  ) throws(S.Failure) -> Record? {
    guard let activity = try state.row(Tables.activity, id: grant.activity.packed),
      try state.has(Tables.resident, id: grant.resident.packed)
    else { return nil }
    let community = try Standing.community(of: entry.op.id.replica, in: state)
    let published = activity[4].integer ?? 0
    var record = Record(
      id: entry.op.id, isOrganiser: community == activity[1].integer,
      points: min(grant.points, published), problem: nil,
      isAbovePublished: grant.points > published)
    record.problem = try Standing.problem(entry, in: state)
    if record.problem == nil, try Standing.isInFuture(entry.op, in: state) {
      record.problem = .futureDate
    }
    if record.problem == nil {
      let policy = try entry.op.policy.flatMap { (id) throws(S.Failure) in
        try state.row(Tables.policy, id: id.packed)
      }
      if policy?[1].integer != community {
        record.problem = .wrongReference
      } else {
        let rules = policy.map(Policy.init(row:))
        if rules?.awardPosting != .onTheSpot { record.problem = .awaitingApproval }
        if let rules, rules.expiry != .never {
          record.bucket = YearBucket(entry.op.occurredOn).number
        }
      }
    }
    return record
  }
}

/// The payload of an `award.grant`.
struct Grant {
  let activity: OpID
  let resident: OpID
  let points: Int64
  let session: Int64
  let role: Int64
  let after: OpID?

  init?(_ id: OpID, _ payload: Payload) {
    guard let activity = payload.reference(1), let resident = payload.reference(2) else {
      return nil
    }
    self.activity = activity
    self.resident = resident
    points = payload.integer(3) ?? 0
    session = payload.integer(4) ?? 1
    role = payload.integer(5) ?? 0
    after = payload.reference(7)
  }

  /// The natural key and a round, in table order.
  func key(round: Int64) -> [Int64] {
    [activity.packed, resident.packed, session, role, round]
  }

  /// Reads a grant from the log; nil for an op of another kind.
  init?(_ op: Op) {
    guard op.kind == 19, case .payload(let payload)? = try? AwardFold.schema.decode(op) else {
      return nil
    }
    self.init(op.id, payload)
  }
}

/// One record of an award, judged on its own.
struct Record {
  let id: OpID
  let isOrganiser: Bool
  let points: Int64
  var problem: DeskReason?
  let isAbovePublished: Bool
  /// The stretch of the year with which its points end; 0 for never.
  var bucket: Int64 = 0
}

/// One round of one natural key: a pure function of its records and reversals.
struct AwardRow {
  let key: [Int64]
  let records: [Record]
  let reversals: [OpID]
  let counted: Record?

  init(key: [Int64], records: [Record], reversals: [OpID]) {
    self.key = key
    self.records = records
    self.reversals = reversals.sorted()
    counted = records.lazy.filter { $0.problem == nil }
      .min { ($0.isOrganiser ? 0 : 1, $0.id) < ($1.isOrganiser ? 0 : 1, $1.id) }
  }

  private var state: String {
    if !reversals.isEmpty { return "reversed" }
    return counted == nil ? "pending" : "posted"
  }

  var cells: [Cell] {
    let others = records.lazy.map(\.id).filter { $0 != counted?.id }.sorted()
    return [
      .integer(key[0]), .integer(key[1]), .integer(key[2]), .integer(key[3]), .integer(key[4]),
      .text(state), .id(counted?.id), .integer(counted?.points ?? 0), .list(others),
      .list(reversals), .integer(counted?.bucket ?? 0),
    ]
  }

  func verdict(of record: Record) -> Verdict {
    if record.problem == nil, record.id != counted?.id {
      return Verdict(.duplicate, [.doubleAward])
    }
    if !reversals.isEmpty { return Verdict(.void) }
    if let problem = record.problem { return Verdict(.pending, [problem]) }
    return record.isAbovePublished ? Verdict(.posted, [.claimAbovePublished]) : .plain
  }
}
