import Community
import OpLog
import SQLite

/// The folded tables, with what a transaction has changed and not yet written.
///
/// Rows of the facts layer are written at once. Account sums and partition digests are gathered and
/// written by ``flush()``, once per transaction, however many ops touched them. Rows of the
/// reference layer, which nearly every op reads, and accounts are kept in memory until the
/// transaction fails or another process writes.
final class ReadModel {
  private let connection: Connection
  private var statements: [TableStatements?]
  private var references: [[Int64: [Cell]]]
  /// Whether a table of the reference layer has rows, by its number, once somebody looked.
  private var hasRows: [Int: Bool] = [:]
  private var sheets: [AccountSheet]
  private var digests = DigestChanges()
  private var readers = ReaderQueue()
  private let desk: DeskTable
  private var digestTable: DigestTable

  /// Rows of the reference layer kept per table: 5,000 residents and 300 items are 1 MB.
  private static let referencesMax = 32_768

  init(_ connection: Connection) throws(SQLiteFailure) {
    self.connection = connection
    let count = (Tables.all.map(\.number).max() ?? 0) + 1
    statements = Array(repeating: nil, count: count)
    references = Array(repeating: [:], count: count)
    sheets = AccountTable.allCases.map { AccountSheet($0.table) }
    desk = try DeskTable(connection)
    digestTable = try DigestTable(connection)
  }

  /// Forgets what the failed transaction gathered, and all that is kept in memory.
  func reset() {
    for index in references.indices { references[index].removeAll(keepingCapacity: true) }
    hasRows.removeAll()
    for index in sheets.indices { sheets[index].removeAll() }
    digests.removeAll()
    readers.removeAll()
    digestTable.forget()
  }

  /// Whether an entity of the reference layer is in memory; its row stays untouched, and cold.
  func holdsReference(_ table: Table, _ id: Int64) -> Bool {
    references[table.number].index(forKey: id) != nil
  }

  /// The row of an entity of the reference layer, if it is in memory.
  func reference(_ table: Table, _ id: Int64) -> [Cell]? { references[table.number][id] }

  func row(_ table: Table, _ key: [Int64]) throws(SQLiteFailure) -> [Cell]? {
    switch table.layer {
    case .reference where table.keyCount == 1:
      if let row = references[table.number][key[0]] { return row }
      return try absentReference(table, key)
    case .accounts:
      let sheet = sheet(of: table)
      let account = AccountKey(first: key[0], second: key.count == 1 ? 0 : key[1])
      let place = sheets[sheet].place(of: account)
      let sums = try sums(at: place, in: sheet)
      return sums == .zero ? nil : sheets[sheet].row(at: place, sums)
    default:
      return try storedRow(table, key)
    }
  }

  /// The row of an entity that is not in memory.
  ///
  /// Some tables, as of PCs that were lost, are empty for years and asked on every debit.
  private func absentReference(_ table: Table, _ key: [Int64]) throws(SQLiteFailure) -> [Cell]? {
    if hasRows[table.number] == nil {
      let first = try connection.prepare(text: "SELECT 1 FROM \(table.name) LIMIT 1")
      hasRows[table.number] = try first.step()
    }
    guard hasRows[table.number] == true, let row = try storedRow(table, key) else { return nil }
    keep(row, of: table)
    return row
  }

  private func storedRow(_ table: Table, _ key: [Int64]) throws(SQLiteFailure) -> [Cell]? {
    let select = try statements(of: table)[.select]
    for (index, value) in key.enumerated() { select.bind(Int32(index + 1), value) }
    defer { select.reset() }
    return try select.step() ? select.row(of: table) : nil
  }

  /// The rows whose keys begin with `prefix`, in key order; gathered sums are written first.
  func rows(_ table: Table, under prefix: [Int64]) throws(SQLiteFailure) -> [[Cell]] {
    if table.layer == .accounts { try writeSums(in: sheet(of: table)) }
    let statements = statements(of: table)
    let select: Statement
    if let made = statements.selectUnder[prefix.count] {
      select = made
    } else {
      let names = table.columns.map(\.name)
      let key = prefix.indices.map { "\(names[$0]) = ?\($0 + 1)" }.joined(separator: " AND ")
      let filter = prefix.isEmpty ? "" : "WHERE \(key)"
      let order = names[..<table.keyCount].joined(separator: ", ")
      select = try connection.prepare(
        text: """
          SELECT \(names.joined(separator: ", ")) FROM \(table.name) \(filter) ORDER BY \(order)
          """)
      statements.selectUnder[prefix.count] = select
    }
    for (index, value) in prefix.enumerated() { select.bind(Int32(index + 1), value) }
    defer { select.reset() }
    var rows: [[Cell]] = []
    while try select.step() { rows.append(select.row(of: table)) }
    return rows
  }

  /// The rows whose looked-up column holds a number, in key order.
  ///
  /// The second column of a key needs no index, which would touch a page of its own for each row that
  /// a sync brings: the rows are found by one look for each value of the first.
  func rows(
    _ table: Table, where column: Int, is value: Int64
  ) throws(SQLiteFailure) -> [[Cell]] {
    precondition(table.indexed == column, "caller bug: \(table.name) has no index on \(column)")
    guard column < table.keyCount else { return try scan(table, where: column, is: value) }
    precondition(column == 1, "caller bug: only the second column of a key is found by the first")
    let names = table.columns.map(\.name)
    let first = names[0]
    let select = try connection.prepare(
      text: """
        WITH RECURSIVE above(value) AS (
          SELECT min(\(first)) FROM \(table.name) UNION ALL
          SELECT (SELECT min(\(first)) FROM \(table.name) WHERE \(first) > value) FROM above
           WHERE value IS NOT NULL
        )
        SELECT \(names.joined(separator: ", ")) FROM above CROSS JOIN \(table.name)
         WHERE \(first) = value AND \(names[column]) = ?1
         ORDER BY \(names[..<table.keyCount].joined(separator: ", "))
        """)
    select.bind(1, value)
    var rows: [[Cell]] = []
    while try select.step() { rows.append(select.row(of: table)) }
    return rows
  }

  /// The rows whose column holds a number, in key order.
  func scan(
    _ table: Table, where column: Int, is value: Int64
  ) throws(SQLiteFailure) -> [[Cell]] {
    precondition(table.layer != .accounts, "caller bug: sums of \(table.name) may not be written")
    let names = table.columns.map(\.name)
    let order = names[..<table.keyCount].joined(separator: ", ")
    let select = try connection.prepare(
      text: """
        SELECT \(names.joined(separator: ", ")) FROM \(table.name) WHERE \(names[column]) = ?1
         ORDER BY \(order)
        """)
    select.bind(1, value)
    var rows: [[Cell]] = []
    while try select.step() { rows.append(select.row(of: table)) }
    return rows
  }

  private func sheet(of table: Table) -> Int {
    guard let sheet = sheets.firstIndex(where: { $0.table === table }) else {
      preconditionFailure("\(table.name) is no table of AccountTable")
    }
    return sheet
  }

  private func sums(
    at place: Int, in sheet: Int
  ) throws(SQLiteFailure) -> AccountSheet.Sums {
    if let stored = sheets[sheet].stored(at: place) { return stored }
    let table = sheets[sheet].table
    let row = try storedRow(table, sheets[sheet].key(at: place).values(count: table.keyCount))
    let sums = row.map(sheets[sheet].sums) ?? .zero
    sheets[sheet].setStored(sums, at: place)
    return sums
  }

  func insert(_ table: Table, _ row: [Cell]) throws(SQLiteFailure) {
    try statements(of: table)[.insert].run(with: row)
    try noteAdded(table, row)
  }

  /// Adds a row of a working set: what it posts and what reads it are rows of it too.
  func restore(_ table: Table, _ row: [Cell]) throws(SQLiteFailure) {
    try statements(of: table)[.insert].run(with: row)
    if table.layer == .reference { hasRows[table.number] = true }
    digests.add(table, row)
    keep(row, of: table)
    for entry in table.standingDesk?(row) ?? [] { try desk.insert(entry) }
  }

  /// Adds a row unless its key is there, and returns the row that is there.
  func insertIfAbsent(_ table: Table, _ row: [Cell]) throws(SQLiteFailure) -> [Cell]? {
    try statements(of: table)[.insertIfAbsent].run(with: row)
    guard connection.changes > 0 else { return try self.row(table, table.key(of: row)) }
    try noteAdded(table, row)
    return nil
  }

  func replace(_ table: Table, _ old: [Cell], by new: [Cell]) throws(SQLiteFailure) {
    try update(table, old, to: new)
    keep(new, of: table)
    if let postings = table.postings {
      post(postings(old), times: -1)
      post(postings(new), times: 1)
    }
  }

  func settle(_ id: OpID, _ verdict: Verdict, isFirst: Bool) throws(SQLiteFailure) {
    if isFirst, verdict == .plain { return }
    try desk.settle(id, verdict, isFirst: isFirst)
  }

  func verdict(of id: OpID) throws(SQLiteFailure) -> Verdict { try desk.verdict(of: id) }

  func isOnDesk(_ entry: DeskEntry) throws(SQLiteFailure) -> Bool { try desk.holds(entry) }

  /// Removes a row and what it posted.
  func remove(_ table: Table, _ row: [Cell]) throws(SQLiteFailure) {
    try delete(table, row)
    if table.layer == .reference, table.keyCount == 1, let key = row[0].integer {
      references[table.number][key] = nil
    }
    if let postings = table.postings { post(postings(row), times: -1) }
  }

  /// Has a derived row settled again.
  func requeue(_ reader: Reader) { readers.add(reader) }

  /// Writes the gathered sums, and hands out the derived rows to settle next; empty when all are.
  func nextReaders() throws(SQLiteFailure) -> [Reader] {
    for index in sheets.indices { try writeSums(in: index) }
    return readers.take()
  }

  /// Writes the gathered digests; all derived rows must be settled.
  func flush() throws(SQLiteFailure) {
    for index in sheets.indices { sheets[index].trim() }
    try digestTable.apply(digests)
    digests.removeAll()
  }

  /// The state's digest as written; flush first.
  func digest() throws(SQLiteFailure) -> StateDigest {
    StateDigest(try partitions())
  }

  /// The kept sums of every partition as written, in no order; flush first.
  func partitions() throws(SQLiteFailure) -> [PartitionDigest] { try digestTable.all() }

  private func writeSums(in sheet: Int) throws(SQLiteFailure) {
    for place in sheets[sheet].takeChanged() { try write(place, in: sheet) }
  }

  /// Adds to an account what its postings came to; an account whose sums are all 0 has no row.
  private func write(_ place: Int, in sheet: Int) throws(SQLiteFailure) {
    let change = sheets[sheet].takeChange(at: place)
    guard change != .zero else { return }
    let old = try sums(at: place, in: sheet)
    var new = old
    for index in 0..<sheets[sheet].sumCount { new[index] += change[index] }
    sheets[sheet].setStored(new, at: place)
    let table = sheets[sheet].table
    let (oldRow, newRow) = (sheets[sheet].row(at: place, old), sheets[sheet].row(at: place, new))
    if old == .zero {
      try insert(table, newRow)
    } else if new == .zero {
      try delete(table, oldRow)
    } else {
      try update(table, oldRow, to: newRow)
    }
  }

  private func update(
    _ table: Table, _ old: [Cell], to new: [Cell]
  ) throws(SQLiteFailure) {
    try statements(of: table)[.update].run(with: new)
    digests.replace(table, old, by: new)
    if let reading = table.readers {
      for reader in reading(old) { readers.add(reader) }
      for reader in reading(new) { readers.add(reader) }
    }
    guard let standing = table.standingDesk else { return }
    for entry in standing(old) { try desk.delete(entry) }
    for entry in standing(new) { try desk.insert(entry) }
  }

  private func delete(_ table: Table, _ row: [Cell]) throws(SQLiteFailure) {
    try statements(of: table)[.delete].run(with: row[..<table.keyCount])
    digests.remove(table, row)
    for reader in table.readers?(row) ?? [] { readers.add(reader) }
    for entry in table.standingDesk?(row) ?? [] { try desk.delete(entry) }
  }

  private func noteAdded(_ table: Table, _ row: [Cell]) throws(SQLiteFailure) {
    if table.layer == .reference { hasRows[table.number] = true }
    digests.add(table, row)
    keep(row, of: table)
    for reader in table.readers?(row) ?? [] { readers.add(reader) }
    if let postings = table.postings { post(postings(row), times: 1) }
    if let standing = table.standingDesk {
      for entry in standing(row) { try desk.insert(entry) }
    }
  }

  private func post(_ postings: [Posting], times sign: Int64) {
    for posting in postings { sheets[posting.table.rawValue].add(posting, times: sign) }
  }

  private func keep(_ row: [Cell], of table: Table) {
    switch table.layer {
    case .reference where table.keyCount == 1:
      guard let key = row[0].integer else { return }
      if references[table.number].count >= Self.referencesMax {
        references[table.number].removeAll(keepingCapacity: true)
      }
      references[table.number][key] = row
    case .accounts:
      let sheet = sheet(of: table)
      let second = table.keyCount == 2 ? row[1].integer : 0
      let key = AccountKey(first: row[0].integer ?? 0, second: second ?? 0)
      let place = sheets[sheet].place(of: key)
      sheets[sheet].setStored(sheets[sheet].sums(row), at: place)
    default: break
    }
  }

  private func statements(of table: Table) -> TableStatements {
    if let made = statements[table.number] { return made }
    let made = TableStatements(table, connection)
    statements[table.number] = made
    return made
  }
}
