import OpLog
import Testing

@testable import Wire

/// The messages of a roll-call.
@Suite struct RollCallTests {
  @Test("what an office shows comes back as it was sent, with a page and without")
  func request() throws {
    let head = Head(replica: try Sample.replica(4096), seq: 40, hash: Sample.digest("former"))
    var request = RollCallRequest(
      incarnations: [try Sample.incarnation()],
      heads: [SuccessorHead(head: head, seal: Sample.digest("successor"))])
    #expect(try read(request.encode(Sample.codec)) == request)
    request.page = RollCallPage(
      hub: try Sample.replica(4096),
      entries: [
        HubEntry(
          op: try Sample.op("unknown"), runs: [EntryRun(index: 2, ops: [try Sample.op("integer")])])
      ], hasMore: true)
    let bytes = request.encode(Sample.codec)
    #expect(try read(bytes) == request)
    for end in bytes.indices {
      #expect(throws: WireError.self) { _ = try read(Array(bytes[..<end])) }
    }
  }

  @Test("what the hub answers comes back as it was sent, whether it wants something or not")
  func reply() throws {
    let asker = try Sample.replica(4097)
    let start = HubProgress(seq: 3, hash: Sample.digest("proved"))
    var reply = RollCallReply(
      incarnation: try Sample.incarnation(), first: try Sample.op("flag"),
      seal: Sample.digest("seal"), successorSeal: Sample.digest("successor"),
      have: Head(replica: asker, seq: 12, hash: Sample.digest("head")),
      wish: RollCallWish(
        hub: try Sample.replica(4096),
        progress: HubProgress(seq: 7, hash: Sample.digest("hub"), run: 1, upTo: 4), proved: start),
      mustWait: false)
    for isWanted in [true, false] {
      if !isWanted { (reply.wish, reply.mustWait) = (nil, true) }
      let bytes = reply.encode(Sample.codec)
      #expect(try RollCallReply(decoding: bytes, asker: asker, Sample.codec) == reply)
    }
  }

  private func read(_ bytes: [UInt8]) throws -> RollCallRequest {
    try RollCallRequest(decoding: bytes, Sample.codec)
  }
}
