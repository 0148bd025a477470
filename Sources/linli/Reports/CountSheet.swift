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
    let given = try arguments.integer("days", in: 0...366)
    let today = try arguments.date("on") ?? BusinessDate(stamp: Machine.now())
    let store = try DataFolder(arguments).openStore()
    let communities = try store.communities(by: arguments)
    let rows = try CommandError.wrap { () throws(StoreError) in
      try store.read { () throws(StoreError) -> [[String?]] in
        var rows: [[String?]] = []
        for community in communities {
          let values = try store.policyValues(of: community)
          let days = given.map(Int64.init) ?? values?[Policy.Name.countDays.rawValue]
          guard let days else { continue }
          let name = try store.row(Tables.community, id: community.packed)?[1].text ?? ""
          for goods in try store.goods(of: community, notCountedAfter: today.adding(days: -days)) {
            rows.append([
              name, goods.office.description, goods.item, String(goods.onHand),
              goods.countedOn?.description,
            ])
          }
        }
        return rows
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
