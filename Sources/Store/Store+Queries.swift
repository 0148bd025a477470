import Community
import OpLog
import SQLite

/// Rows for people: column names, and each cell as text.
package struct Listing: Sendable, Equatable {
  /// The columns.
  package var columns: [String]
  /// The rows; nil is NULL.
  package var rows: [[String?]]

  /// Makes a listing.
  package init(columns: [String], rows: [[String?]]) {
    self.columns = columns
    self.rows = rows
  }
}

/// Questions that staff and their programs ask.
extension Store {
  /// The names of the views that ``listing(of:where:limit:)`` knows.
  package static let viewNames = Views.listed

  /// Rows of one of the documented views.
  ///
  /// - Parameters:
  ///   - view: One of ``viewNames``; anything else is a caller bug.
  ///   - condition: A column of the view and the value that it must have.
  ///   - limit: The most rows to return.
  /// - Returns: The rows with their columns.
  /// - Throws: ``StoreError/database(_:)`` when the view cannot be read.
  package func listing(
    of view: String, where condition: (column: String, value: String)? = nil, limit: Int = 1_000
  ) throws(StoreError) -> Listing {
    precondition(Self.viewNames.contains(view), "caller bug: no such view")
    return try StoreError.wrap { () throws(SQLiteFailure) in
      let names = try connection.prepare(text: "SELECT name FROM pragma_table_info('\(view)')")
      var listing = Listing(columns: [], rows: [])
      while try names.step() { listing.columns.append(names.text(0)) }
      var filter = ""
      if let condition {
        precondition(listing.columns.contains(condition.column), "caller bug: no such column")
        filter = "WHERE \(condition.column) = ?2"
      }
      let rows = try connection.prepare(text: "SELECT * FROM \(view) \(filter) LIMIT ?1")
      rows.bind(1, Int64(limit))
      if let condition { rows.bind(2, condition.value) }
      while try rows.step() {
        listing.rows.append(
          listing.columns.indices.map { rows.optionalText(Int32($0)) })
      }
      return listing
    }
  }

  /// The ops whose value stands in a field of a resident's file; more than one is a fork.
  package func liveValues(of resident: OpID, field: String) throws(StoreError) -> [OpID] {
    guard let index = Self.registers.firstIndex(of: field) else { return [] }
    guard let row = try row(Tables.field, [resident.packed, Int64(index)]) else {
      return [resident]
    }
    return OpList.decode(row[3].text)
  }

  /// The ops whose value stands of what an activity announces; more than one is a fork.
  package func liveValues(
    of activity: OpID, _ register: ActivityRegister
  ) throws(StoreError) -> [OpID] { try register.live(of: activity, in: self) }

  /// The registers of a resident's file: the fields of its body, and how old the person is.
  static let registers = (Catalogue.kind(17)?.body.map(\.name) ?? []) + ["age_band"]

  /// What an award for an activity is worth, or nil.
  package func points(ofActivity id: OpID) throws(StoreError) -> Int64? {
    try row(Tables.activity, [id.packed])?[4].integer
  }

  /// The minutes that somebody's attendance credits, or nil.
  package func minutes(
    of resident: OpID, at activity: OpID, session: Int64, role: Int64
  ) throws(StoreError) -> Int64? {
    try row(Tables.attendance, [activity.packed, resident.packed, session, role])?[6].integer
  }

  /// What an item costs on a day, or nil.
  package func points(ofItem id: OpID, on day: BusinessDate) throws(StoreError) -> Int64? {
    try ItemPrices.price(of: id, on: Int64(day.day), in: self)
  }

  /// The prices of an item that nothing replaced; more than one is a fork.
  package func livePrices(of item: OpID) throws(StoreError) -> [OpID] {
    try ItemPrices.live(of: item, in: self)
  }

  /// The end of an office's own log, and what its shelf held of an item there by its books.
  package func booked(
    _ item: OpID, at office: ReplicaID, asOf: UInt64?
  ) throws(StoreError) -> (asOf: UInt64, booked: Int64) {
    let end = try head(of: office).folded.seq
    let asOf = min(asOf ?? end, end)
    return (asOf, try ShelfBook.booked(item, at: office, asOf: asOf, head: end, in: self))
  }

  /// Debits on trust at other offices that nobody took over yet, on accounts of this replica that are
  /// firm.
  ///
  /// - Parameter limit: At most so many of each.
  /// - Returns: Ascending: those that it can take over, because what the account may spend is not below
  ///   0; and what it says of those that found the account empty, as long as nobody has said so. O(log n
  ///   + debits that wait for this replica).
  /// - Throws: ``StoreError/database(_:)``, ``StoreError/damaged(op:)``.
  package func debitsOnTrust(
    limit: Int
  ) throws(StoreError) -> (toTakeOver: [OpID], owed: [Payload]) {
    var debits: (toTakeOver: [OpID], owed: [Payload]) = ([], [])
    for (id, account) in try openDebits() where try parkedOp(touching: account) == nil {
      if try HomeRights.left(of: account.packed, in: self) >= 0 {
        // Who gave the account away and got it back takes it back first.
        let isFirm = try RecordRule.isHeld(account, in: self)
        if isFirm, debits.toTakeOver.count < limit { debits.toTakeOver.append(id) }
      } else if debits.owed.count < limit,
        let note = try RecordRule.owed(id, by: account, at: identity.replica, in: self)
      {
        debits.owed.append(note)
      }
    }
    return debits
  }

  /// The debits on trust that wait for this replica, with their accounts; ascending.
  private func openDebits() throws(StoreError) -> [(debit: OpID, account: OpID)] {
    try StoreError.wrap { () throws(SQLiteFailure) in
      let select = try connection.prepare(
        "SELECT debit, account FROM open_debit WHERE home = ?1 ORDER BY debit")
      select.bind(1, Int64(identity.replica.rawValue))
      var debits: [(debit: OpID, account: OpID)] = []
      while try select.step() {
        guard let debit = OpID(packed: select.integer(0)),
          let account = OpID(packed: select.integer(1))
        else { continue }
        debits.append((debit, account))
      }
      return debits
    }
  }

  /// The op that made the present home of an account its home, or nil.
  package func homeMaker(of account: OpID) throws(StoreError) -> OpID? {
    try RecordRule.homes(of: account, in: self).last?.maker
  }

  /// Whether this replica is an account's home and may spend what it holds.
  package func holds(_ account: OpID) throws(StoreError) -> Bool {
    guard try home(of: account) == identity.replica else { return false }
    return try RecordRule.isHeld(account, in: self)
  }

  /// The replica that holds a resident's rights, or nil.
  package func home(of account: OpID) throws(StoreError) -> ReplicaID? {
    let home = try RecordRule.home(of: account, in: self)
    return home.flatMap { ReplicaID(rawValue: UInt32(truncatingIfNeeded: $0)) }
  }
}
