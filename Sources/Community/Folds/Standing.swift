import OpLog

/// Who may do what, as every fold asks it.
enum Standing {
  /// What is wrong with an op's writer or actor; nil when it is entitled.
  ///
  /// Hub ops of the administrator and what an office's program does by itself have no actor. For everybody else the actor is a member of staff
  /// of the writer's community, with a role that the catalogue allows, on the business date. An
  /// appointment that was ended later holds back dated ops alone, those about points and stock.
  static func problem<S: FoldState>(
    _ entry: Entry, in state: S
  ) throws(S.Failure) -> DeskReason? {
    try problem(entry.op, entry.kind, in: state)
  }

  /// The same for an op that was folded before.
  static func problem<S: FoldState>(
    _ op: Op, _ kind: Kind, in state: S
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
    if kind.isDated, let ended = staff[5].integer, Int64(op.occurredOn.day) > ended {
      return .actorNotEntitled
    }
    return nil
  }

  /// Whether the business date is later than the day after the hub took the op in.
  static func isInFuture<S: FoldState>(_ op: Op, in state: S) throws(S.Failure) -> Bool {
    guard let receivedAt = try state.receivedAt(op.id) else { return false }
    return op.occurredOn > BusinessDate(stamp: receivedAt).adding(days: 1)
  }

  /// The community of an op's writer, packed; nil for a hub or a replica that is not enrolled.
  static func community<S: FoldState>(
    of replica: ReplicaID, in state: S
  ) throws(S.Failure) -> Int64? {
    try state.row(Tables.replica, id: Int64(replica.rawValue))?[2].integer
  }

  /// The rules that an op names; nil unless they are those of its writer's community.
  static func policy<S: FoldState>(of op: Op, in state: S) throws(S.Failure) -> Policy? {
    guard let id = op.policy, let row = try state.row(Tables.policy, id: id.packed),
      row[1].integer == (try community(of: op.id.replica, in: state))
    else { return nil }
    return Policy(row: row)
  }

  /// Whether an op's actor is an approver, who may do what a clerk must ask for.
  static func mayApprove<S: FoldState>(_ op: Op, in state: S) throws(S.Failure) -> Bool {
    guard let actor = op.actor else { return op.id.replica.isHub }
    let roles = try state.row(Tables.staff, id: actor.packed)?[2].integer ?? 0
    return roles & Role.approver.mask != 0
  }
}
