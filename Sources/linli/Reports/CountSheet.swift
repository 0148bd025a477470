import Community
import OpLog
import Store

/// The shelves that are to be counted: what nobody counted for as many days as the rules say.
enum CountSheet {
  /// What the report is called.
  static let name = "uncounted"

  private static let columns = ["community", "office", "item", "on_hand", "counted_on"]

  /// What lies on a shelf and was not counted within the days that the rules, or `--days`, say.
  ///
  /// - Throws: A usage error for options that do not go with it.
  static func listing(_ arguments: Arguments) throws(CommandError) -> Listing {
    try arguments.refuseMonth(for: name)
    let rows = try DaySheet.rows(by: .countDays, arguments) { (sheet) throws(StoreError) in
      guard let days = sheet.days else { return [] }
      let since = sheet.today.adding(days: -days)
      return try sheet.store.goods(of: sheet.community, notCountedAfter: since).map {
        [
          sheet.name, $0.office.description, $0.item, String($0.onHand), $0.countedOn?.description,
        ]
      }
    }
    return Listing(columns: columns, rows: rows)
  }
}

extension Arguments {
  /// Refuses the options of monthly and public reports.
  func refuseMonth(for name: String) throws(CommandError) {
    guard option("month") == nil, !flag("public") else {
      throw .usage(
        Words(
          "\(name) 不用 --month 和 --public", "report \(name) takes no --month and no --public"))
    }
  }
}
