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
  /// How long the residents of an office that was away may still spend, from its first sync on.
  private static let daysAfterFirstSync: Int64 = 7

  /// The residents of a community whose points end on the day of a notice, unless they spend them;
  /// nobody who died.
  ///
  /// With `offices` those whose account lay at one of them on the day that goes with it.
  ///
  /// - Returns: By building and id; O(residents of the street).
  /// - Throws: ``StoreError/database(_:)``.
  package func residents(
    for notice: ExpiryNotice, of community: OpID, on day: BusinessDate,
    at offices: (ids: Set<Int64>, on: BusinessDate)? = nil
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
      if let offices {
        guard let office = try ExpiryNotice.office(of: id, on: offices.on, in: self),
          offices.ids.contains(office)
        else { continue }
      }
      let expired = try self.row(Tables.expiry, [id.packed])?[1].integer ?? 0
      let balance = try self.row(Tables.account, [id.packed])?[1].integer ?? 0
      let points = notice.points(sheet, expired: expired, balance: balance)
      guard points > 0 else { continue }
      let hasLeft = row[5].integer.map { $0 < Int64(day.day) } ?? false
      found.append(try details(of: id, points: points, hasLeft: hasLeft, on: day))
    }
    return found.sorted { ($0.building ?? "", $0.resident) < ($1.building ?? "", $1.resident) }
  }

  /// Whether residents who lived in a community when a year's points ended earned some under a rule.
  ///
  /// - Throws: ``StoreError/database(_:)``.
  package func hasPoints(
    of year: Int64, under rule: Policy.Expiry, in community: OpID
  ) throws(StoreError) -> Bool {
    guard let bucket = ExpiryNotice.bucket(of: year, rule), let last = rule.lastDay(of: year) else {
      return false
    }
    return try StoreError.wrap { () throws(SQLiteFailure) in
      let select = try connection.prepare(
        """
        SELECT 1 FROM year_sheet y JOIN resident r ON r.id = y.resident
        WHERE y.bucket = ?2 AND y.earned > 0 AND ?1 = coalesce(
          (SELECT s.community FROM residence s WHERE s.account = r.id AND s.from_on <= ?3
            ORDER BY s.number DESC LIMIT 1), r.community) LIMIT 1
        """)
      select.bind(1, community.packed)
      select.bind(2, bucket)
      select.bind(3, Int64(last.day))
      defer { select.reset() }
      return try select.step()
    }
  }

  /// The offices at which accounts of a community's residents lay on a day, and from which the hub has
  /// heard nothing on that day or later.
  ///
  /// - Returns: Ascending; O(residents of the street).
  /// - Throws: ``StoreError/database(_:)``.
  package func officesAway(
    from community: OpID, since day: BusinessDate
  ) throws(StoreError) -> [Int64] {
    var offices: Set<Int64> = []
    for row in try rows(of: Tables.resident) where row[2].id == community {
      guard let id = row[0].id else { continue }
      if let office = try ExpiryNotice.office(of: id, on: day, in: self) { offices.insert(office) }
    }
    var away: [Int64] = []
    for office in offices.sorted() {
      let newest = try receipt("max", of: office, after: 0)
      if newest.map({ BusinessDate(stamp: $0) < day }) ?? true { away.append(office) }
    }
    return away
  }

  /// The offices of a row of `expiry_year` for whose residents the year has not ended yet.
  ///
  /// - Throws: ``StoreError/database(_:)``.
  package func officesWaiting(
    forEndOf key: [Int64]
  ) throws(StoreError) -> [(office: Int64, replica: ReplicaID)] {
    guard let year = try row(Tables.expiryYear, key), year[3] != .null else { return [] }
    var waiting: [(office: Int64, replica: ReplicaID)] = []
    for office in year[6].text.split(separator: " ").compactMap({ Int64($0) }) {
      guard let replica = ReplicaID(rawValue: UInt32(truncatingIfNeeded: office)),
        try row(Tables.expiryOffice, key + [office])?[4].id == nil
      else { continue }
      waiting.append((office, replica))
    }
    return waiting
  }

  /// The last day on which the residents of an office that was away when a year ended may spend: 7 days
  /// after the hub first took something in of it, or of the one that took its place; nil before then.
  ///
  /// - Throws: ``StoreError/database(_:)``.
  package func lastDay(
    atOffice office: Int64, after end: OpID
  ) throws(StoreError) -> BusinessDate? {
    let first = try receipt("min", of: office, after: end.packed)
    return first.map { BusinessDate(stamp: $0).adding(days: Self.daysAfterFirstSync) }
  }

  private func receipt(
    _ function: String, of office: Int64, after op: Int64
  ) throws(StoreError) -> Int64? {
    let heir = try RetireFold.heir(of: office, in: self) ?? office
    return try StoreError.wrap { () throws(SQLiteFailure) in
      let select = try connection.prepare(
        text:
          "SELECT \(function)(received_at) FROM receipt_run WHERE replica = ?1 AND receipt > ?2")
      select.bind(1, heir)
      select.bind(2, op)
      defer { select.reset() }
      return try select.step() ? select.optionalInteger(0) : nil
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
