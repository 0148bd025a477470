import OpLog

/// `budget.set`: how many points an office may have out on trust; the street's word goes before the
/// rules of its community.
///
/// A level, not a flow: of several the hub's latest stands.
enum BudgetFold: Fold {
  static let schema = PayloadSchema([
    .required("enrolment", .reference([3])), .required("limit", .integer(0...1_000_000)),
  ])

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    guard entry.isFirst else { return }
    let op = entry.op
    if let problem = try Standing.problem(entry, in: state) {
      return try state.settle(op.id, Verdict(.void, [problem]), isFirst: true)
    }
    guard let limit = entry.payload.integer(2),
      let replica = try EnrollFold.office(of: entry.payload.reference(1), in: state)
    else { return try state.settle(op.id, Verdict(.void, [.wrongReference]), isFirst: true) }
    let row: [Cell] = [.integer(replica), .id(op.id), .integer(limit)]
    if let old = try state.insertIfAbsent(Tables.officeBudget, row),
      old[1].integer ?? 0 < op.id.packed
    {
      try state.replace(Tables.officeBudget, old, by: row)
    }
    try state.settle(op.id, .plain, isFirst: true)
  }

  /// What an office may have out on trust: what the street set for it, else what its rules say.
  static func limit<S: FoldState>(
    of office: Int64, _ policy: Policy, in state: S
  ) throws(S.Failure) -> Int64 {
    try state.row(Tables.officeBudget, id: office)?[2].integer ?? policy.officeLimit
  }
}
