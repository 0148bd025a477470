import OpLog

/// Who may do what, as every fold asks it.
package enum Standing {
  /// What is wrong with an op's writer or actor; nil when it is entitled.
  ///
  /// Hub ops of the administrator and what an office's program does by itself have no actor. For
  /// everybody else the actor is a member of staff of the writer's community, with a role that the
  /// catalogue allows, on the business date. An appointment that was ended later holds back dated ops,
  /// those about points and stock, and what a person signs for others.
  static func problem<S: FoldState>(
    _ entry: Entry, in state: S
  ) throws(S.Failure) -> DeskReason? {
    try problem(entry.op, entry.kind, in: state)
  }

  /// The same for an op that was folded before, maybe as if no appointment were ever ended.
  static func problem<S: FoldState>(
    _ op: Op, _ kind: Kind, ignoresEnd: Bool = false, in state: S
  ) throws(S.Failure) -> DeskReason? {
    guard !op.id.replica.isHub else { return nil }
    guard !kind.isHubOnly else { return .onlyHub }
    guard !kind.isByProgram else { return nil }
    guard let actor = op.actor else { return .actorMissing }
    guard let staff = try state.row(Tables.staff, id: actor.packed) else {
      return .actorNotEntitled
    }
    let roles = staff[2].integer ?? 0
    guard kind.roles.contains(where: { roles & $0.mask != 0 }),
      Int64(op.occurredOn.day) >= staff[3].integer ?? 0,
      Int64(op.occurredOn.day) <= staff[4].integer ?? .max,
      staff[1].integer == (try community(of: op.id.replica, in: state))
    else { return .actorNotEntitled }
    let isOver = kind.endsWithAppointment && Int64(op.occurredOn.day) > staff[5].integer ?? .max
    return isOver && !ignoresEnd ? .actorNotEntitled : nil
  }

  /// Whether two appointments are of one person, who may not stand on both sides of a decision.
  package static func isSamePerson<S: FoldState>(
    _ one: OpID?, _ other: OpID?, in state: S
  ) throws(S.Failure) -> Bool {
    guard let one, let other, one != other else { return one == other }
    guard let person = try state.row(Tables.staff, id: one.packed)?[6] else { return false }
    return try state.row(Tables.staff, id: other.packed)?[6] == person
  }

  /// Whether the business date is later than the day after the hub took the op in.
  static func isInFuture<S: FoldState>(_ op: Op, in state: S) throws(S.Failure) -> Bool {
    guard let receivedAt = try state.receivedAt(op.id) else { return false }
    return op.occurredOn > BusinessDate(stamp: receivedAt).adding(days: 1)
  }

  /// The day to which a window is measured: the business date, or that of the receipt where a clerk
  /// dated the op back further than the rules allow.
  static func windowDay<S: FoldState>(_ op: Op, in state: S) throws(S.Failure) -> Int64 {
    let dated = Int64(op.occurredOn.day)
    guard let receivedAt = try state.receivedAt(op.id) else { return dated }
    let received = BusinessDate(stamp: receivedAt)
    return try isBackdated(op, received, in: state) ? Int64(received.day) : dated
  }

  /// What a person should look at about the date of an op that counts whenever it was: that it is ahead,
  /// or was typed too late.
  static func dateReasons<S: FoldState>(_ op: Op, in state: S) throws(S.Failure) -> [DeskReason] {
    guard let receivedAt = try state.receivedAt(op.id) else { return [] }
    let received = BusinessDate(stamp: receivedAt)
    if op.occurredOn > received.adding(days: 1) { return [.futureDate] }
    return try isBackdated(op, received, in: state) ? [.backdated] : []
  }

  /// Whether a clerk dated an op back further than its rules allow, seen from the day of its receipt.
  static func isBackdated<S: FoldState>(
    _ op: Op, _ received: BusinessDate, in state: S
  ) throws(S.Failure) -> Bool {
    guard op.occurredOn < received, let days = try policy(of: op, in: state)?[.backdateDays],
      op.occurredOn.adding(days: days) < received
    else { return false }
    return try !holds(.approver, op, in: state)
  }

  /// The community of an op's writer, packed; nil for a hub or a replica that is not enrolled.
  package static func community<S: FoldState>(
    of replica: ReplicaID, in state: S
  ) throws(S.Failure) -> Int64? {
    try state.row(Tables.replica, id: Int64(replica.rawValue))?[2].integer
  }

  /// Whether an op comes from a community, or from the hub, whose administrator may act for each.
  static func isOf<S: FoldState>(
    _ community: Int64?, _ op: Op, in state: S
  ) throws(S.Failure) -> Bool {
    guard !op.id.replica.isHub else { return true }
    return try self.community(of: op.id.replica, in: state) == community
  }

  /// Whether an op comes from the community that recorded an award, or from the one that organised
  /// its activity: nobody else's staff decide about it.
  static func mayDecide<S: FoldState>(
    _ op: Op, onAwardOf community: Int64?, organiser: Int64?, in state: S
  ) throws(S.Failure) -> Bool {
    if try isOf(community, op, in: state) { return true }
    return try isOf(organiser, op, in: state)
  }

  /// The rules that an op names; nil unless they are those of its writer's community.
  static func policy<S: FoldState>(of op: Op, in state: S) throws(S.Failure) -> Policy? {
    guard let id = op.policy, let row = try state.row(Tables.policy, id: id.packed),
      row[1].integer == (try community(of: op.id.replica, in: state))
    else { return nil }
    return Policy(row: row)
  }
}
