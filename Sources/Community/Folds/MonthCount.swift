import OpLog

/// One award that counts if its month has room.
struct MonthClaim {
  let op: OpID
  let month: Int64
  let day: Int64
  let activity: Int64
  let points: Int64
  let minutes: Int64
  let bucket: Int64
  let perDay: Int64?
  let reportsPerMonth: Int64?
  let hours: Range<Int64>?
  let isApproved: Bool

  /// Reads a row of `award_claim`.
  init?(_ row: [Cell]) {
    guard let op = row[3].id, let month = row[2].integer, let day = row[4].integer,
      let activity = row[5].integer
    else { return nil }
    self.op = op
    self.month = month
    self.day = day
    self.activity = activity
    points = row[6].integer ?? 0
    minutes = row[7].integer ?? 0
    bucket = row[8].integer ?? 0
    perDay = row[9].integer
    reportsPerMonth = row[10].integer
    if let starts = row[11].integer, let ends = row[12].integer, starts < ends {
      hours = starts..<ends
    } else {
      hours = nil
    }
    isApproved = row[13] == .integer(1)
  }

  /// Whether both can't be true; an approver who looked at one has looked at both.
  func overlaps(_ other: MonthClaim) -> Bool {
    guard day == other.day, activity != other.activity, !isApproved, !other.isApproved, let hours,
      let others = other.hours
    else { return false }
    return hours.overlaps(others)
  }
}

/// What counts of the awards of a month: the highest-valued ones, as far as its limits reach.
struct MonthCount {
  private(set) var counted: [MonthClaim] = []
  private(set) var overDay: [OpID] = []
  private(set) var overMonth: [OpID] = []
  private(set) var overlapping: [OpID] = []

  init(_ claims: [MonthClaim]) {
    var held: [MonthClaim] = []
    for claim in claims.sorted(by: { $0.op < $1.op }) {
      if held.contains(where: claim.overlaps) {
        overlapping.append(claim.op)
      } else {
        held.append(claim)
      }
    }
    held.sort { (-$0.points, -$0.minutes, $0.op) < (-$1.points, -$1.minutes, $1.op) }
    var reports: Int64 = 0
    for claim in held {
      guard let limit = claim.reportsPerMonth else {
        counted.append(claim)
        continue
      }
      if reports < limit {
        counted.append(claim)
        reports += 1
      } else {
        overMonth.append(claim.op)
      }
    }
    var days: [Int64: Int64] = [:]
    let ofMonth = counted
    counted = []
    for claim in ofMonth {
      if let limit = claim.perDay, days[claim.day, default: 0] >= limit {
        overDay.append(claim.op)
        continue
      }
      if claim.perDay != nil { days[claim.day, default: 0] += 1 }
      counted.append(claim)
    }
  }

  /// The sum of some value over what counts.
  func sum(_ value: (MonthClaim) -> Int64) -> Int64 { counted.reduce(0) { $0 + value($1) } }
}
