import Community
import OpLog
import Testing

/// The read model in memory: what folds need, in the plainest form.
///
/// It also holds folds to the contract of ``FoldState``: a breach is a test failure.
package final class MemoryState: FoldState {
  /// Memory does not fail.
  package typealias Failure = Never

  /// A stretch of a log that a receipt covers.
  private struct Run {
    let receipt: OpID
    let index: Int
    let upTo: UInt64
    let stamp: Int64
  }

  private var tables: [Int: [[Int64]: [Cell]]] = [:]
  /// What stands in rows, added and taken away with each row as the store does.
  private var standing: Set<DeskEntry> = []
  /// What became of each op.
  package private(set) var verdicts: [OpID: Verdict] = [:]
  private var ops: [OpID: Op] = [:]
  private var hashes: [OpID: Digest] = [:]
  private var queue = ReaderQueue()
  /// The residents whose bodies are to be deleted.
  package private(set) var erased: Set<Int64> = []
  private var runs: [ReplicaID: [Run]] = [:]
  /// How far logs bind, as far as it is known.
  var bounds = LogBounds()
  /// What was recorded again, as far as it is known.
  var rerecordings = Rerecordings()

  /// Whether all is about to be folded anew: until then a record may stand beside the one that counts.
  var isOutdated = false

  /// How many rows were read by the beginnings of their keys: what a step costs.
  package private(set) var rowsRead = 0

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
    publish(table, nil, row)
    post(table, row, times: 1)
    ask(table, row)
  }

  /// Replaces a row and posts the difference.
  package func replace(_ table: Table, _ old: [Cell], by new: [Cell]) {
    onAccess?(table, true)
    check(table.key(of: old) == table.key(of: new), "\(table.name): the key changes")
    check(tables[table.number]?[table.key(of: old)] == old, "\(table.name): the old row differs")
    put(table, new)
    publish(table, old, new)
    post(table, old, times: -1)
    post(table, new, times: 1)
    ask(table, old)
    ask(table, new)
  }

  /// Removes a row and what it posted.
  package func remove(_ table: Table, _ row: [Cell]) {
    onAccess?(table, true)
    let key = table.key(of: row)
    check(tables[table.number]?[key] == row, "\(table.name): the removed row differs")
    tables[table.number]?[key] = nil
    publish(table, row, nil)
    post(table, row, times: -1)
    ask(table, row)
  }

  /// The rows whose keys begin with these numbers, in key order.
  package func rows(_ table: Table, under prefix: [Int64]) -> [[Cell]] {
    onAccess?(table, false)
    let keys = (tables[table.number] ?? [:]).keys.filter { $0.starts(with: prefix) }
    rowsRead += keys.count
    return keys.sorted { $0.lexicographicallyPrecedes($1) }
      .compactMap { tables[table.number]?[$0] }
  }

  /// The rows whose column holds a number.
  package func rows(_ table: Table, where column: Int, is value: Int64) -> [[Cell]] {
    precondition(table.indexed == column, "caller bug: \(table.name) has no index on \(column)")
    return scan(table, where: column, is: value)
  }

  /// The same for a column without an index.
  package func scan(_ table: Table, where column: Int, is value: Int64) -> [[Cell]] {
    rows(table, under: []).filter { $0[column].integer == value }
  }

  /// Dated ops of a member of staff after a day.
  package func datedOps(by actor: OpID, after day: Int64) -> [Op] {
    ops.values.filter { op in
      op.actor == actor && Int64(op.occurredOn.day) > day
        && Catalogue.kind(op.kind)?.endsWithAppointment ?? false && verdicts[op.id] != nil
        && rerecordings.counting(op.id) == op.id
    }.sorted { $0.id < $1.id }.map(rerecordings.reading)
  }

  /// Notes whose bodies are to be deleted.
  package func eraseBodies(of resident: Int64) { erased.insert(resident) }

  /// This state keeps no bodies.
  package func moveBodies(of account: Int64) {}

  /// Has a derived row settled.
  package func requeue(_ reader: Reader) { queue.add(reader) }

  /// Settles what reads the rows that changed.
  package func settleReaders() {
    while true {
      let readers = queue.take()
      guard !readers.isEmpty else { return }
      for reader in readers { reader.derived.type.settle(reader.key, in: self) }
    }
  }

  /// An admitted op.
  package func op(_ id: OpID) -> Op {
    guard let op = ops[id] else { preconditionFailure("\(id) is not admitted") }
    return rerecordings.reading(op)
  }

  /// The stamp of the first receipt that covers an op.
  package func receivedAt(_ id: OpID) -> Int64? { firstRun(covering: id)?.stamp }

  /// The stamp of the last receipt in the hubs' order, or nil.
  package func newestReceipt() -> Int64? {
    runs.values.joined().max { $0.receipt < $1.receipt }?.stamp
  }

  /// Whether an op stands behind its log's bound.
  package func isLate(_ id: OpID) -> Bool { bounds.isLate(id) }

  /// The chain hash after an admitted op.
  package func hash(of id: OpID) -> Digest? { hashes[id] }

  /// Where an op stands in the canonical order.
  package func place(of id: OpID) -> Place {
    if id.replica.isHub { return Place(receipt: id, run: -1, seq: id.seq) }
    let run = firstRun(covering: id)
    return Place(receipt: run?.receipt, run: run?.index ?? 0, seq: id.seq)
  }

  private func firstRun(covering id: OpID) -> Run? {
    runs[id.replica]?.filter { $0.upTo >= id.seq }.min { $0.receipt < $1.receipt }
  }

  /// Whether something is on the desk.
  package func isOnDesk(_ entry: DeskEntry) -> Bool { desk.contains(entry) }

  /// Says what became of an op.
  package func settle(_ id: OpID, _ verdict: Verdict, isFirst: Bool) {
    check(isFirst == (verdicts[id] == nil), "\(id): settled as if isFirst were \(isFirst)")
    verdicts[id] = verdict
  }

  /// Lets folds see an op.
  func admit(_ op: Op, hash: Digest) {
    ops[op.id] = op
    hashes[op.id] = hash
    if bounds.end(at: op.id) { requeue(Reader(.endOfLog, Int64(op.id.replica.rawValue))) }
  }

  /// Takes down what a receipt op covers.
  func cover(_ receipt: Receipt, by op: Op) {
    for (index, run) in receipt.runs.enumerated() {
      runs[run.upTo.replica, default: []].append(
        Run(receipt: op.id, index: index, upTo: run.upTo.seq, stamp: op.stamp))
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
      let old = tables[account.number]?[key]
      if let old { ask(account, old) }
      tables[account.number, default: [:]][key] = isEmpty ? nil : sums
      if !isEmpty { ask(account, sums) }
      publish(account, old, isEmpty ? nil : sums)
    }
  }

  /// Takes the old row's entries off the desk and puts the new row's there; no two rows publish one.
  private func publish(_ table: Table, _ old: [Cell]?, _ new: [Cell]?) {
    guard let entries = table.standingDesk else { return }
    for entry in old.map(entries) ?? [] { standing.remove(entry) }
    for entry in new.map(entries) ?? [] {
      let isNew = standing.insert(entry).inserted
      check(isNew || isOutdated, "\(table.name): \(entry) is another row's too")
    }
  }

  private func ask(_ table: Table, _ row: [Cell]) {
    for reader in table.readers?(row) ?? [] { queue.add(reader) }
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
    var desk = standing
    for (id, verdict) in verdicts {
      for reason in verdict.reasons { desk.insert(DeskEntry(reason, subject: id.packed)) }
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
