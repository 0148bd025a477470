import Community
import Conformance
import OpLog
import Store

/// I2 in every world: what an account lacks is explained term by term, and staff were told of each op
/// in a term; what an office has out on trust is within a limit that the street set.
struct PromiseCheck {
  private let name: String
  private let store: Store
  private let model: NaiveModel
  private let unchecked: Set<OpID>

  /// Looks at what the rules make of the ops that a replica has folded.
  init(_ check: ReplicaCheck, _ model: NaiveModel, unchecked: Set<OpID>) {
    name = check.name
    store = check.store
    self.model = model
    self.unchecked = unchecked
  }

  /// All checks, and counts of what was seen.
  func run(_ marks: inout Marks) throws(Violation) {
    for (id, account) in model.accounts.sorted(by: { $0.key < $1.key }) {
      // I1: what other offices hold a right to, the home has not spent.
      let left = model.homeRights(on: id)
      guard left < 0 else { continue }
      let debt = model.debt(of: id, unchecked: unchecked)
      guard -left <= debt.most else {
        throw Violation(
          account.balance < 0 ? "I2" : "I1",
          "\(name): \(id) lacks \(-left): lost credits \(debt.lostCredits), ended "
            + "\(debt.hubDebits), on trust \(debt.uncovered), without a right "
            + "\(debt.withoutStanding)")
      }
      marks.hit("check.debt")
      for op in debt.told { try checkTold(op) }
    }
    for (office, points) in model.uncovered.sorted(by: { $0.key < $1.key }) where points > 0 {
      let most = model.mostOnTrust(at: office, unchecked: unchecked)
      guard points > most else { continue }
      throw Violation("I2", "\(name): \(office) has \(points) out on trust, of \(most)")
    }
  }

  private func checkTold(_ op: OpID) throws(Violation) {
    let verdict = try must("read a verdict") { try store.verdict(of: op) }
    guard verdict.reasons.isEmpty, verdict.outcome == .posted else { return }
    throw Violation("I2", "\(name): \(op) took points by nobody's right, and nobody is told")
  }
}
