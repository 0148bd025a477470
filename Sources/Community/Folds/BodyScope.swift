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
    case 16: return try home(of: entry.op.id, in: state)
    case 17:
      return try entry.payload.reference(1).flatMap { (id) throws(S.Failure) in
        try home(of: id, in: state)
      }
    default: return nil
    }
  }

  private static func home<S: FoldState>(
    of resident: OpID, in state: S
  ) throws(S.Failure) -> Int64? {
    guard let row = try state.row(Tables.resident, id: resident.packed), let home = row[1].integer
    else { return nil }
    return try state.row(Tables.replica, id: home)?[2].integer
  }
}
