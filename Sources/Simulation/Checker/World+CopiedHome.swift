import Conformance
import OpLog
import Store

/// I2 of a copied home: it costs at most what it held when the later of the two copies last synced before
/// it was found.
extension World {
  /// What a PC that has to go on under another id could spend of each account that it spent of: what it
  /// held by all but the ops that nobody had from it, and what those brought beside what they took.
  ///
  /// An account of which a program took something that asks for no right is in none.
  func bounds(of unproved: [FormerOp], at office: OfficeNode) throws(Violation) -> [OpID: Int64] {
    guard !unproved.isEmpty, !office.isOlder else { return [:] }
    let own = Set(unproved.map(\.op.id))
    let (facts, lost) = try must("read what a copy knows") {
      (try StoreView(office.store).facts(), try office.store.putAwayHashes())
    }
    let all = NaiveModel(facts, lost: lost)
    let synced = NaiveModel(facts.filter { !own.contains($0.id) }, lost: lost)
    var bounds: [OpID: Int64] = [:]
    for former in unproved {
      guard let account = all.spending(by: former.op.id)?.account else { continue }
      let before = bounds[account] ?? bound(of: account, synced, all)
      bounds[account] = before + (all.charge(of: former.op.id) ?? 0)
    }
    for former in unproved where unchecked.contains(former.hash) {
      for id in all.charged(by: former.op.id) { bounds[id] = nil }
    }
    return bounds
  }

  private func bound(of account: OpID, _ synced: NaiveModel, _ all: NaiveModel) -> Int64 {
    max(0, synced.homeRights(on: account)) + (all.accounts[account]?.balance ?? 0)
      - (synced.accounts[account]?.balance ?? 0)
  }

  /// What was recorded again took no more than that.
  func checkCost(
    of again: [OpID: OpID], _ copied: Copied, at office: OfficeNode
  ) throws(Violation) {
    guard !copied.bounds.isEmpty else { return }
    let now = try must("read what was recorded again") {
      NaiveModel(try StoreView(office.store).facts(), lost: try office.store.putAwayHashes())
    }
    var cost: [OpID: Int64] = [:]
    for id in again.values {
      for account in now.charged(by: id) { cost[account, default: 0] += now.charge(of: id) ?? 0 }
    }
    for (account, points) in cost.sorted(by: { $0.key < $1.key }) {
      guard let bound = copied.bounds[account] else { continue }
      marks.hit(Look.copiedHome)
      guard points > bound else { continue }
      throw Violation(
        "I2", "the copy of \(copied.former) cost \(account) \(points), and held \(bound)")
    }
  }
}
