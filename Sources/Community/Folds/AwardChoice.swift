import OpLog

/// Why one record of an award counts and another of the same key does not.
package enum AwardChoice: Sendable {
  /// It is the organiser's.
  case organiser
  /// Neither is the organiser's, and it has the lower value.
  case lowerValue
  /// It has the lower id.
  case lowerID

  /// The rule that put the record that counts before another; nil where that one could not count at
  /// all, which its verdict says.
  package static func between<S: FoldState>(
    _ counted: OpID, _ other: OpID, in state: S
  ) throws(S.Failure) -> AwardChoice? {
    guard let winner = try AwardFold.assess(counted, in: state),
      let loser = try AwardFold.assess(other, in: state), loser.problem == nil
    else { return nil }
    if winner.isOrganiser != loser.isOrganiser { return .organiser }
    return !winner.isOrganiser && winner.value != loser.value ? .lowerValue : .lowerID
  }
}
