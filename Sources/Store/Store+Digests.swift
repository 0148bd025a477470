import Community
import OpLog
import SQLite

/// The state digest in parts, down to the row.
extension Store {
  /// The partitions that have rows, as their sums are kept, ascending.
  package func partitionSums() throws(StoreError) -> [PartitionSum] {
    try flush()
    let kept = try StoreError.wrap { () throws(SQLiteFailure) in try model.partitions() }
    return kept.filter { $0.rows > 0 }.map(\.total).sorted { $0.partition < $1.partition }
  }

  /// What the rows of a range come to, read from the table itself.
  package func sum(of range: RowRange) throws(StoreError) -> (rows: UInt64, sum: LaneSum) {
    var total = (rows: UInt64(0), sum: LaneSum())
    try walk(range) { _, sum in
      total.rows += 1
      total.sum.add(sum)
    }
    return total
  }

  /// Walks the rows of a range in the order of their keys.
  package func walk(
    _ range: RowRange, _ body: (_ key: [Int64], _ sum: LaneSum) -> Void
  ) throws(StoreError) {
    guard let table = Tables.all.first(where: { $0.number == range.partition.table }) else {
      return
    }
    let replica = Int64(range.partition.replica)
    // First key columns are either replicas or ids, whose upper half is the replica.
    for first in [replica...replica, replica << 32...(replica << 32 | 0xFFFF_FFFF)] {
      try StoreError.wrap { () throws(SQLiteFailure) in
        let rows = try select(range, of: table, first)
        defer { rows.reset() }
        while try rows.step() {
          let row = rows.row(of: table)
          body(table.key(of: row), RowHash(table, row).sum)
        }
      }
      if replica == 0 { return }
    }
  }

  private func select(
    _ range: RowRange, of table: Table, _ first: ClosedRange<Int64>
  ) throws(SQLiteFailure) -> Statement {
    let names = table.columns.map(\.name)
    let key = names[..<table.keyCount].joined(separator: ", ")
    var filter = "\(names[0]) BETWEEN ? AND ?"
    let values = Array(repeating: "?", count: table.keyCount).joined(separator: ", ")
    if range.after != nil { filter += " AND (\(key)) > (\(values))" }
    if range.through != nil { filter += " AND (\(key)) <= (\(values))" }
    let select = try connection.prepare(
      text: """
        SELECT \(names.joined(separator: ", ")) FROM \(table.name) WHERE \(filter) ORDER BY \(key)
        """)
    // A bound on the first column lets SQLite begin there, whatever it makes of the whole key.
    var bounds = [
      max(first.lowerBound, range.after?.first ?? .min),
      min(first.upperBound, range.through?.first ?? .max),
    ]
    bounds += (range.after ?? []) + (range.through ?? [])
    for (index, value) in bounds.enumerated() { select.bind(Int32(index + 1), value) }
    return select
  }

  /// Sums a range in at most so many spans of about the same number of rows.
  ///
  /// - Returns: The spans in order; the last ends where the range does. None where there are no more
  ///   rows than that.
  package func spans(of range: RowRange, max count: Int) throws(StoreError) -> [RowSpan] {
    let total = try sum(of: range).rows
    guard total > UInt64(count) else { return [] }
    let size = (total + UInt64(count) - 1) / UInt64(count)
    var spans: [RowSpan] = []
    var (rows, sum) = (UInt64(0), LaneSum())
    try walk(range) { key, hash in
      rows += 1
      sum.add(hash)
      guard rows == size, spans.count < count - 1 else { return }
      spans.append(RowSpan(through: key, rows: rows, sum: sum))
      (rows, sum) = (0, LaneSum())
    }
    spans.append(RowSpan(through: range.through, rows: rows, sum: sum))
    return spans
  }

  /// The partitions whose rows are not what their kept sums say, ascending.
  ///
  /// Somebody or something changed a table past the program. Reads every table.
  package func damagedPartitions() throws(StoreError) -> [Partition] {
    var counted = DigestChanges()
    for table in Tables.all {
      try StoreError.wrap { () throws(SQLiteFailure) in
        let names = table.columns.map(\.name).joined(separator: ", ")
        let rows = try connection.prepare(text: "SELECT \(names) FROM \(table.name)")
        while try rows.step() { counted.add(table, rows.row(of: table)) }
      }
    }
    let found = Set(counted.changes.values.map(\.total))
    let kept = Set(try partitionSums())
    return Set(found.symmetricDifference(kept).map(\.partition)).sorted()
  }
}

extension PartitionDigest {
  /// The same as it is compared with others.
  var total: PartitionSum {
    PartitionSum(
      Partition(table: table, replica: replica), rows: rows, sum: LaneSum(a: a, b: b))
  }
}

extension RowHash {
  /// The lanes of one row.
  fileprivate var sum: LaneSum { LaneSum(a: a, b: b) }
}
