import Community
import OpLog
import SQLite

/// A resident whose points end soon, with what the bodies held here say.
package struct EndingPoints: Sendable, Equatable {
  /// Who.
  package let resident: OpID
  /// How many points end.
  package let points: Int64
  /// The name, as far as the file is here.
  package let name: String?
  /// The phone number, as far as the file is here.
  package let phone: String?
  /// The date of birth such as 2015-06-01, as far as the file is here.
  package let birthDate: String?
  /// Whether the person was registered as under 14.
  package let isChild: Bool
  /// Whether the person left, and only an heir or the person from elsewhere still uses the account.
  package let hasLeft: Bool
  /// The building of the household, as far as its file is here.
  package let building: String?
}

extension Store {
  /// The residents of a community whose points end on the day of a notice, unless they spend them;
  /// nobody who died.
  ///
  /// - Returns: By building and id; O(residents of the street).
  /// - Throws: ``StoreError/database(_:)``.
  package func residents(
    for notice: ExpiryNotice, of community: OpID, on day: BusinessDate
  ) throws(StoreError) -> [EndingPoints] {
    var sheets: [Int64: [[Cell]]] = [:]
    for row in try rows(of: Tables.yearSheet) {
      sheets[row[0].integer ?? 0, default: []].append(row)
    }
    var found: [EndingPoints] = []
    for row in try rows(of: Tables.resident) where row[2].id == community && row[7] == .null {
      guard let id = row[0].id, let sheet = sheets[id.packed],
        try !ExpiryNotice.hasDied(id, in: self)
      else { continue }
      let expired = try self.row(Tables.expiry, [id.packed])?[1].integer ?? 0
      let balance = try self.row(Tables.account, [id.packed])?[1].integer ?? 0
      let points = notice.points(sheet, expired: expired, balance: balance)
      guard points > 0 else { continue }
      let hasLeft = row[5].integer.map { $0 < Int64(day.day) } ?? false
      found.append(try details(of: id, points: points, hasLeft: hasLeft, on: day))
    }
    return found.sorted { ($0.building ?? "", $0.resident) < ($1.building ?? "", $1.resident) }
  }

  /// Whether residents of a community earned points of a year under a rule.
  ///
  /// - Throws: ``StoreError/database(_:)``.
  package func hasPoints(
    of year: Int64, under rule: Policy.Expiry, in community: OpID
  ) throws(StoreError) -> Bool {
    guard let bucket = ExpiryNotice.bucket(of: year, rule) else { return false }
    return try StoreError.wrap { () throws(SQLiteFailure) in
      let select = try connection.prepare(
        """
        SELECT 1 FROM year_sheet y JOIN resident r ON r.id = y.resident
        WHERE r.community = ?1 AND y.bucket = ?2 AND y.earned > 0 LIMIT 1
        """)
      select.bind(1, community.packed)
      select.bind(2, bucket)
      defer { select.reset() }
      return try select.step()
    }
  }

  private func details(
    of resident: OpID, points: Int64, hasLeft: Bool, on day: BusinessDate
  ) throws(StoreError) -> EndingPoints {
    let home = try ExpiryNotice.household(of: resident, on: day, in: self)
    let file = try listing(
      of: "file_values", where: ("resident", String(resident.packed)), limit: 8)
    func value(_ name: String) -> String? { file.rows.first { $0[2] == name }?[3] }
    return EndingPoints(
      resident: resident, points: points, name: value("name"), phone: value("phone"),
      birthDate: value("birth_date"),
      isChild: try ExpiryNotice.isChild(resident, on: day, in: self),
      hasLeft: hasLeft,
      building: try home.flatMap { (id) throws(StoreError) in try building(of: id) })
  }

  private func building(of household: Int64) throws(StoreError) -> String? {
    try StoreError.wrap { () throws(SQLiteFailure) in
      let select = try connection.prepare(
        """
        SELECT json_extract(b.content, '$.building') FROM household h
        JOIN body_link l ON l.op = h.shown JOIN body b ON b.digest = l.digest
        WHERE h.id = ?1 AND json_valid(b.content)
        """)
      select.bind(1, household)
      defer { select.reset() }
      return try select.step() ? select.optionalText(0) : nil
    }
  }
}
