import Community
import OpLog
import SQLite

/// What the log and the desk know about an op, and where an op or entity is named.
extension Store {
  private enum ExplainSQL {
    /// ?1 op, packed.
    static let entries: StaticString = "SELECT DISTINCT reason FROM desk WHERE subject = ?1"
    /// ?1 replica, ?2 seq.
    ///
    /// Files, activities, items, and the desk have no month, as in the view `desk_entries`.
    static let month = """
      SELECT posted_month FROM op_months WHERE replica = ?1 AND seq = ?2
         AND posted_month <> month AND kind IN (\(Views.monthly))
      """
    /// ?1 the bytes of a reference; walks the log.
    static let referring: StaticString =
      "SELECT op FROM log WHERE instr(op, ?1) > 0 ORDER BY replica, seq"
  }

  /// An op with who, how, and what became of it.
  func trace(_ op: Op, as role: String) throws(StoreError) -> OpTrace {
    let run = try StoreError.wrap { () throws(SQLiteFailure) in
      try receipts.run(covering: op.id)
    }
    let writer = try row(Tables.replica, id: Int64(op.id.replica.rawValue))
    let posted = try postedMonth(of: op.id)
    // What stands on the desk about a person or an item says nothing of one of their records.
    let isThing = Self.directoryKinds.contains(op.kind) && role != "record"
    var entries = isThing ? [] : try deskEntries(about: op.id)
    if posted != nil { entries.append(try entry(.lateForClosedMonth, about: op.id)) }
    return OpTrace(
      op: op, role: role, verdict: try verdict(of: op.id), entries: entries,
      office: writer?[3].text, receipt: run.map { ($0.receipt, $0.receivedAt) },
      postedMonth: posted)
  }

  /// The ops that name an op in their payload, in canonical order.
  func referring(to id: OpID) throws(StoreError) -> [Op] {
    var writer = CBORWriter()
    writer.reference(id)
    let reference = writer.bytes
    let stored = try StoreError.wrap { () throws(SQLiteFailure) -> [[UInt8]] in
      let select = try connection.prepare(ExplainSQL.referring)
      select.bind(1, reference)
      var stored: [[UInt8]] = []
      while try select.step() { stored.append(select.bytes(0)) }
      return stored
    }
    var placed: [(place: Place, op: Op)] = []
    for bytes in stored {
      guard let op = try? Op(decoding: bytes), op.references.contains(id),
        try foldedHead(of: op.id.replica).seq >= op.id.seq
      else { continue }
      placed.append((try place(of: op.id), op))
    }
    return placed.sorted { left, right in
      if left.place < right.place { return true }
      return right.place < left.place ? false : left.op.id < right.op.id
    }.map(\.op)
  }

  /// The rows of a table that are about an op: by key, or because it stands in them.
  func rows(of table: Table, about id: OpID) throws(StoreError) -> [[Cell]] {
    var conditions: [String] = []
    for (index, column) in table.columns.enumerated() {
      let isKey = index == 0 || (table.layer == .accounts && index < table.keyCount)
      if isKey || RowReading.aboutColumns.contains(column.name) {
        conditions.append("\(column.name) = ?1")
      } else if RowReading.isList(column) {
        conditions.append("instr(' ' || \(column.name) || ' ', ?2) > 0")
      }
    }
    let hasLists = table.columns.contains(where: RowReading.isList)
    return try rows(of: table, where: conditions.joined(separator: " OR ")) { select in
      select.bind(1, id.packed)
      if hasLists { select.bind(2, " \(id) ") }
    }
  }

  /// The rows of a table in which an id stands in any column.
  func rows(of table: Table, mentioning id: OpID) throws(StoreError) -> [[Cell]] {
    let columns = table.columns.filter { !$0.isText }.map(\.name).joined(separator: ", ")
    return try rows(of: table, where: "?1 IN (\(columns))") { $0.bind(1, id.packed) }
  }

  private func rows(
    of table: Table, where condition: String, _ bind: (borrowing Statement) -> Void
  ) throws(StoreError) -> [[Cell]] {
    try StoreError.wrap { () throws(SQLiteFailure) in
      let names = table.columns.map(\.name)
      let key = names[..<table.keyCount].joined(separator: ", ")
      let select = try connection.prepare(
        text: """
          SELECT \(names.joined(separator: ", ")) FROM \(table.name) WHERE \(condition)
           ORDER BY \(key)
          """)
      bind(select)
      var rows: [[Cell]] = []
      while try select.step() { rows.append(select.row(of: table)) }
      return rows
    }
  }

  private func deskEntries(about id: OpID) throws(StoreError) -> [TracedEntry] {
    let reasons = try StoreError.wrap { () throws(SQLiteFailure) -> [DeskReason] in
      let select = try connection.prepare(ExplainSQL.entries)
      select.bind(1, id.packed)
      var reasons: [DeskReason] = []
      while try select.step() {
        if let reason = DeskReason(rawValue: select.text(0)) { reasons.append(reason) }
      }
      return reasons
    }
    return try reasons.map { (reason) throws(StoreError) in try entry(reason, about: id) }
  }

  private func entry(_ reason: DeskReason, about id: OpID) throws(StoreError) -> TracedEntry {
    var resolution: TracedResolution?
    for row in try rows(Tables.resolution, under: [id.packed])
    where row[3] == .text(reason.rawValue) && row[6] == .null {
      guard let op = row[1].id, let outcome = row[4].integer.flatMap(Resolution.init),
        try outcome.endsEntry(about: id.packed, in: self)
      else { continue }
      resolution = TracedResolution(op: op, outcome: outcome.name)
    }
    return TracedEntry(reason: reason, resolution: resolution)
  }

  private func postedMonth(of id: OpID) throws(StoreError) -> BusinessDate? {
    try StoreError.wrap { () throws(SQLiteFailure) in
      let select = try connection.prepare(text: ExplainSQL.month)
      select.bind(1, Int64(id.replica.rawValue))
      select.bind(2, Int64(id.seq))
      return try select.step() ? BusinessDate(day: select.integer(0)) : nil
    }
  }
}
