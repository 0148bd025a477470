import Foundation
import Hub
import Office
import OpLog
import Peer
import Store
import Testing
import Wire

/// A street whose hub dies and comes back.
extension Street {
  /// Loses the hub's database and begins anew with its key.
  func wipeHub() throws {
    let next = try #require(key.next(random: random))
    let identity = StoreIdentity(
      street: next.street, incarnation: next.incarnation, replica: next.incarnation.hub)
    let store = try Store.create(path: ":memory:", identity)
    try HubAdmin.begin(next, in: store, now: now)
    try start(store, next)
  }

  /// A copy of the hub's database as it is now.
  func copyOfHub() throws -> Store {
    let path = FileManager.default.temporaryDirectory.path + "/linli-test-\(UUID().uuidString)"
    defer {
      for end in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + end) }
    }
    try hub.store.copy(to: path)
    return try Store(path: path, mode: .readWrite)
  }

  /// Begins anew on a backup.
  func recoverHub(from backup: Store) throws {
    let next = try #require(key.next(random: random))
    try HubAdmin.begin(next, in: backup, now: now)
    try start(backup, next)
  }

  /// Syncs an office as its program does, roll-calls included; bodies too.
  ///
  /// - Returns: How many round trips were roll-calls.
  @discardableResult
  func meet(_ office: OfficeCore, maxBytes: Int = 64 << 10) throws -> Int {
    var machine = SyncMachine(owesRollCall: try office.owesRollCall)
    var calls = 0
    for _ in 1...1_000 {
      let action = machine.next()
      if case .finished = action { return calls }
      if case .rollCall = action { calls += 1 }
      do throws(OfficeError) {
        try carryOut(action, &machine, at: office, maxBytes: maxBytes)
      } catch {
        guard case .problem(let problem) = error else { throw error }
        let mayGoOn = machine.refused(problem.kind)
        guard mayGoOn else { throw error }
      }
    }
    Issue.record("the sync did not end")
    return calls
  }

  private func carryOut(
    _ action: SyncMachine.Action, _ machine: inout SyncMachine, at office: OfficeCore,
    maxBytes: Int
  ) throws(OfficeError) {
    switch action {
    case .exchange:
      let (request, message) = try office.syncRequest(maxBytes: maxBytes)
      let exchange = try office.take(send(message), to: request, now: now)
      machine.exchanged(isLast: exchange.isLast, mustSearch: exchange.mustSearch)
    case .rollCall:
      let (request, message) = try office.rollCallRequest(maxBytes: maxBytes)
      let isDone = try office.take(send(message), to: request)
      machine.called(isDone: isDone)
    case .search:
      guard let (request, message) = try office.digestsRequest(now: now) else {
        return machine.searched(.done)
      }
      machine.searched(try office.take(send(message), to: request))
    case .bodies:
      for errand in try office.bodyErrands() {
        _ = try office.take(send(errand.request), to: errand)
      }
      machine.bodiesMoved()
    case .wait, .finished: break
    }
  }

  /// Ends the roll-call.
  @discardableResult
  func succeed(by approvers: [OpID]) throws -> OpID {
    try HubAdmin.succeed(by: approvers, in: hub.store, now: now)
  }

  /// Enrols an office again whose enrolment was lost.
  @discardableResult
  func enrolAgain(
    _ office: ReplicaID, in community: OpID? = nil, isSure: Bool = true
  ) throws -> OpID {
    try HubAdmin.enrolAgain(
      office, in: community, label: nil, isSure: isSure, store: hub.store, now: now
    ).community
  }

  /// The same for one that is here.
  @discardableResult
  func enrolAgain(_ office: OfficeCore) throws -> OpID { try enrolAgain(office.replica) }

  /// The digest of a store's state.
  func digest(_ store: Store) throws -> StateDigest {
    try store.read { () throws(StoreError) in try store.stateDigest() }
  }
}
