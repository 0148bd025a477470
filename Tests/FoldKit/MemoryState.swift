import Community
import OpLog
import Testing

/// The read model in memory: what folds need, in the plainest form.
///
/// It also holds folds to the contract of ``FoldState``: a breach is a test failure.
package final class MemoryState: FoldState {
  /// Memory does not fail.
  package typealias Failure = Never

  private var tables: [Int: [[Int64]: [Cell]]] = [:]
  /// What became of each op.
  package private(set) var verdicts: [OpID: Verdict] = [:]
  private var ops: [OpID: Op] = [:]
  private var runs: [ReplicaID: [(receipt: OpID, upTo: UInt64, stamp: Int64)]] = [:]

  /// Told of each table that a fold reads or writes.
  package var onAccess: ((_ table: Table, _ isWrite: Bool) -> Void)?

  /// The row under a key, or nil.
  package func row(_ table: Table, _ key: [Int64]) -> [Cell]? {
    onAccess?(table, false)
    return tables[table.number]?[key]
  }

  /// Adds a row and posts what it publishes.
  package func insert(_ table: Table, _ row: [Cell]) {
    onAccess?(table, true)
    check(tables[table.number]?[table.key(of: row)] == nil, "\(table.name): key is there already")
    put(table, row)
    post(table, row, times: 1)
  }

  /// Replaces a row and posts the difference.
  package func replace(_ table: Table, _ old: [Cell], by new: [Cell]) {
    onAccess?(table, true)
    check(table.key(of: old) == table.key(of: new), "\(table.name): the key changes")
    check(tables[table.number]?[table.key(of: old)] == old, "\(table.name): the old row differs")
    put(table, new)
    post(table, old, times: -1)
    post(table, new, times: 1)
  }

  /// An admitted op.
  package func op(_ id: OpID) -> Op {
    guard let op = ops[id] else { preconditionFailure("\(id) is not admitted") }
    return op
  }

  /// The stamp of the first receipt that covers an op.
  package func receivedAt(_ id: OpID) -> Int64? {
    var first: (receipt: OpID, stamp: Int64)?
    for run in runs[id.replica] ?? [] where run.upTo >= id.seq {
      if let first, first.receipt <= run.receipt { continue }
      first = (run.receipt, run.stamp)
    }
    return first?.stamp
  }

  /// Says what became of an op.
  package func settle(_ id: OpID, _ verdict: Verdict, isFirst: Bool) {
    check(isFirst == (verdicts[id] == nil), "\(id): settled as if isFirst were \(isFirst)")
    verdicts[id] = verdict
  }

  /// Lets folds see an op.
  func admit(_ op: Op) { ops[op.id] = op }

  /// Takes down what a receipt op covers.
  func cover(_ receipt: Receipt, by op: Op) {
    for run in receipt.runs {
      runs[run.upTo.replica, default: []].append((op.id, run.upTo.seq, op.stamp))
    }
  }

  private func put(_ table: Table, _ row: [Cell]) {
    check(row.count == table.columns.count, "\(table.name): \(row.count) cells")
    for (column, cell) in zip(table.columns, row) {
      let fits =
        switch cell {
        case .null: column.isOptional
        case .integer: !column.isText
        case .text: column.isText
        }
      check(fits, "\(table.name).\(column.name): \(cell)")
    }
    tables[table.number, default: [:]][table.key(of: row)] = row
  }

  /// Adds what a row publishes to the accounts; an account without any sum has no row.
  private func post(_ table: Table, _ row: [Cell], times sign: Int64) {
    guard let postings = table.postings else { return }
    for posting in postings(row) {
      let account = posting.table.table
      var key = [posting.key.first]
      if account.keyCount == 2 { key.append(posting.key.second) }
      var sums = tables[account.number]?[key] ?? key.map(Cell.integer)
      var isEmpty = true
      for (index, amount) in posting.amounts.enumerated() {
        let column = account.keyCount + index
        if column == sums.count { sums.append(.integer(0)) }
        let sum = (sums[column].integer ?? 0) + sign * amount
        sums[column] = .integer(sum)
        if sum != 0 { isEmpty = false }
      }
      tables[account.number, default: [:]][key] = isEmpty ? nil : sums
    }
  }

  private func check(_ condition: Bool, _ message: @autoclosure () -> String) {
    if !condition { Issue.record("\(message())") }
  }
}

extension MemoryState {
  /// Every row, by table number and key.
  package var rows: [Int: [[Int64]: [Cell]]] { tables.filter { !$0.value.isEmpty } }

  /// What staff have to look at: the reasons of ops, and what stands in rows.
  package var desk: Set<DeskEntry> {
    var desk: Set<DeskEntry> = []
    for (id, verdict) in verdicts {
      for reason in verdict.reasons { desk.insert(DeskEntry(reason, subject: id.packed)) }
    }
    for table in Tables.all {
      guard let standing = table.standingDesk else { continue }
      for row in (tables[table.number] ?? [:]).values { desk.formUnion(standing(row)) }
    }
    return desk
  }

  /// One value of one row, by the names of its table and column.
  package func cell(_ table: String, _ key: [Int64], _ column: String) throws -> Cell? {
    let table = try self.table(table)
    guard let index = table.columns.firstIndex(where: { $0.name == column }) else {
      throw NoSuchName(name: column)
    }
    return tables[table.number]?[key]?[index]
  }

  /// One sum of an account; 0 where there is no row.
  package func sum(_ table: String, _ key: [Int64], _ column: String) throws -> Int64 {
    try cell(table, key, column)?.integer ?? 0
  }

  /// Whether the hub issued a replica's id.
  package func isEnrolled(_ replica: ReplicaID) -> Bool {
    tables[Tables.replica.number]?[[Int64(replica.rawValue)]] != nil
  }

  /// How many rows a table has.
  package func count(_ table: String) throws -> Int {
    let number = try self.table(table).number
    return tables[number]?.count ?? 0
  }

  private func table(_ name: String) throws -> Table {
    guard let table = Tables.all.first(where: { $0.name == name }) else {
      throw NoSuchName(name: name)
    }
    return table
  }
}

/// A test asked for a table or column that is not declared.
package struct NoSuchName: Error {
  /// What it asked for.
  package let name: String
}
