import Community
import OpLog
import Pages
import Store

/// The month's awards as they hang on the wall (公示), and until when anybody may object to them.
///
/// A name is there, masked, only for who agreed to it; an award says by its number whose it is to those
/// who have the slip.
enum NoticeSheet {
  /// What the report is called.
  static let name = "notice"

  private static let columns = [
    "community", "date", "activity", "award", "name", "points", "objections_until",
  ]

  /// The awards that a month posted, with the last day for objections: as many working days after
  /// `--on` as the rules, or `--days`, say.
  ///
  /// - Throws: A usage error without a month.
  static func listing(_ arguments: Arguments) throws(CommandError) -> Listing {
    let month = try arguments.month()
    let given = try arguments.integer("days", in: 0...366)
    let today = try arguments.date("on") ?? BusinessDate(stamp: Machine.now())
    let store = try DataFolder(arguments).openStore()
    let communities = try store.communities(by: arguments)
    let rows = try CommandError.wrap { () throws(StoreError) in
      try store.read { () throws(StoreError) -> [[String?]] in
        var rows: [[String?]] = []
        for community in communities {
          let values = try store.policyValues(of: community)
          let days = given.map(Int64.init) ?? values?[Policy.Name.noticeDays.rawValue]
          let until = days.map { today.adding(workingDays: $0) }
          let name = try store.row(Tables.community, id: community.packed)?[1].text ?? ""
          for award in try store.noticedAwards(of: community, in: month) {
            rows.append([
              name, award.date.description, award.activity, award.award.description,
              award.name.flatMap { Masking.name($0, age: nil) }, String(award.points),
              until?.description,
            ])
          }
        }
        return rows
      }
    }
    return Listing(columns: columns, rows: rows)
  }
}

extension BusinessDate {
  /// The day so many days later, Saturdays and Sundays not counted; holidays are not known here.
  fileprivate func adding(workingDays: Int64) -> BusinessDate {
    var (day, left) = (self, workingDays)
    while left > 0 {
      day = day.adding(days: 1)
      // 1 January 1970 was a Thursday.
      if (Int64(day.day) + 3) % 7 < 5 { left -= 1 }
    }
    return day
  }
}
