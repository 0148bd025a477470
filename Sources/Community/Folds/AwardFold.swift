import OpLog

/// `award.grant`: points for one person's part in one session of an activity.
///
/// Unique by (activity, resident, session, role). Of several records the organiser's counts, else
/// the one with the lower value, else the lowest (replica, seq). A reversal ends a round: a later
/// grant of the key names the reversal and opens the next round, so each row of the table is one
/// round of one key.
enum AwardFold: Fold {
  static let schema = PayloadSchema([
    .required("activity", .reference([18])), .required("resident", .reference([16])),
    .required("points", .integer(0...1_000)), .optional("session", .integer(1...99)),
    .optional("role", .choice(roles)), .optional("minutes", .integer(0...1_440)),
    .optional("after", .reference([20])),
  ])

  /// As what a resident took part.
  static let roles = ["volunteer", "leader", "teacher"]

  /// Rounds of one key: a person's award reversed 15 times wants a talk, not a sixteenth grant.
  static let roundsMax: Int64 = 16

  /// Records that compete in one round, and reversals that are listed.
  static let recordsMax = Steps.countMax

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
    let row = AwardRow(key: key, records: [assessed])
    guard let old = try state.insertIfAbsent(Tables.award, row.cells) else {
      if let claim = row.claim { try state.insert(Tables.awardClaim, claim) }
      return try state.settle(op.id, row.verdict(of: assessed), isFirst: entry.isFirst)
    }
    let ids = ids(of: old)
    if entry.isFirst {
      try add(assessed, to: key, old, ids, in: state)
    } else if ids.contains(op.id) {
      try settle(key, old, in: state)
    }
  }

  /// Adds a record to a round, if it is one of the first ``recordsMax`` by rank; what has a later
  /// rank is a duplicate for ever, whatever becomes of the others.
  private static func add<S: FoldState>(
    _ new: Record, to key: [Int64], _ old: [Cell], _ ids: [OpID], in state: S
  ) throws(S.Failure) {
    guard ids.count >= recordsMax else {
      return try settle(key, old, adding: new.id, in: state)
    }
    let organiser = try state.row(Tables.activity, id: key[0])?[1].integer
    var last = new.rank
    for id in ids {
      let isOrganiser = try Standing.community(of: id.replica, in: state) == organiser
      last = max(last, Record.Rank(isOrganiser: isOrganiser, id: id))
    }
    let verdict = Verdict(.duplicate, [.doubleAward])
    try state.settle(last.id, verdict, isFirst: last.id == new.id)
    guard last.id != new.id else { return }
    try settle(key, old, adding: new.id, dropping: last.id, in: state)
  }

  static func refusal<S: FoldState>(
    of entry: Entry, in state: S
  ) throws(S.Failure) -> Refusal? {
    guard let grant = Grant(entry.op) else { return nil }
    if try MergedAwards.isSurplus(grant, in: state) {
      return .wouldNotCount(.duplicate, [.mergedAward])
    }
    guard let activity = try state.row(Tables.activity, id: grant.activity.packed),
      let most = activity[6].integer
    else { return nil }
    let policy = try Standing.policy(of: entry.op, in: state)
    guard AwardLimits.mode(activity, policy) == .fixed else {
      return grant.minutes == nil ? .minutesNeeded : nil
    }
    return grant.points > most ? .claimAbovePublished(points: most) : nil
  }

  /// Folds one round again from all its records, reversals, and decisions.
  static func settle<S: FoldState>(
    _ key: [Int64], _ old: [Cell], adding grant: OpID? = nil, dropping: OpID? = nil,
    decision: OpID? = nil, reversals: [OpID]? = nil, in state: S
  ) throws(S.Failure) {
    let decisions = Steps.adding(decision, to: OpList.decode(old[14].text)).kept
    var row = AwardRow(key: key, records: [])
    row.reversals = reversals ?? OpList.decode(old[9].text)
    row.decisions = decisions
    for id in ids(of: old) + (grant.map { [$0] } ?? []) where id != dropping {
      guard let record = try assess(id, in: state) else { continue }
      row.records.append(record)
    }
    if !decisions.isEmpty {
      row.records.sort { $0.id < $1.id }
      try AwardDecision.apply(to: &row, in: state)
    }
    if row.cells != old { try replace(old, by: row, in: state) }
    // Which decisions count, once an appointment ended, and when an activity is, only the claim says.
    try claim(for: row, instead: old, in: state)
    try AwardYear.note(old, row, in: state)
    for record in row.records {
      try state.settle(record.id, row.verdict(of: record), isFirst: record.id == grant)
    }
  }

  /// Ends a round: of its reversals the lowest op id counts, the others are duplicates.
  static func reverse<S: FoldState>(
    _ key: [Int64], _ old: [Cell], by reversal: OpID, _ verdict: Verdict, in state: S
  ) throws(S.Failure) {
    let earlier = OpList.decode(old[9].text)
    guard let first = earlier.first else {
      try settle(key, old, reversals: [reversal], in: state)
      return try state.settle(reversal, verdict, isFirst: true)
    }
    let reversals = Array((earlier + [reversal]).sorted().prefix(recordsMax))
    if reversal < first {
      try settle(key, old, reversals: reversals, in: state)
      try state.settle(first, Verdict(.duplicate), isFirst: false)
      return try state.settle(reversal, verdict, isFirst: true)
    }
    var row = old
    row[9] = .list(reversals)
    if row != old { try state.replace(Tables.award, old, by: row) }
    try state.settle(reversal, Verdict(.duplicate), isFirst: true)
  }

  /// The records of a round that compete.
  private static func ids(of row: [Cell]) -> [OpID] {
    (row[6].id.map { [$0] } ?? []) + OpList.decode(row[8].text)
  }

  /// Writes a round.
  private static func replace<S: FoldState>(
    _ old: [Cell], by row: AwardRow, in state: S
  ) throws(S.Failure) {
    try state.replace(Tables.award, old, by: row.cells)
    for record in Set(ids(of: old) + row.records.map(\.id)) {
      state.requeue(Reader(.coinIssues, record.packed))
    }
  }

  /// Writes what a round claims of the resident's month.
  private static func claim<S: FoldState>(
    for row: AwardRow, instead old: [Cell], in state: S
  ) throws(S.Failure) {
    let (table, new) = (Tables.awardClaim, row.claim)
    let claimed = try AwardRow.claimKey(of: old).flatMap { (key) throws(S.Failure) in
      try state.row(table, key)
    }
    guard claimed != new else { return }
    if let claimed, let new, table.key(of: claimed) == table.key(of: new) {
      return try state.replace(table, claimed, by: new)
    }
    if let claimed { try state.remove(table, claimed) }
    if let new { try state.insert(table, new) }
  }

  /// What a round adds to the resident's account, unless the month decides.
  static let postings: @Sendable ([Cell]) -> [Posting] = { row in
    guard row[5] == .text("posted"), row[13] == .integer(AwardRow.Basis.direct.rawValue),
      let resident = row[1].integer, let points = row[7].integer
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

  /// One record on its own, from the log; nil when it is no award of a known activity and resident.
  static func assess<S: FoldState>(_ id: OpID, in state: S) throws(S.Failure) -> Record? {
    let op = try state.op(id)
    guard let kind = Catalogue.kind(op.kind),
      let payload = kind.schema.payload(of: op), let grant = Grant(op.id, payload)
    else { return nil }
    let entry = Entry(op: op, payload: payload, kind: kind, isFirst: false)
    return try assess(entry, grant, in: state)
  }

  /// What one record is worth on its own; nil when it names no activity or no resident.
  private static func assess<S: FoldState>(
    _ entry: Entry, _ grant: Grant, in state: S
  ) throws(S.Failure) -> Record? {
    guard let activity = try state.row(Tables.activity, id: grant.activity.packed),
      let resident = try state.row(Tables.resident, id: grant.resident.packed)
    else { return nil }
    if resident[4] != .null { MergedAwards.requeue(grant, in: state) }
    let community = try Standing.community(of: entry.op.id.replica, in: state)
    let policy = try Standing.policy(of: entry.op, in: state)
    var record = Record(entry.op, grant, community: community, activity, policy)
    switch try Standing.problem(entry, in: state) {
    case nil: break
    case .actorNotEntitled: record.hold = .actorNotEntitled
    case let problem: record.fault = problem
    }
    if record.hold == nil, let left = resident[5].integer, Int64(record.date.day) > left {
      record.hold = .residentLeft
    }
    if record.fault == nil, let receivedAt = try state.receivedAt(entry.op.id) {
      let received = BusinessDate(stamp: receivedAt)
      if entry.op.occurredOn > received.adding(days: 1) {
        record.fault = .futureDate
      } else if let days = policy?[.backdateDays], record.date.adding(days: days) < received {
        record.isBackdated = try !Standing.holds(.approver, entry.op, in: state)
      }
    }
    if record.fault == nil, policy == nil { record.fault = .wrongReference }
    if policy?.awardPosting == .approved, record.hold == nil { record.hold = .awaitingApproval }
    if activity[9] == .text("cancelled") { record.cancelledBy = activity[10].id }
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
  let minutes: Int64?
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
    minutes = payload.integer(6)
    after = payload.reference(7)
  }

  /// The natural key and a round, in table order.
  func key(round: Int64) -> [Int64] {
    [activity.packed, resident.packed, session, role, round]
  }

  /// Reads a grant from the log; nil for an op of another kind.
  init?(_ op: Op) {
    guard op.kind == 19, let payload = AwardFold.schema.payload(of: op) else {
      return nil
    }
    self.init(op.id, payload)
  }
}
