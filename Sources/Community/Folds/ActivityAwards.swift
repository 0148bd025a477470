import OpLog

/// The awards and the attendance of an activity, settled again when the activity changes.
enum ActivityAwards: Derivation {
  static func settle<S: FoldState>(_ key: AccountKey, in state: S) throws(S.Failure) {
    for row in try state.rows(Tables.award, under: [key.first]) {
      try AwardFold.settle(Tables.award.key(of: row), row, in: state)
    }
    for row in try state.rows(Tables.attendance, under: [key.first]) {
      try AttendanceRow.settle(row, in: state)
    }
  }
}
