import OpLog

/// What is done about an appeal that is upheld: another record, of a kind that puts the first right.
package enum AppealRemedy {
  /// What can put a record right, by the kind of the record.
  private static let byKind: [KindNumber: [KindNumber]] = [
    19: [20], 20: [15, 19], 23: [15, 32, 33], 47: [48], 49: [68], 53: [53], 57: [58],
    64: [48, 53, 58],
  ]

  /// Every kind that can be a remedy.
  static let kinds: [KindNumber] = Set(byKind.values.joined()).sorted()

  /// The kinds that can put a record of a kind right; empty where nothing can be recorded.
  package static func kinds(for kind: KindNumber) -> [KindNumber] { byKind[kind] ?? [] }

  /// Whether a record can be the remedy of another: of a fitting kind, and about the same.
  ///
  /// It names the record, or the request that was decided, or another membership of the person. A
  /// reversal is of the whole natural key, and so is a grant after one: they name any record of it.
  package static func fits<S: FoldState>(
    _ remedy: OpID, against: OpID, in state: S
  ) throws(S.Failure) -> Bool {
    let (wrong, right) = (try state.op(against), try state.op(remedy))
    guard kinds(for: wrong.kind).contains(right.kind), remedy != against else { return false }
    if let key = try awardKey(of: wrong, in: state) {
      guard right.kind != 15 else { return right.references.contains(against) }
      return try awardKey(of: right, in: state) == key
    }
    guard wrong.kind != 23 else { return right.references.contains(against) }
    return !Set(right.references).isDisjoint(with: wrong.references + [against])
  }

  /// The natural key of the award that an op grants or reverses; nil for other ops.
  private static func awardKey<S: FoldState>(
    of op: Op, in state: S
  ) throws(S.Failure) -> [Int64]? {
    let grant = try ReverseFold.award(of: op).map { (id) throws(S.Failure) in try state.op(id) }
    return Grant(grant ?? op)?.key(round: 0)
  }
}
