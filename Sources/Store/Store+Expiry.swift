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

/// Points that end soon.
package struct EndingList: Sendable {
  /// When, and how many of whose.
  package let notice: ExpiryNotice
  /// Whose, by building and id.
  package let residents: [EndingPoints]
}

extension Store {
  /// Whose points end within some days, of those who live in a community; and whose have not ended with
  /// their year, because their office was away: until the hub's next list they are told with the day, as
  /// soon as a sync has set it.
  ///
  /// Somebody who moved since the year ended is listed where the file is now. Nobody who died.
  ///
  /// - Returns: Those whose office was away first; O(residents of the street, and of the community for
  ///   each list).
  /// - Throws: ``StoreError/database(_:)``.
  package func ending(
    in community: OpID, on today: BusinessDate, within days: Int64
  ) throws(StoreError) -> [EndingList] {
    let people = try people(of: community)
    var found: [EndingList] = []
    for year in try rows(of: Tables.expiryYear) where year[3] != .null {
      let key = Tables.expiryYear.key(of: year)
      guard let last = Policy.Expiry(rawValue: key[2])?.lastDay(of: key[1]) else { continue }
      for (office, _) in try officesWaiting(forEndOf: key) {
        let until = try lastDay(atOffice: office, since: last)
        guard let notice = ExpiryNotice(waitingFor: key, until: until) else { continue }
        let residents = try residents(people, for: notice, on: today) {
          (id) throws(StoreError) in
          guard try ExpiryNotice.community(of: id, on: last, in: self) == key[0] else {
            return false
          }
          return try ExpiryNotice.office(of: id, on: last, in: self) == office
        }
        found.append(EndingList(notice: notice, residents: residents))
      }
    }
    for notice in ExpiryNotice.upcoming(from: today, through: today.adding(days: days)) {
      let residents = try residents(people, for: notice, on: today) { _ in true }
      found.append(EndingList(notice: notice, residents: residents))
    }
    return found
  }

  /// A resident's row and sheet.
  private typealias Person = (row: [Cell], sheet: [[Cell]])

  /// The living residents of a community who ever earned or spent points that end, and whose data was not
  /// erased.
  private func people(of community: OpID) throws(StoreError) -> [Person] {
    var sheets: [Int64: [[Cell]]] = [:]
    for row in try rows(of: Tables.yearSheet) {
      sheets[row[0].integer ?? 0, default: []].append(row)
    }
    var people: [Person] = []
    for row in try rows(of: Tables.resident) where row[2].id == community && row[7] == .null {
      guard let id = row[0].id, let sheet = sheets[id.packed],
        try !ExpiryNotice.hasDied(id, in: self)
      else { continue }
      people.append((row, sheet))
    }
    return people
  }

  /// Those of some people whose points end with a notice, unless they spend them.
  private func residents(
    _ people: [Person], for notice: ExpiryNotice, on day: BusinessDate,
    where isMeant: (OpID) throws(StoreError) -> Bool
  ) throws(StoreError) -> [EndingPoints] {
    var found: [EndingPoints] = []
    for (row, sheet) in people {
      guard let id = row[0].id, try isMeant(id) else { continue }
      let expired = try ExpiryNotice.expired(of: id, in: self)
      let balance = try self.row(Tables.account, [id.packed])?[1].integer ?? 0
      let points = notice.points(sheet, expired: expired, balance: balance)
      guard points > 0 else { continue }
      let hasLeft = row[5].integer.map { $0 < Int64(day.day) } ?? false
      found.append(try details(of: id, points: points, hasLeft: hasLeft, on: day))
    }
    return found.sorted { ($0.building ?? "", $0.resident) < ($1.building ?? "", $1.resident) }
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
