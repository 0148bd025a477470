import Community
import OpLog
import Pages
import Store

/// The notice that points end soon: for the office with phones, or for a wall.
enum ExpirySheet {
  /// What the report is called.
  static let name = "expiring"

  /// A building is named on a wall only with so many people on its list.
  private static let groupMin = 5

  /// The residents whose points end within the days that the rules, or `--days`, say.
  ///
  /// - Throws: A usage error for options that do not go with it.
  static func listing(_ arguments: Arguments) throws(CommandError) -> Listing {
    guard arguments.option("month") == nil else {
      throw .usage(Words("到期通知不用 --month", "report expiring takes no --month"))
    }
    let isPublic = arguments.flag("public")
    let rows = try DaySheet.rows(by: .expiryNotice, arguments) { (sheet) throws(StoreError) in
      guard let days = sheet.days else { return [] }
      let ending = try sheet.store.ending(in: sheet.community, on: sheet.today, within: days)
      return ending.flatMap { list in
        isPublic
          ? wall(list.residents, sheet.name, list.notice, on: sheet.today)
          : office(list.residents, sheet.name, list.notice)
      }
    }
    return Listing(columns: isPublic ? wallColumns : officeColumns, rows: rows)
  }

  private static let officeColumns = [
    "community", "building", "resident", "name", "phone", "points", "ends_on",
  ]
  private static let wallColumns = ["community", "building", "name", "points", "ends_on"]

  /// All that the office holds, to call people.
  private static func office(
    _ residents: [EndingPoints], _ community: String, _ notice: ExpiryNotice
  ) -> [[String?]] {
    residents.map {
      [
        community, $0.building, $0.resident.description, $0.name, $0.phone, String($0.points),
        notice.lastDay?.description,
      ]
    }
  }

  /// What may hang on a wall: masked names, nobody under 14 and nobody who left, and no building with
  /// few people on it, nor the place in the list that would tell it.
  private static func wall(
    _ residents: [EndingPoints], _ community: String, _ notice: ExpiryNotice,
    on today: BusinessDate
  ) -> [[String?]] {
    let shown = residents.compactMap {
      person -> (building: String?, name: String, points: Int64)? in
      guard let name = person.name, !person.isChild, !person.hasLeft else { return nil }
      let age = person.birthDate.flatMap { BusinessDate($0) }.map { today.years(since: $0) }
      return Masking.name(name, age: age).map { (person.building, $0, person.points) }
    }
    let sizes = Dictionary(grouping: shown) { $0.building ?? "" }.mapValues(\.count)
    let listed = shown.map { person -> (building: String, name: String, points: Int64) in
      let building = person.building ?? ""
      let isNamed = sizes[building, default: 0] >= groupMin
      return (isNamed ? building : "", person.name, person.points)
    }
    return listed.sorted { ($0.building, $0.name, $0.points) < ($1.building, $1.name, $1.points) }
      .map { person in
        [
          community, person.building.isEmpty ? nil : person.building, person.name,
          String(person.points), notice.lastDay?.description,
        ]
      }
  }
}

extension BusinessDate {
  /// Whole years from an earlier date, as for a person's age.
  fileprivate func years(since birth: BusinessDate) -> Int {
    let (now, then) = (civil, birth.civil)
    return now.year - then.year - ((now.month, now.day) < (then.month, then.day) ? 1 : 0)
  }
}
