import HTTPClient
import Office
import Peer
import Synchronization
import Testing
import Wire

@Suite("A sync with segments over HTTP")
struct SegmentLineTests {
  @Test("sends its second exchange as a segment, and says less than 400 bytes when idle")
  func idle() async throws {
    let (line, office, _) = try await Self.street()
    try await office.sync(through: line)
    let result = try await office.sync(through: line)
    let seen = try #require(line.seen.withLock { $0.last })
    #expect(seen.request.contentType == MediaType.segment)
    #expect(seen.answer == MediaType.segment)
    #expect(result.isEqual)
    #expect(seen.request.body.count <= 400)
  }

  @Test(
    "repeats in JSON what failed with segments, and brings everything", arguments: Fault.allCases)
  func faults(fault: Fault) async throws {
    let (line, office, staff) = try await Self.street()
    try await office.sync(through: line)
    try await office.sync(through: line)
    try await office.record("resident.register", fields: ["name": "王芳"], by: staff)
    line.fault.withLock { $0 = fault }
    let count = line.seen.withLock { $0.count }
    let result = try await office.sync(through: line)
    #expect(result.isEqual)
    let seen = line.seen.withLock { Array($0[count...]) }
    #expect(seen.first?.request.contentType == MediaType.segment)
    #expect(seen.contains { $0.request.contentType == MediaType.json })
    line.fault.withLock { $0 = nil }
    #expect(try await office.sync(through: line).isEqual)
  }

  enum Fault: CaseIterable {
    /// The hub was set back to a program that knows no segments.
    case olderHub
    /// The hub cannot fill in what the segment left out.
    case unreadable
    /// What the hub left out is filled in otherwise here.
    case otherwise
  }

  /// A line to a hub that notes what goes over it, and spoils segments.
  final class SpoilingLine: Transport {
    let line: HTTPTransport
    let hub: ExampleHub
    let fault = Mutex<Fault?>(nil)
    let seen = Mutex<[(request: PeerRequest, answer: String)]>([])

    init(_ hub: ExampleHub) throws {
      self.hub = hub
      line = try HTTPTransport(hub: hub.address)
    }

    func send(_ request: PeerRequest) async throws(TransportError) -> PeerResponse {
      guard request.path == "/v1/sync" else { return try await line.send(request) }
      let fault = fault.withLock { $0 }
      var answer: PeerResponse
      switch fault {
      case .olderHub where request.contentType == MediaType.segment:
        answer = Self.problem(.unsupportedMediaType)
      case .olderHub:
        var older = request
        older.accept = nil
        answer = try await line.send(older)
      case .unreadable where request.contentType == MediaType.segment:
        answer = Self.problem(.malformedOp)
      default: answer = try await line.send(request)
      }
      if fault == .otherwise, answer.contentType == MediaType.segment {
        answer.body[answer.body.count - 40] ^= 1
      }
      let type = answer.contentType
      seen.withLock { $0.append((request, type)) }
      return answer
    }

    private static func problem(_ kind: ProblemKind) -> PeerResponse {
      let problem = Problem(kind, detail: "spoiled")
      return PeerResponse(
        status: kind.status, contentType: MediaType.problem, body: problem.encode())
    }
  }

  private static func street() async throws -> (SpoilingLine, OfficeReplica, String) {
    let hub = try ExampleHub()
    let line = try SpoilingLine(hub)
    let office = try await OfficeReplica.enrol(
      folder: hub.folder + "/office", hub: hub.address, code: hub.code, through: line)
    return (line, office, hub.staff)
  }
}
