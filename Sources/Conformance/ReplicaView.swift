import Community
import OpLog

/// What a replica holds, as scenarios look at it.
package protocol ReplicaView {
  /// Every row of a table.
  func rows(of table: Table) throws -> [[Cell]]

  /// What became of an op that the replica holds; nil for one that it does not.
  func verdict(of id: OpID) throws -> Verdict?

  /// The entries of the desk; those of an op itself have detail 0.
  func desk() throws -> Set<DeskEntry>

  /// The files that are surely one person's, as far as names are here: the later with the earlier one.
  func doubles() throws -> [OpID: OpID]

  /// The chain hash after an op that the replica holds; nil for one that it does not.
  func hash(of id: OpID) throws -> Digest?

  /// An op that the replica holds.
  func op(_ id: OpID) throws -> Op

  /// Every op that the replica has folded.
  func facts() throws -> [Fact]

  /// What the report of a month says, in the order of ``PeriodCloseFold/totals``.
  func figures(of month: BusinessDate, in community: OpID) throws -> [Int64]

  /// The person-times of each community in all months together.
  func attendance() throws -> [OpID: Attendance]

  /// How far the replica holds and folded each log.
  func heads() throws -> [ReplicaID: UInt64]

  /// The state digest as text.
  func digest() throws -> String
}

extension Expectation {
  /// What of it a replica does not fulfil.
  ///
  /// - Parameters:
  ///   - view: The replica.
  ///   - names: What the scenario's names stand for; other scenarios may share the street.
  /// - Returns: The differences in words.
  /// - Throws: ``ScenarioError`` when it asks for something that there cannot be.
  package func findings(in view: any ReplicaView, _ names: Names) throws -> [String] {
    var findings: [String] = []
    for row in rows { findings += try finding(of: row, in: view, names).map { [$0] } ?? [] }
    for count in counts {
      let number = try self.number(of: count, in: view, names)
      if number != count.number {
        findings.append("\(number) rows of \(count.table) instead of \(count.number)")
      }
    }
    for (name, outcome) in outcomes {
      let found = try view.verdict(of: names.op(name))?.outcome.rawValue ?? "not here"
      if found != outcome { findings.append("\(name) is \(found) instead of \(outcome)") }
    }
    if let desk { findings += try Self.findings(of: desk, in: view, names) }
    if let doubles {
      var expected: [OpID: OpID] = [:]
      for pair in doubles {
        expected[try names.id(pair.file)] = try names.id(pair.of)
      }
      let found = try view.doubles().filter { names.isOurs($0.key.packed) }
      if found != expected { findings.append("one person's: \(found) instead of \(expected)") }
    }
    return findings
  }

  private func finding(
    of row: Row, in view: any ReplicaView, _ names: Names
  ) throws -> String? {
    let table = try Self.table(row.table)
    var key: [Int64] = []
    for part in row.key { key.append(try names.integer(part)) }
    guard key.count == table.keyCount else {
      throw ScenarioError("the key of \(table.name) has \(table.keyCount) parts")
    }
    let what = "\(table.name) \(row.key.joined(separator: " "))"
    let found = try view.rows(of: table).first { table.key(of: $0) == key }
    guard let columns = row.columns else {
      return found.map { "\(what) is there: \($0)" }
    }
    guard let found else { return "\(what) is not there" }
    for (name, value) in columns {
      let (index, column) = try Self.column(name, of: table)
      let cell = try names.cell(value, in: column)
      if found[index] != cell {
        return "\(what): \(name) is \(Self.text(found[index])) instead of \(Self.text(cell))"
      }
    }
    return nil
  }

  /// Rows of the scenario: those whose key begins with an id of one of its offices.
  private func number(
    of count: Count, in view: any ReplicaView, _ names: Names
  ) throws -> Int {
    let table = try Self.table(count.table)
    var wanted: [(index: Int, cell: Cell)] = []
    for (name, value) in count.columns {
      let (index, column) = try Self.column(name, of: table)
      wanted.append((index, try names.cell(value, in: column)))
    }
    return try view.rows(of: table).count { row in
      names.isOurs(table.key(of: row)[0]) && wanted.allSatisfy { row[$0.index] == $0.cell }
    }
  }

  private static func findings(
    of desk: [Entry], in view: any ReplicaView, _ names: Names
  ) throws -> [String] {
    var expected: Set<DeskEntry> = []
    for entry in desk {
      guard let reason = DeskReason(rawValue: entry.reason) else {
        throw ScenarioError("there is no reason \(entry.reason)")
      }
      // An office has a number and is no op: what is about one is packed like its op 0.
      let subject = try names.integer(entry.subject) << (entry.subject.hasPrefix("@") ? 32 : 0)
      expected.insert(
        DeskEntry(reason, subject: subject, detail: try names.integer(entry.detail)))
    }
    let found = try view.desk().filter { names.isOurs($0.subject) }
    let missing = expected.subtracting(found).map { "not on the desk: \(names.text($0))" }
    let surplus = found.subtracting(expected).map { "on the desk: \(names.text($0))" }
    return (missing + surplus).sorted()
  }

  private static func table(_ name: String) throws(ScenarioError) -> Table {
    guard let table = Tables.all.first(where: { $0.name == name }) else {
      throw ScenarioError("there is no table \(name)")
    }
    return table
  }

  private static func column(
    _ name: String, of table: Table
  ) throws(ScenarioError) -> (index: Int, column: Column) {
    guard let index = table.columns.firstIndex(where: { $0.name == name }) else {
      throw ScenarioError("\(table.name) has no column \(name)")
    }
    return (index, table.columns[index])
  }

  private static func text(_ cell: Cell) -> String {
    switch cell {
    case .null: "null"
    case .integer(let value): OpID(packed: value).map { "\(value) (\($0))" } ?? "\(value)"
    case .text(let text): text
    }
  }
}

extension Names {
  /// Whether an id, or a replica's number, is of this scenario.
  fileprivate func isOurs(_ id: Int64) -> Bool {
    guard let op = OpID(packed: id) else {
      return replicas.values.contains { Int64($0.rawValue) == id || Int64($0.rawValue) << 32 == id }
    }
    return replicas.values.contains(op.replica) || ops.values.contains(op)
  }

  fileprivate func text(_ entry: DeskEntry) -> String {
    let op = OpID(packed: entry.subject)
    let name = ops.first { $0.value == op }?.key
    let subject = name.map { "$\($0)" } ?? op?.description ?? "\(entry.subject)"
    return "\(entry.reason.rawValue) \(subject) \(entry.detail)"
  }
}
