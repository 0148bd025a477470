import Foundation
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
