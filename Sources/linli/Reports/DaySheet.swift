import Community
import OpLog
import Store

/// One community's part of a report that goes by a number of days.
struct DaySheet {
  /// The office's or the hub's data, inside one read.
  let store: Store
  /// The community, and what people call it.
  let community: OpID
  let name: String
  /// How many days `--days` or the community's rules say; nil where neither does.
  let days: Int64?
  /// The day of `--on`, else today.
  let today: BusinessDate

  /// The rows of all communities that are asked for.
  ///
  /// - Parameters:
  ///   - rule: The rule that says the days where `--days` does not.
  ///   - arguments: What was typed.
  ///   - rows: The rows of one.
  /// - Returns: Theirs together, a community after the other.
  /// - Throws: A usage error for wrong options; what reading throws.
  static func rows(
    by rule: Policy.Name, _ arguments: Arguments,
    _ rows: (DaySheet) throws(StoreError) -> [[String?]]
  ) throws(CommandError) -> [[String?]] {
    let given = try arguments.integer("days", in: 0...366)
    let today = try arguments.date("on") ?? BusinessDate(stamp: Machine.now())
    let store = try DataFolder(arguments).openStore()
    let communities = try store.communities(by: arguments)
    return try CommandError.wrap { () throws(StoreError) in
      try store.read { () throws(StoreError) -> [[String?]] in
        var all: [[String?]] = []
        for community in communities {
          let values = try store.policyValues(of: community)
          let name = try store.row(Tables.community, id: community.packed)?[1].text ?? ""
          all += try rows(
            DaySheet(
              store: store, community: community, name: name,
              days: given.map(Int64.init) ?? values?[rule.rawValue], today: today))
        }
        return all
      }
    }
  }
}
