import OpLog

/// The awards of an activity, settled again when the activity changes.
enum ActivityAwards: Derivation {
  static func settle<S: FoldState>(_ key: AccountKey, in state: S) throws(S.Failure) {
    for row in try state.rows(Tables.award, under: [key.first]) {
      try AwardFold.settleAgain(row, in: state)
    }
  }
}
