/// The rows of a table whose first key column holds ids of one replica.
package struct Partition: Hashable, Comparable, Sendable {
  /// The table's number.
  package let table: Int
  /// The replica.
  package let replica: UInt32

  /// Names a partition.
  package init(table: Int, replica: UInt32) {
    self.table = table
    self.replica = replica
  }

  package static func < (left: Partition, right: Partition) -> Bool {
    (left.table, left.replica) < (right.table, right.replica)
  }
}

/// What the rows of a partition come to.
package struct PartitionSum: Hashable, Sendable {
  /// Which partition.
  package let partition: Partition
  /// How many rows.
  package let rows: UInt64
  /// Their hashes.
  package let sum: LaneSum

  /// Makes a sum.
  package init(_ partition: Partition, rows: UInt64, sum: LaneSum) {
    self.partition = partition
    self.rows = rows
    self.sum = sum
  }
}

/// Rows of a partition between two keys, in the order of their keys.
package struct RowRange: Hashable, Sendable {
  /// Which partition.
  package let partition: Partition
  /// The key before the first row; nil for the partition's start.
  package let after: [Int64]?
  /// The last key; nil for the partition's end.
  package let through: [Int64]?

  /// Makes a range; without keys, the whole partition.
  package init(_ partition: Partition, after: [Int64]? = nil, through: [Int64]? = nil) {
    self.partition = partition
    self.after = after
    self.through = through
  }
}

/// What the next rows of a range come to.
package struct RowSpan: Hashable, Sendable {
  /// The key at which the span ends; nil for the end of the range.
  package let through: [Int64]?
  /// How many rows.
  package let rows: UInt64
  /// Their hashes.
  package let sum: LaneSum

  /// Makes a span.
  package init(through: [Int64]?, rows: UInt64, sum: LaneSum) {
    self.through = through
    self.rows = rows
    self.sum = sum
  }
}

/// A row by its key, and its hash.
package struct RowSum: Hashable, Sendable {
  /// The key columns.
  package let key: [Int64]
  /// The row's hash.
  package let sum: LaneSum

  /// Makes one.
  package init(key: [Int64], sum: LaneSum) {
    self.key = key
    self.sum = sum
  }
}

/// A row that two replicas with equal logs hold differently: one of them is wrong.
package struct RowDifference: Hashable, Sendable {
  /// Where the row is.
  package let partition: Partition
  /// The row's key columns; empty where no row differs, but what is kept about all of them.
  package let key: [Int64]
  /// The hash of the row at the office; nil where it has no such row.
  package let office: LaneSum?
  /// The hash of the row at the hub; nil where it has no such row.
  package let hub: LaneSum?

  /// Makes a difference.
  package init(_ partition: Partition, key: [Int64], office: LaneSum?, hub: LaneSum?) {
    self.partition = partition
    self.key = key
    self.office = office
    self.hub = hub
  }
}
