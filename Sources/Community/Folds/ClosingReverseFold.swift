import OpLog

/// `closing.reverse`: two persons take back that a year's points ended, or what one community owes
/// another.
///
/// Two approvers of the community whose points ended; of a settlement one of each side. What follows
/// from it is derived again, and the hub may declare it anew. Closed months stay as they are: what this
/// changes of them is in the first open one.
package enum ClosingReverseFold: Fold {
  private static let kind: KindNumber = 80

  static let schema = PayloadSchema([
    .required("closing", .reference([60, 63])), .required("approvers", .references([6], 2...2)),
    .required("reason", .choice(reasons)),
  ])

  private static let reasons = ["wrong_period", "wrong_community", "wrong_totals", "audit"]

  /// Folds one reversal.
  package static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    guard entry.isFirst else { return }
    let op = entry.op
    guard op.id.replica.isHub else {
      return try state.settle(op.id, Verdict(.void, [.onlyHub]), isFirst: true)
    }
    guard let named = entry.payload.reference(1),
      let sides = try sides(of: named, in: state)
    else { return try state.settle(op.id, Verdict(.void, [.wrongReference]), isFirst: true) }
    guard try areSigned(entry.payload.references(2), sides, on: op.occurredOn, in: state) else {
      return try state.settle(op.id, Verdict(.pending, [.actorNotEntitled]), isFirst: true)
    }
    if let year = try Entry.again(named, 60, in: state).flatMap({ YearEnd($0.payload) }) {
      try ExpireYearFold.settle(year, adding: op.id, isReversal: true, in: state)
    } else if let entry = try Entry.again(named, 63, in: state),
      let settlement = Settlement(entry.payload)
    {
      try SettlementFold.settle(settlement, adding: op.id, isReversal: true, in: state)
    }
  }

  /// The communities whose approvers sign; nil for what never was a closing.
  package static func sides<S: FoldState>(
    of closing: OpID, in state: S
  ) throws(S.Failure) -> [OpID]? {
    guard closing.replica.isHub else { return nil }
    var sides: [OpID] = []
    if let year = try Entry.again(closing, 60, in: state).flatMap({ YearEnd($0.payload) }) {
      guard try !ExpireYearFold.ops(of: year, in: state).isDisjoint(with: [closing]) else {
        return nil
      }
      sides = [year.community, year.community]
    } else if let entry = try Entry.again(closing, 63, in: state),
      let settlement = Settlement(entry.payload)
    {
      guard let row = try state.row(Tables.settlement, settlement.key),
        row[3].id == closing || OpList.decode(row[5].text).contains(closing)
      else { return nil }
      sides = [settlement.payer, settlement.payee]
    }
    return sides.isEmpty ? nil : sides
  }

  /// Whether two persons signed, one for each side.
  private static func areSigned<S: FoldState>(
    _ approvers: [OpID], _ sides: [OpID], on day: BusinessDate, in state: S
  ) throws(S.Failure) -> Bool {
    guard let one = approvers.first, let other = approvers.last,
      try !Standing.isSamePerson(one, other, in: state)
    else { return false }
    for signers in [[one, other], [other, one]] {
      var areEntitled = true
      for (signer, side) in zip(signers, sides)
      where try !ReopenFold.isApprover(signer, of: side.packed, on: day, in: state) {
        areEntitled = false
      }
      if areEntitled { return true }
    }
    return false
  }

  /// What counts of declarations and reversals.
  static func rounds<S: FoldState>(
    _ declared: [OpID], _ reversals: [OpID], in state: S
  ) throws(S.Failure) -> Rounds {
    var named: [(op: OpID, of: OpID?)] = []
    for id in reversals {
      named.append((id, try Entry.again(id, kind, in: state)?.payload.reference(1)))
    }
    return Rounds(declared, reversals: named)
  }
}
