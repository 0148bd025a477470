import OpLog

/// Whose business a detached body is: only the hub and this community's offices hold it.
package enum BodyScope {
  /// The community of the person in an op's body, packed; nil when the op has no body or the person
  /// is not known.
  package static func community<S: FoldState>(
    of entry: Entry, in state: S
  ) throws(S.Failure) -> Int64? {
    guard entry.op.body != nil else { return nil }
    switch entry.op.kind {
    case 6: return entry.payload.reference(1)?.packed
    case HouseholdFold.kind, 59:
      // Filed by the office whose grid worker or clerk deals with it.
      return try Standing.community(of: entry.op.id.replica, in: state)
    default:
      guard let resident = resident(of: entry),
        let row = try state.row(Tables.resident, id: resident.packed), let home = row[1].integer
      else { return nil }
      return try state.row(Tables.replica, id: home)?[2].integer
    }
  }

  /// The resident whose personal data an op's body holds: it goes when the resident is erased.
  package static func resident(of entry: Entry) -> OpID? {
    guard entry.op.body != nil else { return nil }
    return switch entry.op.kind {
    case 16: entry.op.id
    case 17: entry.payload.reference(1)
    case HouseholdFold.kind, 59: entry.payload.reference(2)
    default: nil
    }
  }
}
