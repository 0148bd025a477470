import Community
import OpLog
import SQLite

/// An office that begins on a working set: its counter works on the rows of a checkpoint while the history
/// comes in, is stored, and is not folded. When all of it is here, all is folded from the ops.
extension Store {
  /// What this office works on while the history comes in; nil for one that has it.
  package var bootstrap: Bootstrap? { keptBootstrap }

  /// Whether an office has nothing yet, so that it may begin on a working set.
  package var isBlank: Bool {
    get throws(StoreError) {
      guard bootstrap == nil, try setting(.formerIDs) == nil else { return false }
      for replica in try replicas() where try storedHead(of: replica).seq > 0 { return false }
      return true
    }
  }

  /// How much of the history is here: ops held of others, and how many there are to be.
  package func history() throws(StoreError) -> (held: UInt64, total: UInt64)? {
    guard let bootstrap else { return nil }
    var held: UInt64 = 0
    for replica in try replicas() where replica != identity.replica {
      held += try storedHead(of: replica).seq
    }
    return (min(held, bootstrap.opCount), bootstrap.opCount)
  }

  /// The tables whose rows in the checkpoint were not what the history says, by name; empty when all was
  /// well.
  ///
  /// `log` stands for a hub that does not have the log that the rows were the state of, although it gave them
  /// in its present life: what a former life lost accuses nobody.
  package func checkpointFaults() throws(StoreError) -> [String] {
    let bytes = try setting(.checkpointFaults) ?? []
    return String(decoding: bytes, as: UTF8.self).split(separator: " ").map(String.init)
  }

  /// Begins on a working set; inside ``write(_:)``.
  ///
  /// - Returns: Whether it fits: it is of this catalogue, its rows are rows of its tables, and this office
  ///   is in it. Nothing is changed where not.
  /// - Throws: ``StoreError``.
  package func begin(on set: WorkingSet) throws(StoreError) -> Bool {
    precondition(!identity.replica.isHub, "caller bug: a hub has the history")
    guard try isBlank, set.catalogue == edition.version,
      set.lives.contains(identity.incarnation), let tables = Self.rows(of: set),
      tables.contains(where: { table, rows in
        table === Tables.replica
          && rows.contains { $0[0] == .integer(Int64(identity.replica.rawValue)) }
      })
    else { return false }
    for life in set.lives { try note(life) }
    var sums: [Bootstrap.TableSum] = []
    for (table, rows) in tables {
      sums.append(Self.sum(of: rows, in: table))
      try StoreError.wrap { () throws(SQLiteFailure) in
        for row in rows { try model.restore(table, row) }
      }
    }
    try StoreError.wrap { () throws(SQLiteFailure) in
      for (op, hash) in zip(set.ops, set.hashes) { try ahead.add(op, hash: hash) }
    }
    let begun = Bootstrap(set, sums: sums)
    try self.set(.bootstrap, begun.bytes)
    keptBootstrap = begun
    return true
  }

  /// Whether ops are held that only a newer program can fold: what they touch is not what the rows say.
  package var hasParked: Bool {
    get throws(StoreError) {
      try StoreError.wrap { () throws(SQLiteFailure) in
        try connection.scalar("SELECT 1 FROM parked_ref LIMIT 1") != nil
      }
    }
  }

  /// Folds the history, which is here up to the hub's present head, and keeps others waiting meanwhile;
  /// inside ``write(_:)``.
  ///
  /// What was recorded here meanwhile is folded behind it, like all that the hub has not taken in.
  package func endBootstrap() throws(StoreError) {
    guard let begun = bootstrap else { return }
    try dropBootstrap()
    guard try begun.head.replica == hub, try !holds(begun.head) else { return }
    // The hub does not have the log that the rows were the state of.
    try noteCheckpoint(["log"])
  }

  /// Drops the rows before the history is here, and folds what there is of it; inside ``write(_:)``.
  package func dropBootstrap() throws(StoreError) {
    guard bootstrap != nil else { return }
    try flush()
    try refoldAll { _ in }
  }

  /// The ops that came ahead of their logs are not asked for any more; the tables are made anew.
  ///
  /// - Returns: What the rows were to come to.
  func forgetBootstrap() throws(StoreError) -> Bootstrap? {
    guard let begun = bootstrap else { return nil }
    try StoreError.wrap { () throws(SQLiteFailure) in try ahead.removeAll() }
    try clear(.bootstrap)
    keptBootstrap = nil
    return begun
  }

  /// Holds the rows that were begun on against those that the history makes; its fold has just come to the
  /// entry of which they were the state.
  ///
  /// Ops that bound logs, and records of what was recorded before, are known from the start of a fold and
  /// reach back, so that an entry's state is not what it was: then nothing can be said.
  func compare(_ begun: Bootstrap) throws(StoreError) {
    try flush()
    guard rerecordingsCache?.isEmpty ?? true, try !isBoundedBehind(begun.head),
      let since = BusinessDate(day: begun.since)
    else { return try clear(.checkpointFaults) }
    var faults: [String] = []
    let known = Dictionary(uniqueKeysWithValues: begun.sums.map { ($0.table, $0.sum) })
    for table in Tables.all {
      let rows = try workingRows(of: table, since: since)
      guard Self.sum(of: rows, in: table).sum != known[table.number] ?? LaneSum() else { continue }
      faults.append(table.name)
    }
    try noteCheckpoint(faults)
  }

  /// Keeps what a checkpoint got wrong.
  func noteCheckpoint(_ faults: [String]) throws(StoreError) {
    guard !faults.isEmpty else { return try clear(.checkpointFaults) }
    try set(.checkpointFaults, Array(faults.joined(separator: " ").utf8))
  }

  private func isBoundedBehind(_ head: Head) throws(StoreError) -> Bool {
    try StoreError.wrap { () throws(SQLiteFailure) in
      let select = try connection.prepare("SELECT 1 FROM bounding WHERE op > ?1")
      select.bind(1, Int64(head.replica.rawValue) << 32 | Int64(head.seq))
      return try select.step()
    }
  }

  private static func sum(of rows: [[Cell]], in table: Table) -> Bootstrap.TableSum {
    var sum = Bootstrap.TableSum(table: table.number, sum: LaneSum())
    for row in rows {
      let hash = RowHash(table, row)
      sum.sum.add(LaneSum(a: hash.a, b: hash.b))
    }
    return sum
  }

  /// The rows of a working set with their tables; nil where they are no rows of these.
  private static func rows(of set: WorkingSet) -> [(Table, [[Cell]])]? {
    var tables: [(Table, [[Cell]])] = []
    for given in set.tables {
      guard let table = Tables.all.first(where: { $0.number == given.number }),
        table.columns.count == given.columns.count
      else { return nil }
      var columns: [[Cell]] = []
      for (column, values) in zip(table.columns, given.columns) {
        let cells: [Cell]
        switch values {
        case .integers(let values) where !column.isText:
          cells = values.map { $0.map(Cell.integer) ?? .null }
        case .texts(let values) where column.isText:
          cells = values.map { $0.map(Cell.text) ?? .null }
        default: return nil
        }
        guard cells.count == given.count, column.isOptional || !cells.contains(.null) else {
          return nil
        }
        columns.append(cells)
      }
      let rows = (0..<given.count).map { index in columns.map { $0[index] } }
      let keys = rows.map { table.key(of: $0) }
      guard zip(keys, keys.dropFirst()).allSatisfy({ $0.lexicographicallyPrecedes($1) }) else {
        return nil
      }
      tables.append((table, rows))
    }
    return tables
  }
}
