import Foundation
import Hub
import Office
import OpLog
import Peer
import Store
import Testing
import Wire

/// What a PC that rejoins says of the id that it gives up.
@Suite struct FormerIDTests {
  @Test("a hub that does not know the member is asked again without it")
  func olderHub() async throws {
    let street = try Street()
    let path = FileManager.default.temporaryDirectory.path + "/linli-test-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: path) }
    let folder = OfficeFolder(path)
    _ = try street.office(code: "ONE")
    let replies = try ["TWO", "TRE"].map { code in
      try street.enrolment(community: "青龙街", code: code)
    }
    let office = try await folder.enrol(
      code: "TWO", hub: "http://hub", label: "", through: OlderHub(reply: replies[0]),
      random: street.random)
    try office.store.write { () throws(StoreError) in
      try office.store.set(.stopped, Array(Stop.copied.rawValue.utf8))
    }
    let joined = try await folder.rejoin(
      code: "TRE", hub: nil, label: "", through: OlderHub(reply: replies[1]),
      random: street.random)
    #expect(joined.replica == replies[1].replica)
  }

  @Test("a code of another community is refused, and is there for whom it was meant")
  func otherCommunity() throws {
    let street = try Street()
    let (office, _) = try street.office(code: "ONE")
    _ = try street.enrolment(community: "别的街", code: "TWO")
    _ = try HubAdmin.invite(
      OfficeInvitation(community: "别的街", label: "站", staff: [], policy: [:]),
      codeHash: SHA256.hash(Array("TRE".utf8)), to: street.hub.store, now: street.now)
    let before = try street.hub.store.enrolledReplicas()
    let foreign = try EnrolRequest(
      code: "TRE", nonce: street.random(16), label: "", former: office.replica)
    let refused = street.enrol(foreign)
    #expect(try Problem(decoding: refused.body).kind == .codeInvalid)
    #expect(try street.hub.store.enrolledReplicas() == before)
    let own = try EnrolRequest(code: "TRE", nonce: street.random(16), label: "")
    #expect(street.enrol(own).status == 201)
  }

  @Test("at a hub in its second life the former hub's seal stays good, and rebuilds a third hub")
  func secondLife() throws {
    let street = try Street()
    let (writer, staff) = try street.office(code: "ONE")
    let (other, _) = try street.office(code: "TWO")
    for office in [other, writer] { try street.sync(office) }
    try street.record("resident.register", ["name": "刘小娥"], at: writer, by: staff[0])
    for office in [writer, other] { try street.sync(office) }
    let twin = try copied(writer)
    try street.record("resident.register", ["name": "孙明"], at: twin, by: staff[0])
    try street.sync(twin)
    try street.record("resident.register", ["name": "王芳"], at: writer, by: staff[0])
    try street.wipeHub()
    for office in [other, twin] { try street.meet(office) }
    try street.succeed(by: staff)
    do {
      try street.meet(writer)
      Issue.record("a PC goes on under ids that others bear")
    } catch let error as OfficeError { try writer.note(error) }
    let reply = try street.enrolment(community: "青龙街", code: "AGAIN")
    try writer.begin(as: reply, hubAddress: "http://hub")
    let joined = try OfficeCore(writer.store)
    #expect(try findings(joined) == [])
    try street.meet(joined)
    #expect(try findings(joined) == [])
    let sealed = try joined.store.sealedHeads().map(\.head)
    #expect(sealed.map(\.replica.incarnation) == [1, 2])

    try street.wipeHub()
    try street.meet(joined)
    for head in sealed { #expect(try street.hub.store.holds(head)) }
    try street.succeed(by: staff)
    for office in [joined, other, twin, joined] { try street.meet(office) }
    #expect(try street.digest(joined.store) == street.digest(street.hub.store))
    #expect(try joined.store.listing(of: "residents").rows.count == 3)
  }

  @Test("a seal that was wrong before a PC rejoined stays wrong")
  func wrongSeal() throws {
    let street = try Street()
    let (office, _) = try street.office(code: "ONE")
    try street.sync(office)
    let sealed = try #require(try office.store.sealedHeads().first)
    try office.store.write { () throws(StoreError) in
      try office.store.keep(
        SealedHead(head: sealed.head, seal: .zero, successorSeal: sealed.successorSeal))
    }
    #expect(try findings(office).count == 1)
    let reply = try street.enrolment(community: "青龙街", code: "AGAIN")
    try office.begin(as: reply, hubAddress: "http://hub")
    #expect(try findings(OfficeCore(office.store)).count == 1)
  }
}

extension Street {
  /// One call with a code.
  fileprivate func enrol(_ request: EnrolRequest) -> HubAnswer {
    hub.handle(
      HubCall(
        method: "POST", path: ["v1", "enroll"], contentType: "application/json",
        body: request.encode()), now: now)
  }
}

/// A hub of a version that knows nothing of former ids.
private struct OlderHub: Transport {
  let reply: EnrolReply

  func send(_ request: PeerRequest) async throws(TransportError) -> PeerResponse {
    guard !String(decoding: request.body, as: UTF8.self).contains("\"former\"") else {
      return PeerResponse(
        status: 400, contentType: "application/problem+json",
        body: Problem(.unknownField, detail: "former").encode())
    }
    return PeerResponse(status: 201, contentType: "application/json", body: reply.encode())
  }
}
