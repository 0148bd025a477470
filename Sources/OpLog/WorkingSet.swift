/// What a counter needs of a street's state, as of one entry of the hub's log (Protocol/checkpoint.md).
///
/// Rows of tables as plain columns: this layer does not know what they mean.
package struct WorkingSet: Equatable, Sendable {
  /// The catalogue by which the rows were folded.
  package var catalogue: UInt32
  /// The hub's log up to the entry whose state this is.
  package var head: Head
  /// How many ops the hub's log holds and covers there.
  package var opCount: UInt64
  /// The stamp of the newest receipt there, in ms since 1970-01-01 UTC; 0 before the first.
  package var receivedAt: Int64
  /// The first day of which limits per month are whole, in days since 1970-01-01.
  package var since: Int64
  /// The hub's lives, the oldest first.
  package var lives: [Incarnation]
  /// The tables of which something is here, by number, ascending.
  package var tables: [TableRows]
  /// The ops that new ones may name, by id, ascending.
  package var ops: [Op]
  /// The chain hash after each of them.
  package var hashes: [Digest]

  /// Makes a working set.
  package init(
    catalogue: UInt32, head: Head, opCount: UInt64, receivedAt: Int64, since: Int64,
    lives: [Incarnation], tables: [TableRows], ops: [Op], hashes: [Digest]
  ) {
    self.catalogue = catalogue
    self.head = head
    self.opCount = opCount
    self.receivedAt = receivedAt
    self.since = since
    self.lives = lives
    self.tables = tables
    self.ops = ops
    self.hashes = hashes
  }
}

/// Rows of one table, in the order of their keys.
package struct TableRows: Equatable, Sendable {
  /// The table's number.
  package var number: Int
  /// How many rows.
  package var count: Int
  /// The columns, each with a value for each row.
  package var columns: [ColumnValues]

  /// Makes rows.
  package init(number: Int, count: Int, columns: [ColumnValues]) {
    self.number = number
    self.count = count
    self.columns = columns
  }
}

/// The values of one column; nil is NULL.
package enum ColumnValues: Equatable, Sendable {
  case integers([Int64?])
  case texts([String?])
}
