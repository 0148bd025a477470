import Community
import Hub
import Office
import OpLog
import Peer
import Store
import Wire

/// PCs that are lost, and what stopped ones may do.
extension World {
  /// Whether an office knows that it may record nothing more.
  func hasStopped(_ office: OfficeNode) throws(Violation) -> Bool {
    try must("ask whether it may record") { try office.core.stop != nil }
  }

  /// A PC is believed to be lost, and another takes its place; sometimes it turns up later, with all
  /// that was recorded on it meanwhile.
  func retireAnOffice() throws(Violation) {
    var pairs: [(lost: OfficeNode, heir: OfficeNode)] = []
    for lost in offices where lost.isCurrent {
      for heir in offices
      where heir.isCurrent && heir !== lost && heir.community == lost.community {
        pairs.append((lost, heir))
      }
    }
    guard let (lost, heir) = random.pick(pairs) else { return }
    let retirement = Retirement(
      replica: lost.replica, successor: heir.replica,
      approvers: Array(staff[lost.community][..<2]), reason: 0)
    try actAtHub("puts \(heir.replica) in the place of \(lost.replica)") {
      (store, now) throws(StoreError) in
      do throws(RetireRefusal) {
        _ = try HubAdmin.retire(retirement, in: store, now: now)
      } catch {
        guard case .store(let failure) = error else { return }
        throw failure
      }
    }
    // A disk may fail behind the commit.
    guard try must("look up a retirement", { try hub.store.isRetired(lost.replica) }) else {
      return
    }
    marks.hit(.officeRetired)
    lost.isRetired = true
    lost.session = nil
    if strikes(.officeFound) { lost.lineDownUntil = .max } else { lost.isGone = true }
  }
}
