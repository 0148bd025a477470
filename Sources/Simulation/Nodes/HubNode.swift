import Hub
import OpLog
import Store

/// The hub's machine: its disk and clock, its key file, and the process that runs now.
final class HubNode {
  private(set) var disk: Disk
  private let keyFile: KeyFile
  var clock = NodeClock.right
  private(set) var core: HubCore
  /// How far its logs went when they were last looked at.
  var logs = LogWatch()
  /// The chain hashes of all that any life of it ever wrote.
  private(set) var wrote: Set<Digest> = []
  private var noted: Head?

  /// A new street's hub.
  init(_ random: inout SplitMix64, now: Int64) throws(Violation) {
    let key = HubKey(random: { random.bytes($0) })
    keyFile = KeyFile(key)
    disk = try must("make the hub's disk") {
      let disk = try Disk()
      try HubAdmin.define(
        try Store.create(disk.connection, Self.identity(key)), streetName: "青龙街", now: now)
      return disk
    }
    core = try Self.open(disk, keyFile)
  }

  var store: Store { core.store }

  /// The replica that the hub is in its present life.
  var replica: ReplicaID { store.identity.replica }

  /// Starts a new process on the same disk; where a new life began in the key file only, the operator
  /// finishes that.
  func restart(at time: Int64) throws(Violation) {
    disk.restorePower()
    try start(at: time)
  }

  /// The seal that this street's hubs make over a head for those that come after them.
  func sealForSuccessors(_ head: Head) -> Digest {
    Seal.ofSuccessor(masterKey: keyFile.key.masterKey, head)
  }

  /// Remembers what the hub wrote of its own log since the last time.
  func noteOwnLog() throws(Violation) {
    try must("read the hub's log") {
      let end = try store.storedHead(of: replica)
      if noted.map({ $0.replica != end.replica || $0.seq > end.seq }) ?? true {
        noted = try store.head(of: replica, at: 0)
      }
      guard let last = noted, last.seq < end.seq else { return }
      for seq in last.seq + 1...end.seq {
        if let hash = try store.head(of: replica, at: seq)?.hash { wrote.insert(hash) }
      }
      noted = end
    }
  }

  // MARK: Lives

  /// The database is gone, and the hub is rebuilt from its key.
  func rebuild(at time: Int64) throws(Violation) {
    try noteOwnLog()
    try recover(at: time) { key in
      let disk = try Disk()
      return (disk, try Store.create(disk.connection, Self.identity(key)))
    }
  }

  /// The database is an old one, and the operator knows it.
  func restore(_ old: Disk, at time: Int64) throws(Violation) {
    try noteOwnLog()
    try recover(at: time) { _ in
      let disk = try old.copy()
      return (disk, try Store(disk.connection))
    }
  }

  /// The database is an old one, and nobody knows it.
  func rollBack(to old: Disk, at time: Int64) throws(Violation) {
    try noteOwnLog()
    disk = try must("bring an old disk back") { try old.copy() }
    noted = nil
    logs = LogWatch()
    try start(at: time)
  }

  private func recover(
    at time: Int64, _ make: (HubKey) throws -> (Disk, Store)
  ) throws(Violation) {
    disk = try must("rebuild the hub") {
      let next = try keyFile.beginNextLife()
      let (disk, store) = try make(next)
      if try HubClock.lead(over: clock.reading(at: time), of: store) != nil {
        clock = .right
        try HubClock.confirm(time, in: store)
      }
      try HubAdmin.begin(next, in: store, now: clock.reading(at: time))
      return disk
    }
    core = try Self.open(disk, keyFile)
    logs = LogWatch()
  }

  private func start(at time: Int64) throws(Violation) {
    let life = try must("read the hub's life") {
      try Store(disk.connection).identity.incarnation
    }
    guard keyFile.key.formers.contains(life) else {
      core = try Self.open(disk, keyFile)
      return
    }
    try recover(at: time) { [disk] _ in (disk, try Store(disk.connection)) }
  }

  private static func identity(_ key: HubKey) -> StoreIdentity {
    StoreIdentity(
      street: key.street, incarnation: key.incarnation, replica: key.incarnation.hub)
  }

  private static func open(_ disk: Disk, _ keyFile: KeyFile) throws(Violation) -> HubCore {
    try must("open the hub") {
      guard
        let core = HubCore(
          store: try Store(disk.connection), key: keyFile.key, renewal: keyFile.renewal)
      else { throw Violation("crash-free", "the hub's database does not fit its key") }
      return core
    }
  }
}

/// The file with the hub's key, which outlives every database.
private final class KeyFile {
  private(set) var key: HubKey
  private var random: SplitMix64

  init(_ key: HubKey) {
    self.key = key
    random = SplitMix64(seed: key.incarnation.randomBits)
  }

  /// How the hub begins a new life by itself.
  var renewal: HubRenewal {
    HubRenewal(
      random: { [self] in random.bytes($0) },
      keep: { [self] next in
        key = next
        return true
      })
  }

  /// The key of the next life, kept.
  func beginNextLife() throws(Violation) -> HubKey {
    guard let next = key.next(random: { random.bytes($0) }) else {
      throw Violation("crash-free", "the key has no higher life")
    }
    key = next
    return next
  }
}
