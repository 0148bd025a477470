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
    let given = try arguments.integer("days", in: 0...366)
    let today = try arguments.date("on") ?? BusinessDate(stamp: Machine.now())
    let store = try DataFolder(arguments).openStore()
    let communities = try store.communities(by: arguments)
    let rows = try CommandError.wrap { () throws(StoreError) in
      try store.read { () throws(StoreError) -> [[String?]] in
        var rows: [[String?]] = []
        for community in communities {
          let values = try store.policyValues(of: community)
          let days = given.map(Int64.init) ?? values?[Policy.Name.goodsNotice.rawValue]
          guard let days else { continue }
          let name = try store.row(Tables.community, id: community.packed)?[1].text ?? ""
          for goods in try store.goods(of: community, endingBy: today.adding(days: days)) {
            rows.append([
              name, goods.office.description, goods.item, String(goods.quantity),
              String(goods.onHand), goods.expiresOn.description, goods.receipt.description,
            ])
          }
        }
        return rows
      }
    }
    return Listing(columns: columns, rows: rows)
  }
}
