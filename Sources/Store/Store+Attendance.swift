import Community
import OpLog
import SQLite

/// Attendance of which no award was made, and awards of which there is no attendance.
extension Store {
  /// One person's part in one session of an activity.
  package struct Part: Sendable, Equatable {
    /// Who came.
    package let resident: OpID
    /// Which session, 1...99.
    package let session: Int64
    /// As what, an index of the roles of awards.
    package let role: Int64
    /// What is credited, 0...1440; nil while nobody wrote down that the person left.
    package let minutes: Int64?
    /// When it was.
    package let day: BusinessDate?
  }

  /// The attendance of an activity that no award was ever recorded for, nor one taken back.
  ///
  /// - Parameter activity: The activity.
  /// - Returns: By resident, session, and role. O(attendance of the activity × log awards).
  /// - Throws: ``StoreError/database(_:)``.
  package func unawarded(_ activity: OpID) throws(StoreError) -> [Part] {
    try StoreError.wrap { () throws(SQLiteFailure) in
      let select = try connection.prepare(
        """
        SELECT t.resident, t.session, t.role, t.minutes, t.occurred_on FROM attendance t
        WHERE t.activity = ?1 AND t.state <> 'pending' AND NOT EXISTS (
          SELECT 1 FROM award a WHERE a.activity = t.activity AND a.resident = t.resident
            AND a.session = t.session AND a.role = t.role)
        ORDER BY t.resident, t.session, t.role
        """)
      select.bind(1, activity.packed)
      var parts: [Part] = []
      while try select.step() {
        guard let resident = OpID(packed: select.integer(0)) else { continue }
        parts.append(
          Part(
            resident: resident, session: select.integer(1), role: select.integer(2),
            minutes: select.optionalInteger(3),
            day: select.optionalInteger(4).flatMap(BusinessDate.init(day:))))
      }
      return parts
    }
  }
  /// The awards, counting or waiting, of whom nobody checked in where others of the activity did.
  ///
  /// They stand as they are: a paper sheet is entered by and by. Whoever approves or audits is told.
  ///
  /// - Parameter activity: The activity; nil for all of them.
  /// - Returns: By activity, resident, session, and role. O(awards).
  /// - Throws: ``StoreError/database(_:)``.
  package func unattended(
    of activity: OpID? = nil
  ) throws(StoreError) -> [(award: OpID, part: Part)] {
    try StoreError.wrap { () throws(SQLiteFailure) in
      let select = try connection.prepare(
        """
        SELECT op, resident, session, role, minutes, occurred_on FROM unattended_awards
        WHERE activity = coalesce(?1, activity) ORDER BY activity, resident, session, role
        """)
      if let activity { select.bind(1, activity.packed) } else { select.bindNull(1) }
      var awards: [(award: OpID, part: Part)] = []
      while try select.step() {
        guard let award = OpID(packed: select.integer(0)),
          let resident = OpID(packed: select.integer(1))
        else { continue }
        let part = Part(
          resident: resident, session: select.integer(2), role: select.integer(3),
          minutes: select.optionalInteger(4),
          day: select.optionalInteger(5).flatMap(BusinessDate.init(day:)))
        awards.append((award, part))
      }
      return awards
    }
  }
}
