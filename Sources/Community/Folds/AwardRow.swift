import OpLog

/// One record of an award, judged on its own.
struct Record {
  let id: OpID
  let actor: OpID?
  /// The community of its writer, packed.
  let community: Int64?
  let isOrganiser: Bool
  let date: BusinessDate
  /// What it is worth; 0 in a tier.
  var points: Int64
  /// The most that the activity ever announced; nil where minutes make the points.
  let most: Int64?
  /// The minutes that are credited; nil when none were written down.
  let minutes: Int64?
  let isAbovePublished: Bool
  var limits: AwardLimits
  /// The last day of its points; 0 for never.
  let bucket: Int64
  /// What no approval mends.
  var fault: DeskReason?
  /// What waits for an approval.
  var hold: DeskReason?
  /// The cancellation of the activity; a later approval answers it.
  var cancelledBy: OpID?
  var isBackdated = false
  var isRejected = false

  init(_ op: Op, _ grant: Grant, community: Int64?, _ activity: [Cell], _ policy: Policy?) {
    id = op.id
    actor = op.actor
    self.community = community
    isOrganiser = community == activity[1].integer
    date = op.occurredOn
    minutes = grant.minutes.map { min($0, AwardLimits.minutesMost(activity, policy) ?? .max) }
    let mode = AwardLimits.mode(activity, policy)
    let announced = activity[6].integer ?? 0
    switch mode {
    case .fixed: points = min(grant.points, announced)
    case .perHour: points = (minutes ?? 0) / 60
    case .perFourHours: points = (minutes ?? 0) / 240
    case .tier: points = 0
    }
    most = mode == .fixed ? announced : nil
    isAbovePublished = mode == .fixed && grant.points > announced
    limits = AwardLimits(activity, policy)
    bucket = YearBucket.end(of: op.occurredOn, policy)
  }

  /// Why it does not count; nil when it may.
  var problem: DeskReason? {
    if hold == .actorNotEntitled { return hold }
    return fault ?? (cancelledBy == nil ? hold : .activityCancelled)
  }

  /// Which of many records compete at all: those of the organiser first, then the lowest op ids.
  struct Rank: Comparable {
    let isOrganiser: Bool
    let id: OpID

    static func < (left: Rank, right: Rank) -> Bool {
      (left.isOrganiser ? 0 : 1, left.id) < (right.isOrganiser ? 0 : 1, right.id)
    }
  }

  var rank: Rank { Rank(isOrganiser: isOrganiser, id: id) }

  /// What of two records counts without the organiser's: the one that both sides grant.
  var value: (Int64, Int64) { (points, minutes ?? 0) }
}

/// What holds for an award beside its own value.
struct AwardLimits {
  /// Whether its minutes count in the year's hours instead of its points.
  var isTier: Bool
  /// Awards that count on one day.
  let perDay: Int64?
  /// Reports that count in one month; nil for other work.
  let reportsPerMonth: Int64?
  /// When the activity begins and ends, in minutes of the day.
  let hours: (starts: Int64, ends: Int64)?
  /// Whether a person looked at it: two activities at one time may both be true.
  var isApproved = false

  init(_ activity: [Cell], _ policy: Policy?) {
    isTier = Self.mode(activity, policy) == .tier
    let isWork = !Self.isWithoutWork(activity)
    perDay = isWork ? policy?[.awardsPerDay] : nil
    let isReport = activity[2].integer == ActivityCategory.report
    reportsPerMonth = isReport ? policy?[.reportsPerMonth] : nil
    if let starts = activity[7].integer, let ends = activity[8].integer {
      hours = (starts, ends)
    } else {
      hours = nil
    }
  }

  /// How the awards of an activity are valued: what is no work is a number; else its own rule decides,
  /// and that of the recorder's community where an older version published it.
  static func mode(_ activity: [Cell], _ policy: Policy?) -> Policy.AwardMode {
    guard !isWithoutWork(activity) else { return .fixed }
    return activity[16].integer.flatMap(Policy.AwardMode.init) ?? policy?.awardMode ?? .fixed
  }

  /// How many minutes one award may credit; rules that say nothing of large activities mean the same
  /// for all.
  static func minutesMost(_ activity: [Cell], _ policy: Policy?) -> Int64? {
    let usual = policy?[.awardMinutes]
    return activity[15] == .integer(1) ? policy?[.awardMinutesLarge] ?? usual : usual
  }

  private static func isWithoutWork(_ activity: [Cell]) -> Bool {
    activity[2].integer.map(ActivityCategory.withoutWork.contains) ?? false
  }

  var basis: AwardRow.Basis {
    if isTier { return .tier }
    return perDay == nil && reportsPerMonth == nil && hours == nil ? .direct : .month
  }
}

/// One round of one natural key: a pure function of its records, reversals, and decisions.
struct AwardRow {
  /// Where an award's points are posted.
  enum Basis: Int64 {
    /// By its own row.
    case direct
    /// By the resident's month, under its limits.
    case month
    /// By the resident's year, from all its hours.
    case tier
  }

  let key: [Int64]
  var records: [Record]
  /// Ascending.
  var reversals: [OpID] = []
  /// Approvals and rejections of any of the records, ascending.
  var decisions: [OpID] = []
  /// Decisions without effect, each followed by the record that it names.
  var lost: [OpID] = []

  init(key: [Int64], records: [Record]) {
    self.key = key
    self.records = records
  }

  var counted: Record? {
    records.lazy.filter { $0.problem == nil && !$0.isRejected }.min(by: Self.precedes)
  }

  private static func precedes(_ left: Record, _ right: Record) -> Bool {
    if left.isOrganiser != right.isOrganiser { return left.isOrganiser }
    if !left.isOrganiser, left.value != right.value { return left.value < right.value }
    return left.id < right.id
  }

  private var state: String {
    if !reversals.isEmpty { return "reversed" }
    if counted != nil { return "posted" }
    return records.contains { !$0.isRejected } ? "pending" : "rejected"
  }

  var cells: [Cell] {
    let counted = counted
    let others = records.lazy.map(\.id).filter { $0 != counted?.id }.sorted()
    return [
      .integer(key[0]), .integer(key[1]), .integer(key[2]), .integer(key[3]), .integer(key[4]),
      .text(state), .id(counted?.id), .integer(counted?.points ?? 0), .list(others),
      .list(reversals), .integer(counted?.bucket ?? 0),
      counted?.minutes.map(Cell.integer) ?? .null,
      counted.map { .integer(Int64($0.date.day)) } ?? .null,
      .integer((counted?.limits.basis ?? .direct).rawValue), .list(decisions), .list(lost),
    ]
  }

  /// The round's row in the resident's month; nil when it posts by itself or not at all.
  var claim: [Cell]? {
    guard reversals.isEmpty, let counted, counted.limits.basis != .direct else { return nil }
    return month(of: counted) + [.id(counted.id)] + limits(of: counted)
  }

  /// What a reversal took out of the resident's month; nil when nothing would have counted.
  func lost(by reversal: OpID) -> [Cell]? {
    counted.map { month(of: $0) + [.id(reversal), .id($0.id)] + limits(of: $0) }
  }

  private func month(of counted: Record) -> [Cell] {
    let (year, month, _) = counted.date.civil
    return [.integer(key[1]), .integer(Int64(year)), .integer(Int64(month))]
  }

  private func limits(of counted: Record) -> [Cell] {
    let limits = counted.limits
    return [
      .integer(Int64(counted.date.day)), .integer(key[0]), .integer(counted.points),
      .integer(limits.isTier ? counted.minutes ?? 0 : 0), .integer(counted.bucket),
      limits.perDay.map(Cell.integer) ?? .null,
      limits.reportsPerMonth.map(Cell.integer) ?? .null,
      limits.hours.map { .integer($0.starts) } ?? .null,
      limits.hours.map { .integer($0.ends) } ?? .null, .integer(limits.isApproved ? 1 : 0),
    ]
  }

  /// The key of what a stored round may have lost; nil when it lost nothing.
  static func lostKey(of row: [Cell]) -> [Int64]? {
    guard let reversal = OpList.decode(row[9].text).first, let resident = row[1].integer,
      let date = row[12].integer.flatMap({ BusinessDate(day: $0) })
    else { return nil }
    let (year, month, _) = date.civil
    return [resident, Int64(year), Int64(month), reversal.packed]
  }

  /// The key of a stored round's claim; nil when it has none.
  static func claimKey(of row: [Cell]) -> [Int64]? {
    guard row[5] == .text("posted"), row[13] != .integer(Basis.direct.rawValue),
      let resident = row[1].integer, let op = row[6].integer,
      let date = row[12].integer.flatMap({ BusinessDate(day: $0) })
    else { return nil }
    let (year, month, _) = date.civil
    return [resident, Int64(year), Int64(month), op]
  }

  func verdict(of record: Record) -> Verdict {
    if record.isRejected { return Verdict(.void) }
    let counted = counted
    if record.problem == nil, record.id != counted?.id {
      return Verdict(.duplicate, [.doubleAward])
    }
    if !reversals.isEmpty { return Verdict(.void) }
    if let problem = record.problem { return Verdict(.pending, [problem]) }
    var reasons: [DeskReason] = []
    if record.isAbovePublished { reasons.append(.claimAbovePublished) }
    if record.isBackdated { reasons.append(.backdated) }
    if !record.isOrganiser, records.count > 1, differs(from: record) {
      reasons.append(.valuesDiffer)
    }
    return reasons.isEmpty ? .plain : Verdict(.posted, reasons)
  }

  private func differs(from counted: Record) -> Bool {
    records.contains {
      $0.problem == nil && !$0.isRejected && $0.value != counted.value
    }
  }

  /// Decisions that came to nothing, a pure function of the row.
  static let standingDesk: @Sendable ([Cell]) -> [DeskEntry] = { row in
    guard row[15] != .null else { return [] }
    let lost = OpList.decode(row[15].text)
    return stride(from: 0, to: lost.count, by: 2).map {
      DeskEntry(.stepTooLate, subject: lost[$0].packed, detail: lost[$0 + 1].packed)
    }
  }
}
