import Hub
import Office
import OpLog
import Peer
import SQLite
import Store
import Wire

/// The street after a copy of an office was found out, and after its hub died.
extension CrashStreet {
  /// An office whose PC was copied, when its copy has synced first.
  struct Copied {
    /// The office's files: it knows that it must rejoin.
    let office: FaultyDisk
    /// The hub's files.
    let hub: FaultyDisk
    /// What the hub answered when the office asked for a new id.
    let enrolment: EnrolReply
  }

  /// Copies the first office, and lets both go on.
  func copied() throws -> Copied {
    let (first, second, hub) = (offices[0].copy(), offices[0].copy(), hub.copy())
    let core = try Self.core(try Self.store(on: hub), key)
    let winner = try Self.office(on: first)
    try spend(at: winner, form: "winner")
    try Self.sync(winner, core)
    let loser = try Self.office(on: second)
    try record("resident.register", ["name": "只在这里"], at: loser, form: "loser")
    try spend(at: loser, form: "loser")
    do {
      try Self.sync(loser, core)
    } catch let error as OfficeError { try loser.note(error) }
    let stop = try loser.stop
    precondition(stop == .copied, "the hub finds the copy")
    let reply = try Self.enrolment(code: "three", label: "新站", staff: [], policy: [:], at: core)
    try loser.store.finish()
    try core.store.finish()
    return Copied(office: second, hub: hub, enrolment: reply.enrolment)
  }

  /// The key of the hub's second life.
  func nextKey() -> HubKey {
    var random = SplitMix64(seed: 2)
    guard let next = key.next(random: { random.bytes($0) }) else {
      preconditionFailure("there is a second life")
    }
    return next
  }

  /// A hub that has nothing but a new life's beginning.
  func emptyHub(_ key: HubKey) throws -> FaultyDisk {
    let disk = FaultyDisk()
    let identity = StoreIdentity(
      street: key.street, incarnation: key.incarnation, replica: key.incarnation.hub)
    let store = try Store.create(path: CrashProcess.path, identity, on: disk)
    try HubAdmin.begin(key, in: store, now: Self.now)
    try store.finish()
    return disk
  }

  /// A hub to which both offices gave back all that they have.
  func calledHub(_ key: HubKey) throws -> FaultyDisk {
    let disk = try emptyHub(key)
    let core = try Self.core(try Self.store(on: disk), key)
    for office in offices { try Self.meet(try Self.office(on: office.copy()), core) }
    try core.store.finish()
    return disk
  }

  /// Exchanges until both sides have everything, with a hub that may be in a new life.
  static func meet(_ office: OfficeCore, _ hub: HubCore) throws {
    // As little as a request may have, so that there is much to do.
    let bytes = Int(WireLimits.chunkBytes.lowerBound)
    var machine = SyncMachine(owesRollCall: try office.owesRollCall)
    while true {
      do {
        switch machine.next() {
        case .exchange:
          let (request, message) = try office.syncRequest(maxBytes: bytes)
          let exchange = try office.take(try ask(message, hub), to: request, now: now)
          machine.exchanged(isLast: exchange.isLast)
        case .rollCall:
          let (request, message) = try office.rollCallRequest(maxBytes: bytes)
          machine.called(isDone: try office.take(try ask(message, hub), to: request))
        // Bodies wait for the end of the roll-call.
        default: return
        }
      } catch OfficeError.problem(let problem) {
        let mayGoOn = machine.refused(problem.kind)
        guard mayGoOn else { throw OfficeError.problem(problem) }
      }
    }
  }

  private func spend(at office: OfficeCore, form: String) throws {
    guard let item else { preconditionFailure("the street has goods") }
    try record(
      "redemption.record", ["resident": "\(residents[0])", "items": "\(item)*1"], at: office,
      form: form)
  }
}
