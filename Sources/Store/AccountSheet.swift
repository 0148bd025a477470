import Community

/// One table of the accounts layer in memory: the accounts that were read or posted to.
///
/// A posting costs one look-up, and an account that changed is written once per transaction, by
/// `ReadModel.flush()`. Sums lie in one array, because the next account is nearly always a cold one.
struct AccountSheet {
  /// The sums of one account, in column order; those that the table does not have stay 0.
  typealias Sums = SIMD4<Int64>

  private struct Line {
    let key: AccountKey
    /// What stands in the database; nil until it was read.
    var stored: Sums?
    /// What postings added since.
    var change = Sums.zero
    var isChanged = false
  }

  /// An account's key; a struct of this module, so that its hash is compiled in.
  private struct Key: Hashable {
    let first: Int64
    let second: Int64
  }

  /// Accounts kept: those of 5,000 residents are 1 MB.
  private static let linesMax = 32_768

  let table: Table
  let sumCount: Int
  private var lines: [Line] = []
  private var places: [Key: Int] = [:]
  private var changed: [Int] = []

  init(_ table: Table) {
    self.table = table
    sumCount = table.columns.count - table.keyCount
    precondition(sumCount <= Sums.scalarCount, "an account has at most 4 sums")
  }

  /// The place of an account, made if need be; good until ``trim()`` or ``removeAll()``.
  mutating func place(of key: AccountKey) -> Int {
    let local = Key(first: key.first, second: key.second)
    if let place = places[local] { return place }
    lines.append(Line(key: key))
    places[local] = lines.count - 1
    return lines.count - 1
  }

  /// Adds the amounts of a posting, or takes them away; a sum beyond 64 bits traps.
  mutating func add(_ posting: Posting, times sign: Int64) {
    let place = place(of: posting.key)
    for (index, amount) in posting.amounts.enumerated() {
      lines[place].change[index] += sign * amount
    }
    guard !lines[place].isChanged else { return }
    lines[place].isChanged = true
    changed.append(place)
  }

  /// The accounts with postings that are not written, in the order of their first postings; each must
  /// then be taken.
  mutating func takeChanged() -> [Int] {
    defer { changed.removeAll(keepingCapacity: true) }
    return changed
  }

  /// What postings added to an account since it was written; handed out once.
  mutating func takeChange(at place: Int) -> Sums {
    defer {
      lines[place].change = .zero
      lines[place].isChanged = false
    }
    return lines[place].change
  }

  /// Forgets the accounts when there are too many; all that changed must be written.
  mutating func trim() {
    if lines.count > Self.linesMax { removeAll() }
  }

  mutating func removeAll() {
    lines.removeAll(keepingCapacity: true)
    places.removeAll(keepingCapacity: true)
    changed.removeAll(keepingCapacity: true)
  }
}

extension AccountSheet {
  func key(at place: Int) -> AccountKey { lines[place].key }

  /// The sums in the database, zero for no row; nil when they were not read yet.
  func stored(at place: Int) -> Sums? { lines[place].stored }

  /// Notes the sums in the database.
  mutating func setStored(_ sums: Sums, at place: Int) { lines[place].stored = sums }

  /// The sums in a row.
  func sums(_ row: [Cell]) -> Sums {
    var sums = Sums.zero
    for index in 0..<sumCount { sums[index] = row[table.keyCount + index].integer ?? 0 }
    return sums
  }

  /// The row of an account with these sums.
  func row(at place: Int, _ sums: Sums) -> [Cell] {
    var row: [Cell] = []
    row.reserveCapacity(table.columns.count)
    row.append(.integer(lines[place].key.first))
    if table.keyCount == 2 { row.append(.integer(lines[place].key.second)) }
    for index in 0..<sumCount { row.append(.integer(sums[index])) }
    return row
  }
}
