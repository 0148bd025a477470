import Community
import Foundation
import Hub
import Office
import OpLog
import Peer
import Store
import Testing
import Wire

/// Two PCs write other ops under one office's ids, and a hub that lost all hears of the later ones first:
/// the ops are those that the former hub received.
@Suite struct BranchTests {
  /// How large the parts are in which everything travels.
  static let sizes = [64 << 10, 4 << 10]

  @Test("what the former hub received has its ids again everywhere", arguments: sizes)
  func atTheHub(maxBytes: Int) throws {
    let scene = try Branches(knowing: [0, 1, 2])
    try scene.loseHub(maxBytes)
    try scene.street.meet(scene.offices[0], maxBytes: maxBytes)
    try scene.expectPutAway(scene.street.hub.store)
    try scene.street.succeed(by: scene.staff)
    for office in scene.offices + scene.offices {
      try scene.street.meet(office, maxBytes: maxBytes)
      try scene.expectPutAway(office.store)
    }
    try scene.expectAgreement()
    #expect(try scene.street.missing() == scene.lost)
    try scene.rejoin(maxBytes)
    #expect(try scene.street.missing() == [])
    try scene.expectAgreement()
  }

  @Test("what was put away is on the hub's desk until somebody looked after it")
  func onTheDesk() throws {
    let scene = try Branches(knowing: [0, 1, 2])
    try scene.loseHub()
    #expect(try scene.street.missing() == [])
    try scene.street.meet(scene.offices[0])
    #expect(try scene.street.missing() == scene.lost)
    let hub = scene.street.hub.store
    // What an award names is the person of its own branch, although another op has that id.
    let branch = try #require(
      try hub.read { () throws(StoreError) in try hub.lostBranches() }.first)
    #expect(branch.ops[scene.newcomer]?.kind == Catalogue.kind(named: "resident.register")?.number)
    #expect(try hub.op(scene.newcomer).kind != branch.ops[scene.newcomer]?.kind)
    let isNoted = try hub.write { () throws(StoreError) in
      try hub.noteLost(scene.newcomer, at: 1)
    }
    #expect(isNoted)
    #expect(try scene.street.missing() == Array(scene.lost.dropFirst()))
  }

  @Test("an office that took the others first gives them up", arguments: sizes)
  func atAnOffice(maxBytes: Int) throws {
    let scene = try Branches(knowing: [0, 2])
    let (street, taker) = (scene.street, scene.offices[1])
    try scene.loseHub(maxBytes)
    try street.meet(taker, maxBytes: maxBytes)
    #expect(try scene.lost.allSatisfy(taker.store.holds))
    // It works with what it sees.
    let award = try street.record(
      "award.grant",
      ["activity": "\(scene.activity)", "resident": "\(scene.newcomer)", "session": "90"],
      at: taker, by: scene.staff[0])
    try street.meet(taker, maxBytes: maxBytes)
    #expect(try street.hub.store.verdict(of: award) == .plain)
    try street.meet(scene.offices[0], maxBytes: maxBytes)
    try street.succeed(by: scene.staff)
    for office in scene.offices + scene.offices { try street.meet(office, maxBytes: maxBytes) }
    for store in [street.hub.store] + scene.offices.map(\.store) {
      try scene.expectPutAway(store)
      // It names a person who has another number now.
      #expect(try store.verdict(of: award).outcome == .pending)
    }
    try scene.expectAgreement()
    try scene.rejoin(maxBytes)
    try scene.expectAgreement()
  }

  @Test("a new office that pulls from the start gets there too", arguments: sizes)
  func newcomer(maxBytes: Int) throws {
    let scene = try Branches(knowing: [0, 1, 2])
    let street = scene.street
    try scene.loseHub(maxBytes)
    try street.meet(scene.offices[0], maxBytes: maxBytes)
    try street.succeed(by: scene.staff)
    for office in scene.offices { try street.meet(office, maxBytes: maxBytes) }
    let (office, _) = try street.office(code: "FOUR")
    try street.sync(office, maxBytes: maxBytes)
    try scene.expectPutAway(office.store)
    #expect(try street.digest(office.store) == street.digest(street.hub.store))
    #expect(try office.store.tablesDigest() == street.hub.store.tablesDigest())
    // And so does a hub that has all of it from the offices.
    try street.wipeHub()
    for office in [office] + scene.offices { try street.meet(office, maxBytes: maxBytes) }
    try street.succeed(by: scene.staff)
    for office in [office] + scene.offices { try street.meet(office, maxBytes: maxBytes) }
    try scene.expectPutAway(street.hub.store)
    try scene.expectAgreement()
    try scene.rejoin(maxBytes)
    try scene.expectAgreement()
  }

  @Test("a new office behind a third hub, where the true log went on beyond the other branch")
  func longerLog() throws {
    let scene = try Branches(knowing: [0, 1, 2])
    let street = scene.street
    try scene.loseHub()
    try street.meet(scene.offices[0])
    try street.succeed(by: scene.staff)
    for office in scene.offices { try street.meet(office) }
    for _ in 0...scene.lost.count {
      try street.record(
        "resident.register", ["name": "周强"], at: scene.offices[2], by: scene.staff[0])
    }
    for office in scene.offices.reversed() { try street.meet(office) }
    try street.wipeHub()
    for office in scene.offices + scene.offices { try street.meet(office) }
    try street.succeed(by: scene.staff)
    for office in scene.offices { try street.meet(office) }
    let (office, _) = try street.office(code: "FIVE")
    try street.sync(office)
    #expect(try scene.lost.allSatisfy(office.store.isPutAway))
    #expect(try street.digest(office.store) == street.digest(street.hub.store))
    #expect(try office.store.tablesDigest() == street.hub.store.tablesDigest())
  }

  @Test("a PC that goes on behind what was put away hears that it was copied")
  func goingOn() throws {
    let scene = try Branches(knowing: [0, 1, 2])
    try scene.loseHub()
    try scene.street.meet(scene.offices[0])
    for _ in 0..<3 { try scene.register("钱多") }
    do {
      try scene.street.meet(scene.old)
      Issue.record("the hub took ops behind what was put away")
    } catch let error as OfficeError {
      guard case .problem(let problem) = error else { throw error }
      #expect(problem.kind == .fork)
      try scene.old.note(error)
    }
    #expect(try scene.old.stop == .copied)
    try scene.street.succeed(by: scene.staff)
    for office in scene.offices + scene.offices { try scene.street.meet(office) }
    try scene.rejoin(later: 3)
    try scene.expectAgreement()
  }

  @Test("so it hears where the true log beyond is just being given")
  func goingOnMeanwhile() throws {
    let scene = try Branches(knowing: [0, 1, 2], later: 20)
    try scene.loseHub()
    try scene.street.meet(scene.offices[0])
    for _ in 0..<3 { try scene.register("钱多") }
    let hub = scene.street.hub.store
    let end = try scene.old.store.storedHead(of: scene.old.replica).seq
    for _ in 0..<500 where try hub.storedHead(of: scene.old.replica).seq < end {
      let (request, message) = try scene.offices[2].rollCallRequest(maxBytes: 1 << 10)
      _ = try scene.offices[2].take(scene.street.send(message), to: request)
    }
    let held = try hub.storedHead(of: scene.old.replica)
    #expect(held.seq >= end)
    #expect(try hub.foldedHead(of: scene.old.replica) == scene.kept.last)
    do {
      try scene.street.meet(scene.old)
      Issue.record("the hub took ops behind what was put away")
    } catch let error as OfficeError {
      guard case .problem(let problem) = error else { throw error }
      #expect(problem.kind == .fork)
    }
    // What somebody who holds the true log gave stays.
    #expect(try hub.storedHead(of: scene.old.replica) == held)
  }

  @Test(
    "a part that fits behind both branches ends behind the one that it goes on", arguments: sizes)
  func fitsBoth(maxBytes: Int) throws {
    let scene = try Branches(knowing: [0, 1, 2])
    let (street, writer) = (scene.street, scene.offices[2])
    try scene.loseHub()
    try street.meet(scene.offices[0])
    try street.succeed(by: scene.staff)
    for office in scene.offices { try street.meet(office) }
    // Both are of one length when the true log's PC is copied; then it goes on.
    try scene.register(until: try #require(scene.lost.last).seq, at: writer)
    try street.meet(writer)
    let twin = try scene.copy(of: writer)
    try scene.register(until: try #require(scene.lost.last).seq + 40, at: writer)
    for office in scene.offices.reversed() { try street.meet(office) }
    try street.wipeHub()
    try scene.bringOwnLog(twin)
    #expect(
      try street.hub.store.foldedHead(of: writer.replica).seq == scene.lost.last?.seq)
    try street.meet(scene.offices[0], maxBytes: maxBytes)
    let hub = street.hub.store
    let end = try writer.store.storedHead(of: writer.replica)
    #expect(try hub.foldedHead(of: writer.replica) == end)
    #expect(try scene.lost.allSatisfy(hub.isPutAway))
    #expect(try !scene.offices[0].owesRollCall)
    try street.succeed(by: scene.staff)
    for office in scene.offices + scene.offices { try street.meet(office) }
    try scene.expectAgreement()
  }

  @Test(
    "of many pages with what was put away the last folds anew, or the next write where none comes")
  func foldsOnce() throws {
    let scene = try Branches(knowing: [0, 1, 2])
    let (street, office) = (scene.street, scene.offices[1])
    // Each push is a receipt of its own.
    try scene.loseHub(4 << 10)
    for _ in 0..<30 {
      try scene.register("钱多")
      try street.meet(scene.old)
    }
    try street.meet(scene.offices[0])
    try street.succeed(by: scene.staff)
    var isDone = false
    while !isDone {
      let (call, message) = try office.rollCallRequest(maxBytes: 64 << 10)
      isDone = try office.take(street.send(message), to: call)
    }
    let before = office.store.refolds
    var isLast = false
    for _ in 0..<12 where !isLast {
      let (request, message) = try office.syncRequest(maxBytes: 4 << 10)
      isLast = try office.take(street.send(message), to: request, now: street.now).isLast
    }
    #expect(!isLast, "the line fails before the end")
    #expect(office.store.refolds == before)
    #expect(try office.store.number(.refold) != nil)
    try street.record("resident.register", ["name": "周强"], at: office, by: scene.staff[0])
    #expect(office.store.refolds == before + 1)
    #expect(try office.store.number(.refold) == nil)
    let tables = try office.store.tablesDigest()
    try office.store.rebuild()
    #expect(try office.store.tablesDigest() == tables)
    let rebuilt = office.store.refolds
    try street.meet(office, maxBytes: 4 << 10)
    #expect(office.store.refolds <= rebuilt + 1)
    for office in scene.offices + [office] { try street.meet(office) }
    try scene.expectAgreement()
  }

  @Test(
    "a part beside the log that the line spoiled is dropped, and comes again", arguments: [1, 2])
  func spoiledPart(place: Int) throws {
    let scene = try Branches(knowing: [0, 1, 2])
    let (street, office) = (scene.street, scene.offices[place])
    try scene.loseHub()
    try street.meet(scene.offices[0])
    try street.succeed(by: scene.staff)
    var isDone = false
    while !isDone {
      let (call, message) = try office.rollCallRequest(maxBytes: 64 << 10)
      isDone = try office.take(street.send(message), to: call)
    }
    let codec = OpJSON(SchemaTable(Catalogue.schemas))
    var (isSpoiled, isRefused) = (false, false)
    for _ in 0..<100 where !isRefused {
      let (request, message) = try office.syncRequest(maxBytes: 4 << 10)
      var answer = street.send(message)
      if !isSpoiled {
        var reply = try SyncReply(decoding: answer.body, asker: office.replica, codec)
        isSpoiled = try Self.spoil(&reply, scene.lost)
        answer.body = reply.encode(codec)
      }
      do throws(OfficeError) {
        _ = try office.take(answer, to: request, now: street.now)
      } catch {
        guard case .untrusted(.chain) = error else { throw error }
        isRefused = true
      }
    }
    #expect(isSpoiled && isRefused)
    #expect(try office.stop == nil)
    for office in scene.offices + [office] { try street.meet(office, maxBytes: 4 << 10) }
    try scene.expectPutAway(office.store)
    try scene.expectAgreement()
  }

  /// Spoils the last op of a part that does not end its run.
  private static func spoil(_ reply: inout SyncReply, _ lost: [Head]) throws -> Bool {
    let inner = Set(lost.dropFirst().dropLast().map(\.seq))
    for (place, entry) in reply.entries.enumerated() {
      for (index, run) in entry.runs.enumerated() where run.ops.first?.id.replica == lost[0].replica
      {
        guard let op = run.ops.last, inner.contains(op.id.seq) else { continue }
        var fields = op.fields
        fields.stamp += 1
        reply.entries[place].runs[index].ops[run.ops.count - 1] = try Op(fields)
        return true
      }
    }
    return false
  }

  @Test(
    "the first hub's word comes last, behind two hubs that took one branch each", arguments: sizes)
  func firstWordLast(maxBytes: Int) throws {
    let scene = try Branches(knowing: [0, 2])
    let (street, taker) = (scene.street, scene.offices[1])
    try scene.loseHub(maxBytes)
    try street.meet(taker, maxBytes: maxBytes)
    try street.wipeHub()
    try scene.bringOwnLog(scene.offices[2])
    try street.meet(taker, maxBytes: maxBytes)
    // By what the second hub said.
    #expect(try scene.lost.allSatisfy(taker.store.holds))
    #expect(try scene.kept.allSatisfy(taker.store.isPutAway))
    try street.meet(scene.offices[0], maxBytes: maxBytes)
    try scene.expectPutAway(street.hub.store)
    try street.succeed(by: scene.staff)
    for office in scene.offices + scene.offices {
      try street.meet(office, maxBytes: maxBytes)
      try scene.expectPutAway(office.store)
    }
    try scene.expectAgreement()
    try scene.rejoin(maxBytes)
    try scene.expectAgreement()
  }

  @Test("a PC that rejoined before records again what loses its ids later")
  func rejoinedBefore() throws {
    let scene = try Branches(knowing: [0, 2])
    let street = scene.street
    try scene.loseHub()
    // The copy of the copy is found while nobody gave the former hub's log.
    let twin = try scene.copy(of: scene.old)
    try scene.register("钱多")
    try street.meet(scene.old)
    try street.meet(scene.offices[1])
    try street.record("resident.register", ["name": "孙明"], at: twin, by: scene.staff[0])
    do {
      try street.meet(twin)
      Issue.record("the hub took ops of a copy")
    } catch let error as OfficeError { try twin.note(error) }
    try street.succeed(by: scene.staff)
    let reply = try street.enrolment(community: "青龙街", code: "TWIN")
    try twin.begin(as: reply, hubAddress: "http://hub")
    let joined = try OfficeCore(twin.store)
    try street.meet(joined)
    #expect(try joined.stop == nil)
    #expect(try joined.store.recordedAgainCount() == 1)
    for office in [scene.offices[0], joined, scene.offices[1], joined] { try street.meet(office) }
    #expect(try joined.store.recordedAgainCount() == 1 + Int64(scene.lost.count))
    for office in scene.offices + [joined] { try street.meet(office) }
    #expect(try street.digest(joined.store) == street.digest(street.hub.store))
    for lost in scene.lost { #expect(try street.records(of: lost.hash).count == 1) }
    try scene.expectAgreement()
  }
}
