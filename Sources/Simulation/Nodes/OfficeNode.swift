import Community
import Office
import OpLog
import Store
import Wire

/// One office's PC: its disk and clock, and the process that runs now.
final class OfficeNode {
  /// Its place among the world's offices.
  var index: Int
  /// Which of the street's communities it belongs to.
  let community: Int
  let disk: Disk
  /// What the program knows that runs there.
  private(set) var edition: Edition
  var clock = NodeClock.right
  private(set) var core: OfficeCore
  /// How far its logs went when they were last looked at.
  var logs = LogWatch()
  /// The sync that runs; nil between syncs.
  var session: SyncSession?
  /// Whether it took part of a run whose bytes the line had changed.
  var holdsDamage = false
  /// When its last complete sync ended, and whether it found its tables equal to the hub's.
  var lastSync: (time: Int64, isDigestEqual: Bool)?
  /// When the line works again.
  var lineDownUntil: Int64 = 0
  /// Switched off for good: revoked, burnt, or never known to a rebuilt hub.
  var isGone = false
  /// Another office took its place; it may not know that yet.
  var isRetired = false
  /// What there is to know of it since its database turned out not to be the only one; nil for most.
  var copied: Copied?

  /// Every id that it wrote under.
  private var ids: Set<ReplicaID> = []

  /// Whether it wrote an op, under whichever id.
  func wrote(_ op: OpID) -> Bool { op.replica == replica || ids.contains(op.replica) }

  /// Whether its program is older than the others'.
  var isOlder: Bool { edition.version < Edition.present.version }

  /// Whether its program knows segments: that of every other office, and no older one's.
  var readsSegments: Bool { !isOlder && replica.rawValue.isMultiple(of: 2) }

  /// Whether it is to end as all others do.
  var isCurrent: Bool { !isGone && !isRetired && copied == nil }

  /// An office that enrolled just now.
  init(
    index: Int, community: Int, _ reply: EnrolReply, as edition: Edition
  ) throws(Violation) {
    self.index = index
    self.community = community
    self.edition = edition
    disk = try must("make an office's disk") {
      let disk = try Disk()
      let identity = StoreIdentity(
        street: reply.street, incarnation: reply.incarnation, replica: reply.replica)
      let store = try Store.create(disk.connection, identity, as: edition)
      try OfficeCore.adopt(reply, hubAddress: "http://hub", in: store)
      return disk
    }
    core = try Self.open(disk, as: edition)
  }

  /// The same office on an old copy of its disk.
  init(copyOf original: OfficeNode, at index: Int, on disk: Disk) throws(Violation) {
    self.index = index
    community = original.community
    clock = original.clock
    edition = original.edition
    ids = original.ids
    self.disk = disk
    core = try Self.open(disk, as: edition)
  }

  var store: Store { core.store }
  var replica: ReplicaID { core.replica }

  /// Starts a new process on the same disk; the sync that ran is lost.
  func restart() throws(Violation) {
    disk.restorePower()
    session = nil
    core = try Self.open(disk, as: edition)
  }

  /// Goes on under a new id on the same disk, in a new process; without power it is what it was.
  func rejoin(as reply: EnrolReply) throws(Violation) {
    ids.insert(replica)
    do throws(OfficeError) {
      try core.begin(as: reply, hubAddress: "http://hub")
    } catch {
      guard disk.hasFailed else {
        throw Violation("crash-free", "\(replica) cannot go on under a new id: \(error)")
      }
    }
    try restart()
  }

  /// How much of the log of the hub that it follows is folded here.
  func hubHead() throws(Violation) -> Head {
    try must("read progress") { try store.foldedHead(of: try store.hub) }
  }

  /// Whether an op is held and folded here.
  func holds(_ id: OpID) throws(Violation) -> Bool {
    try must("look up a head") {
      // An office that a later life enrolled may not have heard of the life that issued the id.
      guard try store.knowsLife(of: id.replica) else { return false }
      return try store.foldedHead(of: id.replica).seq >= id.seq
    }
  }

  /// Starts the present program on what an older one left.
  func upgrade() throws(Violation) {
    edition = .present
    try restart()
  }

  private static func open(_ disk: Disk, as edition: Edition) throws(Violation) -> OfficeCore {
    try must("open an office") { try OfficeCore(try Store(disk.connection, as: edition)) }
  }
}
