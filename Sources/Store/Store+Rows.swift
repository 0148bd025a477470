import Community
import SQLite

/// Whole tables, for checkers and exports.
extension Store {
  /// Every row of a table as committed, ascending by key; O(rows).
  package func rows(of table: Table) throws(StoreError) -> [[Cell]] {
    try StoreError.wrap { () throws(SQLiteFailure) in
      let names = table.columns.map(\.name)
      let key = names[..<table.keyCount].joined(separator: ", ")
      let select = try connection.prepare(
        text: "SELECT \(names.joined(separator: ", ")) FROM \(table.name) ORDER BY \(key)")
      var rows: [[Cell]] = []
      while try select.step() { rows.append(select.row(of: table)) }
      return rows
    }
  }
}
