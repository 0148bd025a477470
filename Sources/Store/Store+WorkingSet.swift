import Community
import OpLog
import SQLite

/// What a counter needs of the state here, for an office that has nothing yet.
extension Store {
  /// The working set as of the end of the hub's log; inside ``read(_:)`` or ``write(_:)``.
  ///
  /// O(rows of the tables that are read); only hubs are asked.
  ///
  /// - Throws: ``StoreError``.
  package func workingSet() throws(StoreError) -> WorkingSet {
    try flush()
    let receivedAt = try newestReceipt() ?? 0
    let since = Self.firstDay(before: receivedAt)
    var (tables, named): ([TableRows], Set<OpID>) = ([], [])
    for table in Tables.all.sorted(by: { $0.number < $1.number }) {
      let rows = try workingRows(of: table, since: since)
      guard !rows.isEmpty else { continue }
      tables.append(TableRows(table, rows))
      for column in WorkingSetRule.of(table).naming {
        for row in rows { named.formUnion(Self.ids(in: row[column])) }
      }
    }
    var opCount: UInt64 = 0
    for replica in try replicas() { opCount += try foldedHead(of: replica).seq }
    var (ops, hashes): ([Op], [Digest]) = ([], [])
    for id in named.sorted() {
      guard let hash = try admittedHash(id) else { continue }
      ops.append(try storedOp(id))
      hashes.append(hash)
    }
    return WorkingSet(
      catalogue: edition.version, head: try foldedHead(of: identity.replica), opCount: opCount,
      receivedAt: receivedAt, since: Int64(since.day), lives: try incarnations(), tables: tables,
      ops: ops, hashes: hashes)
  }

  /// The first day of the month before the one of a time.
  private static func firstDay(before stamp: Int64) -> BusinessDate {
    let (year, month, _) = BusinessDate(stamp: stamp).civil
    let last = month == 1 ? (year - 1, 12) : (year, month - 1)
    return BusinessDate(year: last.0, month: last.1, day: 1) ?? BusinessDate(stamp: 0)
  }

  private static func ids(in cell: Cell) -> [OpID] {
    switch cell {
    case .null: []
    case .integer: cell.id.map { [$0] } ?? []
    case .text(let text): OpList.decode(text)
    }
  }

  /// The rows of a table that a counter needs, by key, ascending.
  func workingRows(
    of table: Table, since: BusinessDate
  ) throws(StoreError) -> [[Cell]] {
    let rule = WorkingSetRule.of(table)
    let names = table.columns.map(\.name)
    var filter = ""
    var bounds: [Int64] = []
    let (year, month, _) = since.civil
    switch rule {
    case .none: return []
    case .whole, .open: break
    case .since(let column, let unit):
      switch unit {
      case .year: (filter, bounds) = ("\(names[column]) >= ?1", [Int64(year)])
      case .month: (filter, bounds) = ("\(names[column]) >= ?1", [Int64(year * 12 + month - 1)])
      case .quarter:
        (filter, bounds) = ("\(names[column]) >= ?1", [Int64((year * 12 + month - 1) / 3)])
      case .yearAndMonth:
        filter = "(\(names[column]), \(names[column + 1])) >= (?1, ?2)"
        bounds = [Int64(year), Int64(month)]
      }
    }
    let key = names[..<table.keyCount].joined(separator: ", ")
    return try StoreError.wrap { () throws(SQLiteFailure) in
      let select = try connection.prepare(
        text: """
          SELECT \(names.joined(separator: ", ")) FROM \(table.name)
           \(filter.isEmpty ? "" : "WHERE \(filter)") ORDER BY \(key)
          """)
      for (index, bound) in bounds.enumerated() { select.bind(Int32(index + 1), bound) }
      var rows: [[Cell]] = []
      while try select.step() {
        let row = select.row(of: table)
        if case .open(_, let isOpen) = rule, !isOpen(row) { continue }
        rows.append(row)
      }
      return rows
    }
  }
}

extension TableRows {
  /// Rows of a table as columns.
  init(_ table: Table, _ rows: [[Cell]]) {
    let columns = table.columns.enumerated().map { index, column -> ColumnValues in
      column.isText
        ? .texts(rows.map { if case .text(let text) = $0[index] { text } else { nil } })
        : .integers(rows.map(\.[index].integer))
    }
    self.init(number: table.number, count: rows.count, columns: columns)
  }
}
