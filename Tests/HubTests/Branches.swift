import Community
import Foundation
import Hub
import Office
import OpLog
import Peer
import Store
import Testing
import Wire

/// Three offices, and a PC of the third on an old copy of its database, with other ops under its ids.
struct Branches {
  let scene: ThreeOffices
  let old: OfficeCore
  /// The heads of the third office's ops that the first hub received, and nobody had when it was copied.
  let kept: [Head]
  /// Those of the other ops under the same ids, and behind.
  private(set) var lost: [Head] = []
  /// The person whom the old copy registers.
  let newcomer: OpID

  var street: Street { scene.street }
  var offices: [OfficeCore] { scene.offices }
  var staff: [OpID] { scene.staff }
  var activity: OpID { scene.activity }

  /// Of the third one's ops those at some places hear before the hub is lost, and nobody but the hub of
  /// some later ones.
  init(knowing: [Int], later: Int = 0) throws {
    let scene = try ThreeOffices()
    self.scene = scene
    old = try copied(scene.offices[2])
    let start = try scene.offices[2].store.storedHead(of: scene.offices[2].replica)
    for number in 0..<13 { try scene.award(62 + 3 * number) }
    for place in knowing.reversed() { try scene.street.sync(scene.offices[place]) }
    kept = try heads(of: scene.offices[2], behind: start.seq)
    for _ in 0..<later {
      try scene.street.record(
        "resident.register", ["name": "周强"], at: scene.offices[2], by: scene.staff[0])
    }
    try scene.street.sync(scene.offices[2])
    newcomer = try scene.street.record(
      "resident.register", ["name": "陈大勇"], at: old, by: scene.staff[0])
    for session in 1...25 {
      try scene.street.record(
        "award.grant",
        [
          "activity": "\(scene.activity)", "resident": "\(newcomer)", "session": "\(session)",
        ], at: old, by: scene.staff[0])
    }
    lost = try heads(of: old, behind: start.seq)
  }

  /// The hub loses all but its key, and the old copy calls first.
  func loseHub(_ maxBytes: Int = 64 << 10) throws {
    try street.wipeHub()
    try street.meet(old, maxBytes: maxBytes)
    #expect(try lost.allSatisfy(street.hub.store.holds))
  }

  func copy(of office: OfficeCore) throws -> OfficeCore { try copied(office) }

  /// A PC follows the hub and brings its own ops, and its line fails before it gave anything else.
  func bringOwnLog(_ office: OfficeCore) throws {
    let (call, message) = try office.rollCallRequest(maxBytes: 64 << 10)
    _ = try office.take(street.send(message), to: call)
    let (request, push) = try office.syncRequest(maxBytes: 64 << 10)
    _ = try office.take(street.send(push), to: request, now: street.now)
  }

  /// Registers people until a log ends at a seq.
  func register(until seq: UInt64, at office: OfficeCore) throws {
    while try office.store.storedHead(of: office.replica).seq < seq {
      try street.record("resident.register", ["name": "周强"], at: office, by: staff[0])
    }
  }

  func register(_ name: String) throws {
    try street.record("resident.register", ["name": name], at: old, by: staff[0])
  }

  /// The ops of the former hub's receipts are the ops, and the others are kept.
  func expectPutAway(
    _ store: Store, _ location: SourceLocation = #_sourceLocation
  ) throws {
    for head in kept {
      #expect(try store.holds(head), sourceLocation: location)
      let id = try #require(OpID(head.replica, head.seq))
      let place = try store.place(of: id)
      #expect(place.receipt?.replica == ReplicaID.hub(incarnation: 1), sourceLocation: location)
    }
    for head in lost {
      #expect(try store.isPutAway(head), sourceLocation: location)
      #expect(try !store.holds(head), sourceLocation: location)
    }
    let last = try #require(lost.last)
    #expect(try store.foldedHead(of: last.replica) == kept.last, sourceLocation: location)
  }

  func expectAgreement(_ location: SourceLocation = #_sourceLocation) throws {
    try scene.expectAgreement(nil, location)
    let tables = try street.hub.store.tablesDigest()
    for office in offices {
      #expect(try office.store.tablesDigest() == tables, sourceLocation: location)
    }
  }

  /// The old copy hears of it, and records again what it wrote.
  func rejoin(_ maxBytes: Int = 64 << 10, later: Int64 = 0) throws {
    do {
      try street.meet(old, maxBytes: maxBytes)
      Issue.record("a PC goes on under ids that others bear")
    } catch let error as OfficeError { try old.note(error) }
    #expect(try old.stop == .copied)
    #expect(try old.rejoinPlan().ops.count == lost.count + Int(later))
    let reply = try street.enrolment(community: "青龙街", code: "OLD")
    try old.begin(as: reply, hubAddress: "http://hub")
    let joined = try OfficeCore(old.store)
    try street.meet(joined, maxBytes: maxBytes)
    #expect(try joined.stop == nil)
    #expect(try joined.store.recordedAgainCount() == Int64(lost.count) + later)
    for office in offices + [joined] { try street.meet(office, maxBytes: maxBytes) }
    let again = try #require(try joined.store.recordedAgain(newcomer))
    for store in [street.hub.store, joined.store] + offices.map(\.store) {
      #expect(try store.verdict(of: again) == .plain)
      #expect(try store.row(Tables.account, id: again.packed)?[1] == .integer(225))
      #expect(try street.digest(store) == street.digest(street.hub.store))
    }
    for head in lost { #expect(try street.records(of: head.hash).count == 1) }
    let before = try joined.store.tablesDigest()
    try joined.store.rebuild()
    #expect(try joined.store.tablesDigest() == before)
    #expect(try joined.store.verify().findings.isEmpty)
  }
}

func copied(_ office: OfficeCore) throws -> OfficeCore {
  let path = FileManager.default.temporaryDirectory.path + "/linli-test-\(UUID().uuidString)"
  defer {
    for end in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + end) }
  }
  try office.store.copy(to: path)
  return try OfficeCore(Store(path: path, mode: .readWrite))
}

private func heads(of office: OfficeCore, behind seq: UInt64) throws -> [Head] {
  let store = office.store
  let end = try store.storedHead(of: office.replica).seq
  return try (seq + 1...end).map { try #require(try store.head(of: office.replica, at: $0)) }
}

extension Street {
  /// The heads of what the hub's desk says is missing.
  func missing() throws -> [Head] {
    let store = hub.store
    return try store.read { () throws(StoreError) in
      try store.lostBranches().flatMap { branch in
        branch.records.map {
          Head(replica: branch.replica, seq: $0.op.id.seq, hash: $0.hash)
        }
      }
    }
  }

  /// The ops at the hub that record again what had a chain hash.
  func records(of hash: Digest) throws -> [OpID] {
    var found: [OpID] = []
    for replica in try hub.store.replicas() {
      let end = try hub.store.foldedHead(of: replica).seq
      guard end > 0 else { continue }
      for op in try hub.store.ops(of: replica, in: 1...end, limit: Int(end)) where op.was == hash {
        found.append(op.id)
      }
    }
    return found
  }
}
