import OpLog

/// `rights.return`: an office gives back rights that it did not use.
///
/// Its program writes it, for what is left of an earlier day or when a clerk says so. What was not held
/// cannot come back: such points are on the desk and free nothing.
enum RightsReturnFold: Fold {
  static let schema = PayloadSchema([
    .required("account", .reference(Payer.kinds)), .required("points", .integer(1...10_000)),
  ])

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    let op = entry.op
    guard let account = entry.payload.reference(1), let points = entry.payload.integer(2),
      try Payer.home(of: account, in: state) != nil
    else {
      return try state.settle(op.id, Verdict(.void, [.wrongReference]), isFirst: entry.isFirst)
    }
    let use = RightUse(
      account: account, holder: Int64(op.id.replica.rawValue), op: op.id, points: points,
      isReturn: true)
    try Facts.put(use.row, in: Tables.rightUse, isFirst: entry.isFirst, state)
    try state.settle(op.id, try verdict(of: use, in: state), isFirst: entry.isFirst)
  }

  /// What became of a return, with all that its office did with the same right.
  static func verdict<S: FoldState>(
    of use: RightUse, in state: S
  ) throws(S.Failure) -> Verdict {
    try use.isOver(in: state) ? Verdict(.posted, [.returnAboveHeld]) : .plain
  }
}
