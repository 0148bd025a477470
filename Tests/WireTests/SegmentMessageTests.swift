import OpLog
import Testing

@testable import Wire

@Suite("Messages with segments")
struct SegmentMessageTests {
  @Test("carry what their JSON carries, both ways")
  func bothWays() throws {
    var request = try Sample.syncRequest()
    #expect(try read(request.encodeWithSegment(held: Self.none)) == request)
    (request.ops, request.held) = ([], [])
    let idle = try request.encodeWithSegment(held: Self.none)
    #expect(try read(idle) == request)
    #expect(idle.count < 250)
    var reply = try Sample.syncReply()
    #expect(try readReply(reply.encodeWithSegment(held: Self.none)) == reply)
    (reply.entries, reply.digest, reply.hasMore) = ([], nil, true)
    #expect(try readReply(reply.encodeWithSegment(held: Self.none)) == reply)
  }

  @Test("are byte for byte what the fixtures hold")
  func fixtures() throws {
    let request = try Sample.syncRequest().encodeWithSegment(held: Self.none)
    let requestHex = Hex.encode(request)
    let requestFixture = Hex.encode(try Fixture.hex("sync-request.segment.hex"))
    #expect(requestHex == requestFixture)
    let reply = try Sample.syncReply().encodeWithSegment(held: Self.none)
    let replyHex = Hex.encode(reply)
    let replyFixture = Hex.encode(try Fixture.hex("sync-reply.segment.hex"))
    #expect(replyHex == replyFixture)
  }

  @Test("cut anywhere are refused; with flipped bits they are refused or mean what they say")
  func damage() throws {
    let request = try Sample.syncRequest().encodeWithSegment(held: Self.none)
    let reply = try Sample.syncReply().encodeWithSegment(held: Self.none)
    for end in request.indices {
      #expect(throws: WireError.self) { _ = try read(Array(request[..<end])) }
    }
    for end in reply.indices {
      #expect(throws: WireError.self) { _ = try readReply(Array(reply[..<end])) }
    }
    for bit in 0..<8 * request.count {
      var bytes = request
      bytes[bit / 8] ^= 1 << UInt8(bit % 8)
      guard let other = try? read(bytes) else { continue }
      #expect(try other.encodeWithSegment(held: Self.none) == bytes)
    }
    for bit in 0..<8 * reply.count {
      var bytes = reply
      bytes[bit / 8] ^= 1 << UInt8(bit % 8)
      guard let other = try? readReply(bytes) else { continue }
      #expect(try other.encodeWithSegment(held: Self.none) == bytes)
    }
  }

  @Test("name what is missing or too much")
  func members() throws {
    func message(_ keys: [UInt64]) -> [UInt8] { Sample.map(keys.map { ($0, { $0.integer(1) }) }) }
    #expect(throws: WireError.missing(field: "head.seq")) { _ = try read(message([1, 2])) }
    #expect(throws: WireError.unknownField(field: "#0")) { _ = try read(message([0, 1])) }
    #expect(throws: WireError.wrongType(field: "head.hash")) {
      _ = try read(message([1, 2, 3, 4]))
    }
    #expect(throws: WireError.malformedCBOR(.truncated)) { _ = try read([]) }
    let tooLarge = [UInt8](repeating: 0, count: WireLimits.messageBytesMax + 1)
    #expect(throws: WireError.tooLarge(bytes: tooLarge.count, max: tooLarge.count - 1)) {
      _ = try read(tooLarge)
    }
  }

  @Test(
    "are asked for by name",
    arguments: [
      (nil, false), ("application/json", false), ("*/*", false),
      (MediaType.segment, true), (MediaType.segmentOrJSON, true),
      ("application/json;q=0.5 , Application/Vnd.Linli.Segment;q=1", true),
      ("application/vnd.linli.segments", false),
    ] as [(String?, Bool)])
  func accept(accept: String?, isWanted: Bool) {
    #expect(MediaType.wantsSegment(accept) == isWanted)
  }

  private static let none: @Sendable (ReplicaID, UInt64) -> Digest? = { _, _ in nil }

  private func read(_ bytes: [UInt8]) throws -> SyncRequest {
    try SyncRequest(decodingSegment: bytes, held: Self.none)
  }

  private func readReply(_ bytes: [UInt8]) throws -> SyncReply {
    try SyncReply(decodingSegment: bytes, asker: try Sample.replica(4097), held: Self.none)
  }
}
