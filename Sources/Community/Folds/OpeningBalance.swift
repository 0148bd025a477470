import OpLog

/// What a resident had before the street's records began: awards of an activity of its own sort.
package enum OpeningBalance {
  /// An award by which a resident's balance was brought in, whether it counts yet or waits; nil for
  /// none.
  package static func award<S: FoldState>(
    of resident: OpID, in state: S
  ) throws(S.Failure) -> OpID? {
    for award in try state.rows(Tables.award, where: 1, is: resident.packed) {
      guard ["posted", "pending"].contains(award[5].text), let activity = award[0].integer,
        try state.row(Tables.activity, id: activity)?[2].integer == ActivityCategory.opening
      else { continue }
      return award[6].id ?? OpList.decode(award[8].text).first
    }
    return nil
  }
}
