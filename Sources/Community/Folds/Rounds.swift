import OpLog

/// What the hub may declare once, and again after two persons took it back.
///
/// A function of the set of ops, in the order of their ids: between two reversals the one with the lowest
/// id counts.
struct Rounds {
  /// The declaration that counts now.
  private(set) var counted: OpID?
  /// What became of each op.
  private(set) var outcomes: [OpID: Outcome] = [:]

  /// Goes through declarations and reversals, each with what it takes back.
  init(_ declared: [OpID], reversals: [(op: OpID, of: OpID?)]) {
    let all =
      declared.map { (op: $0, takenBack: OpID?.none, isReversal: false) }
      + reversals.map { (op: $0.op, takenBack: $0.of, isReversal: true) }
    for step in all.sorted(by: { $0.op < $1.op }) {
      if !step.isReversal {
        outcomes[step.op] = counted == nil ? .posted : .duplicate
        counted = counted ?? step.op
      } else if let named = counted, step.takenBack == named {
        outcomes[step.op] = .posted
        outcomes[named] = .void
        counted = nil
      } else {
        outcomes[step.op] = .duplicate
      }
    }
  }

  /// Says of each op what became of it.
  func settle<S: FoldState>(adding new: OpID, in state: S) throws(S.Failure) {
    for (id, outcome) in outcomes.sorted(by: { $0.key < $1.key }) {
      try state.settle(id, Verdict(outcome), isFirst: id == new)
    }
  }
}
