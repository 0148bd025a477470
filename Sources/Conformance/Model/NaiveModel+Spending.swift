import Community
import OpLog

/// What an account's home spends by its own right.
extension NaiveModel {
  /// What an op takes from what its account's home may still spend: a debit that claims the home's right,
  /// or a right for another office.
  ///
  /// - Returns: nil for an op that takes nothing so, or whose writer was not home.
  package func spending(by id: OpID) -> (account: OpID, points: Int64)? {
    guard let fact = ops[id], let (account, points) = claim(of: fact), points > 0,
      hadStanding(id, on: account)
    else { return nil }
    return (account, points)
  }

  /// What a debit took from its account, less what came back of it; nil for an op that takes nothing.
  package func charge(of id: OpID) -> Int64? { charged[id] }

  /// The account that a debit takes points from; none for another op.
  package func charged(by id: OpID) -> [OpID] {
    guard let fact = ops[id] else { return [] }
    switch fact.kind?.name {
    case "redemption.record": return sale(fact).map { [$0.payer] } ?? []
    case "coin.issue", "offer.use": return [fact.reference("resident")].compactMap { $0 }
    default: return []
    }
  }

  private func claim(of fact: Fact) -> (account: OpID, points: Int64)? {
    switch fact.kind?.name {
    case "redemption.record":
      guard fact.integer("basis") == 0, let sale = sale(fact) else { return nil }
      return (sale.payer, sale.points)
    case "rights.grant":
      guard let account = fact.reference("request").flatMap({ ops[$0]?.reference("account") })
      else { return nil }
      return (account, fact.integer("points") ?? 0)
    case "points.transfer":
      return fact.reference("from").map { ($0, fact.integer("points") ?? 0) }
    case "coin.issue", "offer.use":
      return fact.reference("resident").map { ($0, worth(fact)) }
    default: return nil
    }
  }
}
