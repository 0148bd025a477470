import OpLog

/// What a departure says beside its day.
package enum Departures {
  /// The household's account to which the points of a resident go who left: what the departure names
  /// that counts, the earliest that stands; nil where none does.
  package static func pool<S: FoldState>(
    of resident: OpID, in state: S
  ) throws(S.Failure) -> OpID? {
    try DepartureFold.standing(of: resident, in: state).min {
      ($0[3].integer ?? 0, $0[1].integer ?? 0) < ($1[3].integer ?? 0, $1[1].integer ?? 0)
    }?[4].id
  }
}
