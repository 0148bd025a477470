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
