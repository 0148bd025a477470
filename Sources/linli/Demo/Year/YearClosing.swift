import Community
import Hub
import OpLog
import Store

/// What the street does when a month is over: it closes the month in every community and settles
/// between them, and at the end nothing that was closed may have changed.
struct YearClosing {
  /// What each closed month said when it was closed, of all communities together.
  private(set) var closed: [Int: YearBooks.Month] = [:]

  /// The first day of a month of the year; 13 is January of the next.
  static func first(of month: Int) -> BusinessDate {
    guard
      let date = BusinessDate(
        year: YearPlan.year + (month - 1) / 12, month: (month - 1) % 12 + 1, day: 1)
    else { preconditionFailure("every month has a first day") }
    return date
  }

  /// Closes a month on the day after it; every office has synced, and the hub's process is stopped.
  mutating func close(month: Int, hub: HubPlace, by program: Program) throws(CommandError) {
    let name = String(Self.first(of: month).description.prefix(7))
    try program.run(["hub", "close", "--month", name, "--data", hub.folder])
    try program.run(["hub", "settle", "--month", name, "--data", hub.folder])
    closed[month] = try Self.sums(of: month, at: hub)
  }

  /// The closed months: as they were closed beside the plan's books and beside what they are now, and
  /// what an audit of all of them finds.
  func comparisons(
    with books: YearBooks, at hub: HubPlace
  ) throws(CommandError) -> [DemoReport.Comparison] {
    var comparisons: [DemoReport.Comparison] = []
    for (month, said) in closed.sorted(by: { $0.key < $1.key }) {
      comparisons.append(
        .init(
          what: Words("\(month) 月月结与账本", "the close of month \(month) and the books"),
          expected: (books.months[month] ?? YearBooks.Month()).text, found: said.text))
      comparisons.append(
        .init(
          what: Words("已结 \(month) 月", "closed month \(month)"), expected: said.text,
          found: try Self.sums(of: month, at: hub).text))
    }
    let findings = try CommandError.wrap { () throws(StoreError) in
      let store = try Store(path: hub.database, mode: .readWrite)
      let communities = try store.rows(of: Tables.community).compactMap { $0[0].id }
      let audit = try MonthAudit(store)
      var findings: [Words] = []
      for month in closed.keys.sorted() {
        findings += try audit.findings(Self.first(of: month), communities)
      }
      return findings
    }
    comparisons.append(
      .init(
        what: Words("已结月份的审计", "the audit of closed months"), expected: "",
        found: findings.map(\.english).joined(separator: "; ")))
    return comparisons
  }

  /// The columns of a month that the hub has, of all communities together.
  private static func sums(of month: Int, at hub: HubPlace) throws(CommandError) -> YearBooks.Month
  {
    try CommandError.wrap { () throws(StoreError) in
      let store = try Store(path: hub.database, mode: .readWrite)
      let date = first(of: month)
      var sums = YearBooks.Month()
      for community in try store.rows(of: Tables.community).compactMap({ $0[0].id }) {
        let report = try store.month(date, of: community)
        func figure(_ name: String) -> Int {
          guard let index = Store.monthFigures.firstIndex(of: name) else {
            preconditionFailure("there is no figure \(name)")
          }
          return Int(report.figures[index])
        }
        sums.awards += figure("attendances")
        sums.pointsGranted += figure("points_granted")
        sums.reversals += figure("reversals")
        sums.redemptions += figure("redemptions")
        sums.pointsRedeemed += figure("points_redeemed")
        sums.pieces += figure("pieces")
        sums.pointsCoined += figure("points_coined")
      }
      for row in try store.rows(Tables.settlement, under: [Int64(date.day)]) {
        sums.settled += Int(row[4].integer ?? 0)
      }
      return sums
    }
  }
}

extension YearBooks.Month {
  /// `305 awards, 760 points, 1 reversed; 60 redemptions, …`.
  var text: String {
    """
    \(awards) awards, \(pointsGranted) points, \(reversals) reversed; \(redemptions) redemptions, \
    \(pointsRedeemed) points, \(pieces) pieces, \(pointsCoined) as coins, \(settled) settled
    """
  }
}
