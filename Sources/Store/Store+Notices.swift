import Community
import OpLog
import SQLite

/// An award on the list that hangs on the wall (公示).
package struct NoticedAward: Sendable, Equatable {
  /// The record.
  package let award: OpID
  /// What it was for.
  package let activity: String
  /// Its business date.
  package let date: BusinessDate
  /// What it came to.
  package let points: Int64
  /// The name of who agreed to it, as far as the file is here; nil for everybody else.
  package let name: String?
}

extension Store {
  /// The awards that a community posted in a month, with the names of those who agreed to stand on the
  /// board, took it back in no file, and are not said to be under 14, then or on the day of the list.
  ///
  /// - Returns: By date and id; O(awards of the street).
  /// - Throws: ``StoreError/database(_:)``.
  package func noticedAwards(
    of community: OpID, in month: BusinessDate, on today: BusinessDate
  ) throws(StoreError) -> [NoticedAward] {
    let found = try StoreError.wrap { () throws(SQLiteFailure) -> [(NoticedAward, OpID)] in
      let select = try connection.prepare(
        """
        SELECT m.op, v.title, m.occurred_on, m.points, m.person,
          CASE WHEN c.state = 'given' THEN (SELECT value FROM file_values f
            WHERE f.resident = m.person AND f.field = 0) END
        FROM month_awards m JOIN award a ON a.op = m.op AND a.resident = m.resident
        JOIN activity v ON v.id = a.activity
        LEFT JOIN consent c ON c.resident = m.person AND c.purpose = 1 AND NOT EXISTS(
          SELECT 1 FROM consent w JOIN resident x ON x.id = w.resident
           WHERE w.purpose = 1 AND w.state = 'withdrawn'
             AND coalesce(x.representative, x.id) = m.person)
        WHERE m.community = ?1 AND m.month = ?2 AND m.state = 'posted' AND NOT m.is_surplus
          AND v.category <> ?3
        ORDER BY m.occurred_on, m.op
        """)
      select.bind(1, community.packed)
      select.bind(2, Int64(month.day))
      select.bind(3, ActivityCategory.opening)
      var found: [(NoticedAward, OpID)] = []
      while try select.step() {
        guard let award = OpID(packed: select.integer(0)),
          let date = BusinessDate(day: select.integer(2)),
          let person = OpID(packed: select.integer(4))
        else { continue }
        found.append(
          (
            NoticedAward(
              award: award, activity: select.text(1), date: date, points: select.integer(3),
              name: select.optionalText(5)), person
          ))
      }
      return found
    }
    return try found.map { (award, person) throws(StoreError) in
      guard award.name != nil else { return award }
      let wasChild = try ExpiryNotice.isChild(person, on: award.date, in: self)
      let isChild = try ExpiryNotice.isChild(person, on: today, in: self)
      guard wasChild || isChild else { return award }
      return NoticedAward(
        award: award.award, activity: award.activity, date: award.date, points: award.points,
        name: nil)
    }
  }
}
