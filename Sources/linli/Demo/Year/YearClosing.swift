import Community
import Store

/// What the street does when a month is over: it closes the month, and at the end nothing that was
/// closed may have changed.
///
/// This is the one place of the year that knows how a month is closed: its totals are read at the
/// hub, kept, and read again.
struct YearClosing {
  /// A month's columns.
  struct Totals: Equatable {
    var awards = 0
    var pointsGranted = 0
    var redemptions = 0
    var pointsRedeemed = 0
  }

  /// What each closed month said.
  private(set) var closed: [Int: Totals] = [:]

  /// Closes a month; every office has synced, and the hub's process is stopped.
  mutating func close(month: Int, hubFolder: String) throws(CommandError) {
    closed[month] = try Self.totals(at: hubFolder)[month] ?? Totals()
  }

  /// The closed months beside what they are now.
  func comparisons(hubFolder: String) throws(CommandError) -> [DemoReport.Comparison] {
    let now = try Self.totals(at: hubFolder)
    return closed.sorted { $0.key < $1.key }.map { month, totals in
      DemoReport.Comparison(
        what: Words("\(month) 月月结", "closed month \(month)"), expected: totals.text,
        found: (now[month] ?? Totals()).text)
    }
  }

  /// The totals of every month, by the dates of activities and redemptions.
  ///
  /// An award that was taken back later was granted all the same.
  private static func totals(at hubFolder: String) throws(CommandError) -> [Int: Totals] {
    let (activities, awards, redemptions) = try CommandError.wrap { () throws(StoreError) in
      let store = try Store(path: hubFolder + "/hub.db", mode: .readWrite)
      return (
        try store.listing(of: "activities", limit: 1_000_000).records,
        try store.listing(of: "awards", limit: 1_000_000).records,
        try store.listing(of: "redemptions", limit: 1_000_000).records
      )
    }
    var totals: [Int: Totals] = [:]
    var months: [String: Int] = [:]
    for activity in activities { months[activity["id"] ?? ""] = month(of: activity["held_on"]) }
    for award in awards {
      let month = months[award["activity"] ?? ""] ?? 0
      totals[month, default: Totals()].awards += 1
      totals[month, default: Totals()].pointsGranted += Int(award["points"] ?? "") ?? 0
    }
    for redemption in redemptions {
      let month = month(of: redemption["occurred_on"])
      totals[month, default: Totals()].redemptions += 1
      totals[month, default: Totals()].pointsRedeemed += Int(redemption["points"] ?? "") ?? 0
    }
    return totals
  }

  /// The month of a date such as 2026-01-13.
  private static func month(of date: String?) -> Int {
    (date?.split(separator: "-").dropFirst().first).flatMap { Int($0) } ?? 0
  }
}

extension YearClosing.Totals {
  /// `305 awards, 760 points; 60 redemptions, 400 points`.
  var text: String {
    "\(awards) awards, \(pointsGranted) points; \(redemptions) redemptions, \(pointsRedeemed) points"
  }
}
