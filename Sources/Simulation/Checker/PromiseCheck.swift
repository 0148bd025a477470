import Community
import Conformance
import OpLog

/// I2 in every world: what an account lacks is explained term by term, and staff were told of each op
/// in a term; what an office has out on trust is within a limit that the street set.
struct PromiseCheck {
  private let name: String
  private let view: FrozenView
  private let model: NaiveModel
  private let unchecked: Set<OpID>

  /// Looks at what the rules make of the ops that a replica has folded.
  init(_ check: ReplicaCheck, _ model: NaiveModel, unchecked: Set<OpID>) {
    name = check.name
    view = check.view
    self.model = model
    self.unchecked = unchecked
  }

  /// All checks, and counts of what was seen.
  func run(_ marks: inout Marks) throws(Violation) {
    let desk = try deskEntries()
    for (id, account) in model.accounts.sorted(by: { $0.key < $1.key }) {
      let debt = model.debt(of: id, unchecked: unchecked)
      // Of what an op took somebody is told, whether the account has enough all the same or not.
      for told in debt.told { try check(told, desk) }
      // I1: what other offices hold a right to, the home has not spent.
      let left = model.homeRights(on: id)
      guard left < 0 else { continue }
      guard -left <= debt.most else {
        throw Violation(
          account.balance < 0 ? "I2" : "I1",
          "\(name): \(id) lacks \(-left): lost credits \(debt.lostCredits), ended "
            + "\(debt.hubDebits), on trust \(debt.uncovered), without a right "
            + "\(debt.withoutStanding)")
      }
      marks.hit(Look.debt)
    }
    for (office, points) in model.uncovered.sorted(by: { $0.key < $1.key }) where points > 0 {
      let most = model.mostOnTrust(at: office, unchecked: unchecked)
      guard points > most else { continue }
      throw Violation("I2", "\(name): \(office) has \(points) out on trust, of \(most)")
    }
  }

  /// What the desk says, or said until somebody resolved it, of each subject.
  private func deskEntries() throws(Violation) -> [Int64: Set<DeskReason>] {
    try must("read the desk") {
      var desk: [Int64: Set<DeskReason>] = [:]
      for entry in try view.desk().union(Invariants.resolved(in: view)) {
        desk[entry.subject, default: []].insert(entry.reason)
      }
      return desk
    }
  }

  private func check(
    _ told: NaiveModel.Told, _ desk: [Int64: Set<DeskReason>]
  ) throws(Violation) {
    let said = desk[told.op.packed] ?? []
    guard said.isDisjoint(with: told.reasons) else { return }
    if told.reasons.isEmpty {
      let verdict = try must("read a verdict") { try view.verdict(of: told.op) }
      guard said.isEmpty, verdict?.outcome == .posted else { return }
    }
    throw Violation(
      "I2", "\(name): \(told.op) costs an account points, and nobody is told: \(said)")
  }
}
