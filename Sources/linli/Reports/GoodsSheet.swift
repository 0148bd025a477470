import Community
import OpLog
import Store

/// The goods that are best used up: those whose date comes soon, or has come.
enum GoodsSheet {
  /// What the report is called.
  static let name = "expiring-goods"

  private static let columns = [
    "community", "office", "item", "quantity", "on_hand", "expires_on", "receipt",
  ]

  /// What came with a date within the days that the rules, or `--days`, say, and is still there.
  ///
  /// - Throws: A usage error for options that do not go with it.
  static func listing(_ arguments: Arguments) throws(CommandError) -> Listing {
    try arguments.refuseMonth(for: name)
    let rows = try DaySheet.rows(by: .goodsNotice, arguments) { (sheet) throws(StoreError) in
      guard let days = sheet.days else { return [] }
      let last = sheet.today.adding(days: days)
      return try sheet.store.goods(of: sheet.community, endingBy: last).map {
        [
          sheet.name, $0.office.description, $0.item, String($0.quantity), String($0.onHand),
          $0.expiresOn.description, $0.receipt.description,
        ]
      }
    }
    return Listing(columns: columns, rows: rows)
  }
}
