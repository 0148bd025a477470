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
    case 16, 17:
      guard let account = account(of: entry) else { return nil }
      if let stay = try Residence.present(of: account, in: state) { return stay.community }
      return try community(of: try state.op(account), in: state)
    case HouseholdFold.kind:
      if let stay = try account(of: entry).flatMap({ (id) throws(S.Failure) in
        try Residence.present(of: id, in: state)
      }) {
        return stay.community
      }
      return try Standing.community(of: entry.op.id.replica, in: state)
    case 59:
      // Filed by the office whose clerk deals with it.
      return try Standing.community(of: entry.op.id.replica, in: state)
    default: return nil
    }
  }

  /// The same for an op in the log; nil as well for one whose body stays where it is whoever moves, and
  /// for one that is about another account.
  package static func community<S: FoldState>(
    ofBodyOf op: OpID, movingWith account: OpID, in state: S
  ) throws(S.Failure) -> Int64? {
    for kind in [16, 17, HouseholdFold.kind] {
      guard let entry = try Entry.again(op, kind, in: state) else { continue }
      return self.account(of: entry) == account ? try community(of: entry, in: state) : nil
    }
    return nil
  }

  /// The household of whose file a body is a version; nil for any other body.
  package static func household(of entry: Entry) -> OpID? {
    entry.op.kind == HouseholdFold.kind ? account(of: entry) : nil
  }

  /// The account with whose people a body goes to another community.
  private static func account(of entry: Entry) -> OpID? {
    switch entry.op.kind {
    case 16: entry.op.id
    case 17: entry.payload.reference(1)
    case HouseholdFold.kind: entry.payload.reference(1) ?? entry.op.id
    default: nil
    }
  }

  /// The community of a resident's home; the writer's where the enrolment that a registration names
  /// does not stand: the same id may be enrolled by another op, which comes earlier or later.
  private static func community<S: FoldState>(
    of registration: Op, in state: S
  ) throws(S.Failure) -> Int64? {
    guard try state.has(Tables.resident, id: registration.id.packed),
      let payload = RegisterFold.schema.payload(of: registration)
    else { return nil }
    if let home = try EnrollFold.office(of: payload.reference(1), in: state) {
      return try state.row(Tables.replica, id: home)?[2].integer
    }
    return try Standing.community(of: registration.id.replica, in: state)
  }

  /// The resident whose personal data an op's body holds: it goes when the resident is erased.
  ///
  /// The grounds of an appeal that names nobody are of the person whom the record is about.
  package static func resident<S: FoldState>(
    of entry: Entry, in state: S
  ) throws(S.Failure) -> OpID? {
    guard entry.op.body != nil else { return nil }
    switch entry.op.kind {
    case 16: return entry.op.id
    case 17: return entry.payload.reference(1)
    case HouseholdFold.kind: return entry.payload.reference(2)
    case 59:
      if let named = entry.payload.reference(2) { return named }
      return try person(in: entry, in: state)
    default: return nil
    }
  }

  /// The first resident whom an op names, itself or by the record that it is about: a decision names
  /// a request, and a reversal an award.
  private static func person<S: FoldState>(
    in entry: Entry, links: Int = 2, in state: S
  ) throws(S.Failure) -> OpID? {
    let named = entry.kind.schema.fields.indices.compactMap { entry.payload.reference($0 + 1) }
    for id in named where try state.has(Tables.resident, id: id.packed) { return id }
    guard links > 0 else { return nil }
    for id in named {
      if let about = try Entry.again(id, try state.op(id).kind, in: state),
        let person = try person(in: about, links: links - 1, in: state)
      {
        return person
      }
    }
    return nil
  }
}
