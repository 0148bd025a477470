import Hub
import Office
import OpLog
import Peer
import SQLite
import Store
import Wire

/// The street after its master key was lost with the hub's database.
extension CrashStreet {
  /// What is left of it, and what was made anew.
  struct LostKey {
    /// The new key.
    let key: HubKey
    /// The hub's files, when both offices have shown what they hold of the former one.
    let shown: FaultyDisk
    /// The same, adopted, when the roll-call has ended.
    let ended: FaultyDisk
    /// The first office's files: it has not renewed, and holds more of the former hub's log than was shown.
    let office: FaultyDisk
    /// What the hub answered when that office's code was typed.
    let renewal: PeerResponse
  }

  /// Loses the key, and lets both offices renew and call.
  func lostKey() throws -> LostKey {
    var random = SplitMix64(seed: 3)
    let renewed = HubKey.renewed(
      key.street, after: [key.incarnation], random: { random.bytes($0) })
    guard let renewed else { preconditionFailure("there is a second life") }
    let further = try furtherOffice()
    let disk = try emptyHub(renewed)
    let core = try Self.core(try Self.store(on: disk), renewed)
    var renewals: [PeerResponse] = []
    for (office, enrolment) in zip(offices, enrolments) {
      let code = "\(enrolment.replica)"
      _ = try HubAdmin.renew(
        enrolment.replica, codeHash: SHA256.hash(Array(code.utf8)), in: core.store, now: Self.now)
      let caller = try Self.office(on: office.copy())
      let nonce = [UInt8](repeating: 1, count: 16)
      let renewal = try Self.ask(try caller.renewRequest(code: code, nonce: nonce), core)
      try caller.renew(renewal, hubAddress: nil)
      renewals.append(renewal)
      try Self.meet(try OfficeCore(caller.store), core)
    }
    try core.store.finish()
    let ended = disk.copy()
    let store = try Self.store(on: ended)
    _ = try HubAdmin.adopt(by: staff, in: store, now: Self.now)
    _ = try HubAdmin.succeed(by: staff, in: store, now: Self.now)
    try store.finish()
    return LostKey(
      key: renewed, shown: disk, ended: ended, office: further, renewal: renewals[0])
  }

  /// The first office, after it alone heard what the former hub wrote last.
  private func furtherOffice() throws -> FaultyDisk {
    let (hub, office) = (hub.copy(), offices[0].copy())
    let core = try Self.core(try Self.store(on: hub), key)
    _ = try HubAdmin.invite(
      OfficeInvitation(community: "和平社区", label: "站", staff: [], policy: [:]),
      codeHash: .zero, to: core.store, now: Self.now)
    let caller = try Self.office(on: office)
    try Self.sync(caller, core)
    try caller.store.finish()
    return office
  }
}
