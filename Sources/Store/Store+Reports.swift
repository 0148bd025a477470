import Community
import OpLog
import SQLite

/// Monthly reports, one view each.
extension Store {
  /// The reports that ``report(_:month:of:)`` knows.
  package static let reportNames = [
    "ledger", "redemptions", "stock", "donors", "medals", "settlement", "audit",
  ]

  /// The rows of a report that are posted in a month, of one community or of the whole street.
  ///
  /// - Parameters:
  ///   - name: One of ``reportNames``; anything else is a caller bug.
  ///   - month: The first day of the month.
  ///   - community: Whose; nil for all.
  /// - Returns: The rows with their columns; O(ops of the street).
  /// - Throws: ``StoreError/database(_:)``.
  package func report(
    _ name: String, month: BusinessDate, of community: OpID?
  ) throws(StoreError) -> Listing {
    precondition(Self.reportNames.contains(name), "caller bug: no such report")
    return try StoreError.wrap { () throws(SQLiteFailure) in
      let names = try connection.prepare(
        text: "SELECT name FROM pragma_table_info('report_\(name)')")
      var columns: [String] = []
      while try names.step() { columns.append(names.text(0)) }
      // The first two say where a row belongs.
      var listing = Listing(columns: Array(columns.dropFirst(2)), rows: [])
      let filter = community == nil ? "" : "AND \(columns[0]) = ?2"
      let order = columns.indices.dropFirst(2).map { String($0 + 1) }.joined(separator: ", ")
      let select = try connection.prepare(
        text: "SELECT * FROM report_\(name) WHERE \(columns[1]) = ?1 \(filter) ORDER BY \(order)")
      select.bind(1, Int64(month.day))
      if let community { select.bind(2, community.packed) }
      while try select.step() {
        listing.rows.append(columns.indices.dropFirst(2).map { select.optionalText(Int32($0)) })
      }
      return listing
    }
  }
}
