import Community
import OpLog
import Store

/// The day of an award that nobody dated.
extension OfficeCore {
  /// The day of its activity: a sheet that is typed days later must not crowd the awards of one day.
  ///
  /// Today's instead where a clerk may not date back so far, was not appointed then, or where the month
  /// is closed.
  func dayOfAward(
    _ fields: [String: String], by actor: OpID, today: BusinessDate
  ) throws(OfficeError) -> BusinessDate {
    try OfficeError.wrap { () throws(StoreError) in
      guard let activity = fields["activity"].flatMap({ OpID($0) }),
        let row = try store.row(Tables.activity, id: activity.packed),
        let held = row[5].integer.flatMap({ BusinessDate(day: $0) }), held < today,
        let staff = try store.row(Tables.staff, id: actor.packed),
        staff[3].integer ?? .max <= Int64(held.day),
        let rules = try store.policyValues(of: community),
        let days = rules[Policy.Name.backdateDays.rawValue], held.adding(days: days) >= today
      else { return today }
      let (_, _, day) = held.civil
      let month = Int64(held.adding(days: Int64(1 - day)).day)
      let period = try store.row(Tables.period, [community.packed, month])
      return period?[2] == .text("closed") ? today : held
    }
  }
}
