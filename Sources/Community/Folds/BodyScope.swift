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
    case 16: return try community(of: entry.op, in: state)
    case 17:
      return try entry.payload.reference(1).flatMap { (id) throws(S.Failure) in
        try community(of: try state.op(id), in: state)
      }
    case HouseholdFold.kind, 59:
      // Filed by the office whose grid worker or clerk deals with it.
      return try Standing.community(of: entry.op.id.replica, in: state)
    default: return nil
    }
  }

  /// The community of a resident's home; the writer's where the enrolment that a registration names
  /// does not stand: the same id may be enrolled by another op, which comes earlier or later.
  private static func community<S: FoldState>(
    of registration: Op, in state: S
  ) throws(S.Failure) -> Int64? {
    guard try state.has(Tables.resident, id: registration.id.packed),
      case .payload(let payload)? = try? RegisterFold.schema.decode(registration)
    else { return nil }
    if let enrolment = payload.reference(1),
      case .payload(let enrolled)? = try? EnrollFold.schema.decode(try state.op(enrolment)),
      let home = enrolled.integer(1), let row = try state.row(Tables.replica, id: home),
      row[1].id == enrolment
    {
      return row[2].integer
    }
    return try Standing.community(of: registration.id.replica, in: state)
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
