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
    let rows = try DaySheet.rows(by: .noticeDays, arguments) { (sheet) throws(StoreError) in
      let until = sheet.days.map { sheet.today.adding(workingDays: $0) }
      return try sheet.store.noticedAwards(of: sheet.community, in: month, on: sheet.today).map {
        [
          sheet.name, $0.date.description, $0.activity, $0.award.description,
          $0.name.flatMap { Masking.name($0, age: nil) }, String($0.points), until?.description,
        ]
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
