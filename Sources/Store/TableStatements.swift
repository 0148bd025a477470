import Community
import SQLite

/// The kept statements of one read-model table, made from its declaration; each when it is first
/// needed, because most tables are only read after a start.
final class TableStatements {
  enum Use: Int, CaseIterable { case select, insert, insertIfAbsent, update, delete }

  private let table: Table
  private let connection: Connection
  private var made: [Statement?] = Use.allCases.map { _ in nil }
  /// By the number of key columns that are given.
  var selectUnder: [Int: Statement] = [:]

  init(_ table: Table, _ connection: Connection) {
    self.table = table
    self.connection = connection
  }

  subscript(use: Use) -> Statement {
    get throws(SQLiteFailure) {
      if let statement = made[use.rawValue] { return statement }
      let statement = try connection.prepare(text: sql(use))
      made[use.rawValue] = statement
      return statement
    }
  }

  private func sql(_ use: Use) -> String {
    let names = table.columns.map(\.name)
    let key = (0..<table.keyCount).map { "\(names[$0]) = ?\($0 + 1)" }.joined(separator: " AND ")
    let parameters = names.indices.map { "?\($0 + 1)" }.joined(separator: ", ")
    switch use {
    case .select:
      return "SELECT \(names.joined(separator: ", ")) FROM \(table.name) WHERE \(key)"
    case .insert: return "INSERT INTO \(table.name) VALUES(\(parameters))"
    case .insertIfAbsent:
      return "INSERT INTO \(table.name) VALUES(\(parameters)) ON CONFLICT DO NOTHING"
    case .update:
      let set = (table.keyCount..<names.count).map { "\(names[$0]) = ?\($0 + 1)" }
      return "UPDATE \(table.name) SET \(set.joined(separator: ", ")) WHERE \(key)"
    case .delete: return "DELETE FROM \(table.name) WHERE \(key)"
    }
  }
}

extension Statement {
  /// The current row of a statement that selects the columns of a table.
  func row(of table: Table) -> [Cell] {
    var row: [Cell] = []
    row.reserveCapacity(table.columns.count)
    for (index, column) in table.columns.enumerated() {
      let position = Int32(index)
      if column.isOptional, isNull(position) {
        row.append(.null)
      } else {
        row.append(column.isText ? .text(text(position)) : .integer(integer(position)))
      }
    }
    return row
  }

  /// Runs a statement whose parameters are the cells.
  func run(with cells: some Collection<Cell>) throws(SQLiteFailure) {
    for (index, cell) in cells.enumerated() {
      let position = Int32(index + 1)
      switch cell {
      case .null: bindNull(position)
      case .integer(let value): bind(position, value)
      case .text(let text): bind(position, text)
      }
    }
    try run()
  }
}
