import Community

/// One table of the accounts layer in memory: the accounts that were read or posted to.
///
/// A posting costs one look-up, and an account that changed is written once per transaction, by
/// `ReadModel.flush()`. Sums lie in the dictionary itself, because the next account is nearly
/// always a cold one.
struct AccountSheet {
  /// The sums of one account, in column order; those that the table does not have stay 0.
  typealias Sums = SIMD4<Int64>

  private struct Line {
    /// What stands in the database; nil until it was read.
    var stored: Sums?
    /// What postings added since.
    private var change = Sums.zero
    private var isChanged = false

    /// Returns whether this is the first posting since the last ``take()``.
    mutating func add(_ amounts: [Int64], times sign: Int64) -> Bool {
      for index in amounts.indices { change[index] += sign * amounts[index] }
      defer { isChanged = true }
      return !isChanged
    }

    mutating func take() -> (Sums?, Sums) {
      defer {
        change = .zero
        isChanged = false
      }
      return (stored, change)
    }
  }

  /// An account's key; a struct of this module, so that its hash is compiled in.
  private struct Key: Hashable {
    let first: Int64
    let second: Int64

    init(_ key: AccountKey) {
      first = key.first
      second = key.second
    }
  }

  /// Accounts kept: those of 5,000 residents are 1 MB.
  private static let linesMax = 32_768

  let table: Table
  let sumCount: Int
  private var lines: [Key: Line] = [:]
  private var changed: [AccountKey] = []

  init(_ table: Table) {
    self.table = table
    sumCount = table.columns.count - table.keyCount
    precondition(sumCount <= Sums.scalarCount, "an account has at most 4 sums")
  }

  /// The sums in the database, zero for no row; nil when they were not read yet.
  func stored(_ key: AccountKey) -> Sums? { lines[Key(key)]?.stored }

  /// Notes the sums in the database.
  mutating func setStored(_ sums: Sums, of key: AccountKey) {
    lines[Key(key), default: Line()].stored = sums
  }

  /// Notes a row in the database.
  mutating func setStored(_ row: [Cell]) {
    let second = table.keyCount == 2 ? row[1].integer : 0
    let key = AccountKey(first: row[0].integer ?? 0, second: second ?? 0)
    setStored(sums(row), of: key)
  }

  /// Adds the amounts of a posting, or takes them away; a sum beyond 64 bits traps.
  mutating func add(_ posting: Posting, times sign: Int64) {
    let isNew = lines[Key(posting.key), default: Line()].add(posting.amounts, times: sign)
    if isNew { changed.append(posting.key) }
  }

  /// The accounts with postings that are not written, ascending; each must then be taken.
  mutating func takeChanged() -> [AccountKey] {
    defer { changed.removeAll(keepingCapacity: true) }
    return changed.sorted()
  }

  /// What stands in the database, if that was read, and what postings added since; they are handed
  /// out once.
  mutating func take(_ key: AccountKey) -> (stored: Sums?, change: Sums) {
    lines[Key(key), default: Line()].take()
  }

  /// Forgets the accounts when there are too many; all that changed must be written.
  mutating func trim() {
    if lines.count > Self.linesMax { lines.removeAll(keepingCapacity: true) }
  }

  mutating func removeAll() {
    lines.removeAll(keepingCapacity: true)
    changed.removeAll(keepingCapacity: true)
  }
}

extension AccountSheet {
  /// The sums in a row.
  func sums(_ row: [Cell]) -> Sums {
    var sums = Sums.zero
    for index in 0..<sumCount { sums[index] = row[table.keyCount + index].integer ?? 0 }
    return sums
  }

  /// The row of an account.
  func row(_ key: AccountKey, _ sums: Sums) -> [Cell] {
    var row: [Cell] = []
    row.reserveCapacity(table.columns.count)
    row.append(.integer(key.first))
    if table.keyCount == 2 { row.append(.integer(key.second)) }
    for index in 0..<sumCount { row.append(.integer(sums[index])) }
    return row
  }
}
