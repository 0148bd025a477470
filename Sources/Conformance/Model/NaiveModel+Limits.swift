import Community
import OpLog

/// A record of an award that counts if no other of its key does.
struct AwardClaim {
  let id: OpID
  let isOrganiser: Bool
  let date: BusinessDate
  let points: Int64
  let minutes: Int64
  /// Whether its hours count towards the falling scale, and bring no points of their own.
  let isTier: Bool
  let perDay: Int64?
  let perMonth: Int64?
  let hours: Range<Int64>?
  let isApproved: Bool
  let activity: OpID
  /// The last day on which its points can be spent; nil where they never end.
  let lastDay: BusinessDate?

  /// Whether nobody can have done both; an approver who looked at one has looked at both.
  func excludes(_ other: AwardClaim) -> Bool {
    guard date == other.date, activity != other.activity, !isApproved, !other.isApproved,
      let hours, let others = other.hours
    else { return false }
    return hours.overlaps(others)
  }

  /// Whether it is worth more; of equal ones the lower op id is.
  func isWorthMore(than other: AwardClaim) -> Bool {
    let (mine, theirs) = (
      (points, isTier ? minutes : 0), (other.points, other.isTier ? other.minutes : 0)
    )
    return mine == theirs ? id < other.id : mine > theirs
  }
}

/// What a resident's awards come to together: `COVERAGE.md`, cases 4 to 6.
extension NaiveModel {
  mutating func points(of awards: [AwardClaim], for resident: OpID) -> Int64 {
    noteEnds(of: counted(among: awards), for: resident)
    return worth(of: awards)
  }

  /// The points of awards that stand together.
  func worth(of awards: [AwardClaim]) -> Int64 {
    let counted = counted(among: awards)
    return counted.reduce(0) { $0 + $1.points }
      + hours(of: counted).values.reduce(0) { $0 + scaled($1) }
  }

  private func counted(among awards: [AwardClaim]) -> [AwardClaim] {
    let standing = awards.filter { stands($0, among: awards) }
    let ofMonth = withRoom(standing, for: \.perMonth) { ($0.date.civil.year, $0.date.civil.month) }
    return withRoom(ofMonth, for: \.perDay) { ($0.date.day, 0) }
  }

  /// Case 4: of two activities at one time the award with the higher (replica, seq) is pending.
  func stands(_ award: AwardClaim, among awards: [AwardClaim]) -> Bool {
    !awards.contains { $0.id < award.id && award.excludes($0) && stands($0, among: awards) }
  }

  /// Case 5: the highest-valued awards count, ties by op id, each by the limit of its own rules.
  ///
  /// An award has room while fewer than its limit have room of those in its stretch of time that are
  /// worth more and have a limit too.
  private func withRoom<Number: Equatable>(
    _ awards: [AwardClaim], for limit: (AwardClaim) -> Int64?,
    in stretch: (AwardClaim) -> (Number, Number)
  ) -> [AwardClaim] {
    var known: [OpID: Bool] = [:]
    func hasRoom(_ award: AwardClaim) -> Bool {
      if let answer = known[award.id] { return answer }
      guard let most = limit(award) else { return true }
      let better = awards.filter {
        limit($0) != nil && stretch($0) == stretch(award) && $0.isWorthMore(than: award)
      }
      let answer = better.count(where: hasRoom) < most
      known[award.id] = answer
      return answer
    }
    return awards.filter(hasRoom)
  }

  /// Case 6: under the falling scale the total hours of a year decide, wherever they were recorded.
  private func hours(of awards: [AwardClaim]) -> [Int: Int64] {
    let years = Dictionary(grouping: awards.filter(\.isTier)) { $0.date.civil.year }
    return years.mapValues { $0.reduce(0) { $0 + $1.minutes } }
  }

  /// Minute by minute: what the falling scale gives for a year's hours, in whole points.
  private func scaled(_ minutes: Int64) -> Int64 {
    var parts: Int64 = 0
    for minute in 0..<minutes {
      parts += minute < 1_200 ? 12 : minute < 4_800 ? 6 : minute < 12_000 ? 4 : 3
    }
    return parts / 720
  }

  /// Until when what was earned can be spent; of a year's hours all until the latest of their days.
  private mutating func noteEnds(of awards: [AwardClaim], for resident: OpID) {
    var lastDays: [Int: BusinessDate] = [:]
    for award in awards {
      guard let lastDay = award.lastDay else { continue }
      lots[resident, default: []].append((lastDay, award.points))
      guard award.isTier, award.minutes > 0 else { continue }
      let year = award.date.civil.year
      lastDays[year] = max(lastDay, lastDays[year] ?? lastDay)
    }
    for (year, minutes) in hours(of: awards) {
      guard let lastDay = lastDays[year] else { continue }
      lots[resident, default: []].append((lastDay, scaled(minutes)))
    }
  }
}
