import OpLog

extension Entry {
  /// An op that was folded before, read from the log; nil when it is not of this kind.
  static func again<S: FoldState>(
    _ id: OpID, _ kind: KindNumber, in state: S
  ) throws(S.Failure) -> Entry? {
    let op = try state.op(id)
    guard op.kind == kind, let kind = Catalogue.kind(kind),
      let payload = kind.schema.payload(of: op)
    else { return nil }
    return Entry(op: op, payload: payload, kind: kind, isFirst: false)
  }
}

/// What the folds of steps share: an entity is settled again from all the steps that name it.
enum Steps {
  /// The steps in canonical order; of two that the hub has not taken in, the lower id is first.
  static func ordered<S: FoldState>(
    _ steps: [Entry], in state: S
  ) throws(S.Failure) -> [Entry] {
    var placed: [(place: Place, step: Entry)] = []
    for step in steps { placed.append((try state.place(of: step.op.id), step)) }
    return placed.sorted { left, right in
      if left.place < right.place { return true }
      return right.place < left.place ? false : left.step.op.id < right.step.op.id
    }.map(\.step)
  }

  /// Why a step has no effect whatever the others do: its actor has no right, or its date is ahead.
  static func problem<S: FoldState>(
    _ step: Entry, in state: S
  ) throws(S.Failure) -> DeskReason? {
    if let problem = try Standing.problem(step, in: state) { return problem }
    return try Standing.isInFuture(step.op, in: state) ? .futureDate : nil
  }

  /// How many records or steps of one entity are looked at, of each writer.
  ///
  /// What more there is costs nothing further, so that no office can make every replica slow with one
  /// activity or one sale; nor can it push out what another one wrote.
  static let countMax = 32

  /// The steps of an entity with one more: the lowest ids of each writer, ascending, and the one
  /// without a place.
  ///
  /// That one is a duplicate for good, whatever becomes of the others. A log grows at its end, so it is
  /// never a step that had a place where it was written.
  static func adding(_ id: OpID?, to ids: [OpID]) -> (kept: [OpID], dropped: OpID?) {
    guard let id, !ids.contains(id) else { return (ids, nil) }
    let all = (ids + [id]).sorted()
    let own = all.filter { $0.replica == id.replica }
    guard own.count > countMax, let dropped = own.last else { return (all, nil) }
    return (all.filter { $0 != dropped }, dropped)
  }

  /// Why a step takes no room among the others: its actor never had the right.
  ///
  /// Ends of appointments do not matter here: which steps have room must not depend on when they are
  /// known.
  static func lack<S: FoldState>(
    of step: Entry, in state: S
  ) throws(S.Failure) -> DeskReason? {
    try Standing.problem(step.op, step.kind, ignoresEnd: true, in: state)
  }
}

extension Standing {
  /// Whether somebody is on the staff of an op's community on its business date.
  static func isAppointed<S: FoldState>(
    _ id: OpID, for op: Op, in state: S
  ) throws(S.Failure) -> Bool {
    guard let staff = try state.row(Tables.staff, id: id.packed) else { return false }
    let day = Int64(op.occurredOn.day)
    let last = min(staff[4].integer ?? .max, staff[5].integer ?? .max)
    guard staff[3].integer ?? 0 <= day, day <= last else { return false }
    return staff[1].integer == (try community(of: op.id.replica, in: state))
  }

  /// Whether an op's actor has a role; the administrator at a hub has every one.
  static func holds<S: FoldState>(
    _ role: Role, _ op: Op, in state: S
  ) throws(S.Failure) -> Bool {
    guard !op.id.replica.isHub else { return true }
    guard let actor = op.actor, let staff = try state.row(Tables.staff, id: actor.packed) else {
      return false
    }
    return (staff[2].integer ?? 0) & role.mask != 0
  }
}
