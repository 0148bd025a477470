import OpLog

/// The awards that a person got twice, once under each of two files that were merged.
///
/// Of the posted awards of one activity, session, and role the organiser's counts, else the lowest
/// op; each other one has a row here, which takes its points back. The award itself stays posted.
enum MergedAwards: Derivation {
  static func settle<S: FoldState>(_ key: AccountKey, in state: S) throws(S.Failure) {
    let members = try ResidentStatus.merged(with: key.first, in: state)
    guard key.second == 0 else {
      return try settle(activity: key.second, of: members, in: state)
    }
    var activities: Set<Int64> = []
    for member in members {
      for row in try state.rows(Tables.award, where: 1, is: member) {
        if let activity = row[0].integer { activities.insert(activity) }
      }
    }
    for activity in activities.sorted() {
      try settle(activity: activity, of: members, in: state)
    }
  }

  /// Has an activity's awards compared after one of a merged resident changed.
  static func requeue<S: FoldState>(_ grant: Grant, in state: S) {
    state.requeue(Reader(.mergedAwards, grant.resident.packed, grant.activity.packed))
  }

  /// Whether a grant is one that the person has under another file too.
  static func isSurplus<S: FoldState>(_ grant: Grant, in state: S) throws(S.Failure) -> Bool {
    guard try state.row(Tables.resident, id: grant.resident.packed)?[4].integer != nil,
      let round = try AwardFold.round(of: grant, in: state)
    else { return false }
    return try state.row(Tables.mergedAward, grant.key(round: round)) != nil
  }

  /// What a surplus award takes back from the account that it went to, unless its month leaves it out.
  static let postings: @Sendable ([Cell]) -> [Posting] = { row in
    guard row[10] == .integer(AwardRow.Basis.direct.rawValue), let resident = row[1].integer,
      let points = row[6].integer
    else { return [] }
    let account = Posting(.account, resident, amounts: [-points, -points, 0, 0])
    guard let bucket = row[8].integer, bucket != 0 else { return [account] }
    return [account, Posting(.yearSheet, resident, bucket, amounts: [-points, 0])]
  }

  /// The month that leaves a surplus award out.
  static let readers: @Sendable ([Cell]) -> [Reader] = { row in
    guard row[10] != .integer(AwardRow.Basis.direct.rawValue), let resident = row[1].integer,
      let date = row[9].integer.flatMap({ BusinessDate(day: $0) })
    else { return [] }
    let (year, month, _) = date.civil
    return [
      Reader(.awardMonth, resident, AwardMonth.number(year: Int64(year), month: Int64(month))),
      Reader(.awardYear, resident, Int64(year)),
    ]
  }

  /// The surplus awards of a resident for an activity.
  static func surplus<S: FoldState>(
    of resident: Int64, activity: Int64, in state: S
  ) throws(S.Failure) -> [OpID] {
    guard try state.row(Tables.resident, id: resident)?[4].integer != nil else { return [] }
    return try state.rows(Tables.mergedAward, under: [activity, resident]).compactMap(\.[5].id)
  }

  /// Whether another file of the person has an award that would count before this one.
  static func isUnderOtherFile<S: FoldState>(
    _ op: OpID, in state: S
  ) throws(S.Failure) -> Bool {
    guard let grant = Grant(try state.op(op)),
      try state.row(Tables.resident, id: grant.resident.packed)?[4].integer != nil
    else { return false }
    let organiser = try state.row(Tables.activity, id: grant.activity.packed)?[1].integer
    let own = try place(of: op, organiser, in: state)
    for member in try ResidentStatus.merged(with: grant.resident.packed, in: state)
    where member != grant.resident.packed {
      let prefix = [grant.activity.packed, member, grant.session, grant.role]
      for row in try state.rows(Tables.award, under: prefix) {
        guard row[5] == .text("posted"), let other = row[6].id else { continue }
        if try place(of: other, organiser, in: state) < own { return true }
      }
    }
    return false
  }

  /// The organiser's first, then by id.
  private static func place<S: FoldState>(
    of op: OpID, _ organiser: Int64?, in state: S
  ) throws(S.Failure) -> (rank: Int, op: Int64) {
    let community = try Standing.community(of: op.replica, in: state)
    return (community == organiser ? 0 : 1, op.packed)
  }

  /// A surplus award is on the desk.
  static let standingDesk: @Sendable ([Cell]) -> [DeskEntry] = { row in
    row[5].integer.map { [DeskEntry(.mergedAward, subject: $0)] } ?? []
  }

  private struct Slot: Hashable {
    let session: Cell
    let role: Cell
  }

  private static func settle<S: FoldState>(
    activity: Int64, of members: [Int64], in state: S
  ) throws(S.Failure) {
    let organiser = try state.row(Tables.activity, id: activity)?[1].integer
    var best: [Slot: (rank: Int, op: Int64)] = [:]
    var posted: [[Cell]] = []
    for member in members {
      for row in try state.rows(Tables.award, under: [activity, member]) {
        guard row[5] == .text("posted"), let op = row[6].id else { continue }
        posted.append(row)
        let slot = Slot(session: row[2], role: row[3])
        let place = try place(of: op, organiser, in: state)
        if best[slot].map({ place < $0 }) ?? true { best[slot] = place }
      }
    }
    var surplus: [[Int64]: [Cell]] = [:]
    for row in posted {
      guard let winner = best[Slot(session: row[2], role: row[3])]?.op, row[6].integer != winner
      else { continue }
      surplus[Tables.award.key(of: row)] =
        Array(row[..<5]) + [row[6], row[7], .integer(winner), row[10], row[12], row[13]]
    }
    for member in members {
      for old in try state.rows(Tables.mergedAward, under: [activity, member]) {
        if let new = surplus.removeValue(forKey: Tables.mergedAward.key(of: old)) {
          if new != old { try state.replace(Tables.mergedAward, old, by: new) }
        } else {
          try state.remove(Tables.mergedAward, old)
          requeueCoins(old, in: state)
        }
      }
    }
    for (_, row) in surplus {
      try state.insert(Tables.mergedAward, row)
      requeueCoins(row, in: state)
    }
    for member in members {
      for lost in try state.rows(Tables.lostAward, under: [member])
      where lost[6].integer == activity {
        if let year = lost[1].integer { state.requeue(Reader(.awardYear, member, year)) }
      }
    }
  }

  /// Has the coins judged again that were handed out for an award.
  private static func requeueCoins<S: FoldState>(_ row: [Cell], in state: S) {
    if let op = row[5].integer { state.requeue(Reader(.coinIssues, op)) }
  }
}
