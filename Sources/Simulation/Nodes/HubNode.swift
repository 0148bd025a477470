import Hub
import OpLog
import Store

/// The hub's machine: its disk and clock, its key file, and the process that runs now.
final class HubNode {
  let disk: Disk
  let key: HubKey
  var clock = NodeClock.right
  private(set) var core: HubCore

  /// A new street's hub.
  init(_ random: inout SplitMix64, now: Int64) throws(Violation) {
    let key = HubKey(random: { random.bytes($0) })
    self.key = key
    disk = try must("make the hub's disk") {
      let disk = try Disk()
      let identity = StoreIdentity(
        street: key.street, incarnation: key.incarnation, replica: key.incarnation.hub)
      let store = try Store.create(disk.connection, identity)
      try HubAdmin.define(store, streetName: "青龙街", now: now)
      return disk
    }
    core = try Self.open(disk, key)
  }

  var store: Store { core.store }

  /// Starts a new process on the same disk.
  func restart() throws(Violation) {
    disk.restorePower()
    core = try Self.open(disk, key)
  }

  private static func open(_ disk: Disk, _ key: HubKey) throws(Violation) -> HubCore {
    try must("open the hub") {
      guard let core = HubCore(store: try Store(disk.connection), key: key) else {
        throw Violation("crash-free", "the hub's database does not fit its key")
      }
      return core
    }
  }
}
