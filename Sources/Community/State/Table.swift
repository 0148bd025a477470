import OpLog

/// One value in a row of the read model.
package enum Cell: Hashable, Sendable {
  case null
  case integer(Int64)
  case text(String)

  /// An id as its packed integer, or null.
  package static func id(_ id: OpID?) -> Cell { id.map { .integer($0.packed) } ?? .null }

  /// A list of ids as text, or null for none.
  package static func list(_ ids: [OpID]) -> Cell {
    ids.isEmpty ? .null : .text(OpList.encode(ids))
  }

  /// The integer, or nil for null; a text here is a bug.
  package var integer: Int64? {
    switch self {
    case .null: nil
    case .integer(let value): value
    case .text: preconditionFailure("an integer column holds text")
    }
  }

  /// The op id, or nil for null.
  package var id: OpID? { integer.flatMap(OpID.init(packed:)) }

  /// The text, or the empty string for null; an integer here is a bug.
  package var text: String {
    switch self {
    case .null: ""
    case .text(let value): value
    case .integer: preconditionFailure("a text column holds an integer")
    }
  }
}

/// Which of the three fold layers a table belongs to; a fold reads its own layer and those above.
package enum Layer: Int, CaseIterable, Sendable, Comparable {
  case reference, facts, accounts

  package static func < (left: Layer, right: Layer) -> Bool { left.rawValue < right.rawValue }
}

/// A column of a read-model table.
package struct Column: Sendable, Equatable {
  /// The SQL name, snake_case.
  package let name: String
  /// Whether it holds text; else an integer (ids are packed: replica × 2^32 + seq).
  package let isText: Bool
  /// Whether it may be null.
  package let isOptional: Bool

  /// An integer or id that is always there.
  package static func integer(_ name: String) -> Column {
    Column(name: name, isText: false, isOptional: false)
  }

  /// An integer or id that may be absent.
  package static func optional(_ name: String) -> Column {
    Column(name: name, isText: false, isOptional: true)
  }

  /// A text that may be absent.
  package static func optionalText(_ name: String) -> Column {
    Column(name: name, isText: true, isOptional: true)
  }

  /// A text that is always there, maybe empty.
  package static func text(_ name: String) -> Column {
    Column(name: name, isText: true, isOptional: false)
  }
}

/// One table of the read model, as folds see it; `Store` makes the SQL from this.
///
/// A row is the cells in column order; the first `keyCount` columns are integers and the key. A
/// class, because each op passes half a dozen tables around: one reference counts less than six.
package final class Table: Sendable {
  /// The stable number of the table in state digests; never reused.
  package let number: Int
  /// The SQL name.
  package let name: String
  /// In which layer it is folded.
  package let layer: Layer
  /// How many of the first columns are the key, 1...5.
  package let keyCount: Int
  /// All columns.
  package let columns: [Column]
  /// The column by which rows are looked up beside the key; nil for none.
  package let indexed: Int?
  /// What a row adds to accounts; a pure function of the row.
  package let postings: (@Sendable ([Cell]) -> [Posting])?
  /// What a row puts on the desk; a pure function of the row, and no two rows put the same entry
  /// there: else the one that changes would take away the other's.
  package let standingDesk: (@Sendable ([Cell]) -> [DeskEntry])?
  /// Which derived rows read a row; a pure function of the row.
  package let readers: (@Sendable ([Cell]) -> [Reader])?

  init(
    _ number: Int, _ name: String, _ layer: Layer, key: [Column], _ columns: [Column],
    indexed: Int? = nil,
    postings: (@Sendable ([Cell]) -> [Posting])? = nil,
    standingDesk: (@Sendable ([Cell]) -> [DeskEntry])? = nil,
    readers: (@Sendable ([Cell]) -> [Reader])? = nil
  ) {
    self.number = number
    self.name = name
    self.layer = layer
    keyCount = key.count
    self.columns = key + columns
    self.indexed = indexed
    self.postings = postings
    self.standingDesk = standingDesk
    self.readers = readers
  }

  /// The key of one of this table's rows.
  package func key(of row: [Cell]) -> [Int64] {
    row[..<keyCount].map { cell in
      guard let value = cell.integer else { preconditionFailure("a key column holds null") }
      return value
    }
  }
}

/// An amount that a fact publishes on an account: the sums of an account are those of its postings.
package struct Posting: Hashable, Sendable {
  /// Which account table.
  package let table: AccountTable
  /// The account's key in that table; the second part is 0 where the key has one column.
  package let key: AccountKey
  /// What to add to each sum column, in column order.
  package let amounts: [Int64]

  /// Makes a posting; a caller bug unless there is an amount for each sum column.
  package init(_ table: AccountTable, _ first: Int64, _ second: Int64 = 0, amounts: [Int64]) {
    precondition(amounts.count == table.table.columns.count - table.table.keyCount)
    self.table = table
    key = AccountKey(first: first, second: second)
    self.amounts = amounts
  }
}

/// The key of an account row.
package struct AccountKey: Hashable, Comparable, Sendable {
  /// The first key column.
  package let first: Int64
  /// The second key column, or 0.
  package let second: Int64

  /// Makes a key.
  package init(first: Int64, second: Int64) {
    self.first = first
    self.second = second
  }

  /// The key columns of a table that has this many.
  package func values(count: Int) -> [Int64] { count == 1 ? [first] : [first, second] }

  package static func < (left: AccountKey, right: AccountKey) -> Bool {
    (left.first, left.second) < (right.first, right.second)
  }
}

/// The tables of the accounts layer.
///
/// A row is there while any of its sums is not 0.
package enum AccountTable: Int, CaseIterable, Sendable {
  case account, shelfItem, office, yearSheet, coinBox, coinTotal, grantedRight

  /// The table's declaration.
  package var table: Table {
    switch self {
    case .account: Tables.account
    case .shelfItem: Tables.shelfItem
    case .office: Tables.office
    case .yearSheet: Tables.yearSheet
    case .coinBox: Tables.coinBox
    case .coinTotal: Tables.coinTotal
    case .grantedRight: Tables.grantedRight
    }
  }
}
