import OpLog
import Testing

@testable import Wire

@Suite("Damaged messages never crash the reader")
struct DamageTests {
  @Test("a sync request cut anywhere is refused")
  func truncated() throws {
    let bytes = try Sample.syncRequest().encode(Sample.codec)
    for end in bytes.indices {
      #expect(throws: WireError.self, "cut at \(end)") {
        _ = try SyncRequest(decoding: Array(bytes[..<end]), Sample.codec)
      }
    }
  }

  @Test("a sync request with flipped bits is refused, or means what it says")
  func flipped() throws {
    let whole = try Sample.syncRequest().encode(Sample.codec)
    var generator = SeededGenerator(seed: 7)
    var taken = 0
    for _ in 0..<2_000 {
      var bytes = whole
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        let bit = Int.random(in: 0..<8 * bytes.count, using: &generator)
        bytes[bit / 8] ^= 1 << UInt8(bit % 8)
      }
      guard let request = try decode(bytes) else { continue }
      taken += 1
      let again = request.encode(Sample.codec)
      #expect(try SyncRequest(decoding: again, Sample.codec) == request)
    }
    #expect(taken > 0, "some flips give another value")
  }

  @Test("a sync reply with pieces cut out or doubled is refused, or means what it says")
  func spliced() throws {
    let whole = try Sample.syncReply().encode(Sample.codec)
    let asker = try Sample.replica(4097)
    var generator = SeededGenerator(seed: 11)
    for _ in 0..<1_000 {
      var bytes = whole
      let start = Int.random(in: 0..<bytes.count, using: &generator)
      let end = min(bytes.count, start + Int.random(in: 1...40, using: &generator))
      let piece = bytes[start..<end]
      if generator.oneIn(2) {
        bytes.insert(contentsOf: Array(piece), at: end)
      } else {
        bytes.removeSubrange(start..<end)
      }
      do throws(WireError) {
        let reply = try SyncReply(decoding: bytes, asker: asker, Sample.codec)
        let again = reply.encode(Sample.codec)
        #expect(try SyncReply(decoding: again, asker: asker, Sample.codec) == reply)
      } catch { continue }
    }
  }

  @Test("small messages cut anywhere are refused")
  func smallMessages() throws {
    let request = try Sample.enrolRequest().encode()
    let reply = try Sample.enrolReply().encode()
    let card = try Sample.hubCard().encode()
    let problem = Sample.problem().encode()
    for end in 0..<request.count {
      #expect(throws: WireError.self) { _ = try EnrolRequest(decoding: Array(request[..<end])) }
    }
    for end in 0..<reply.count {
      #expect(throws: WireError.self) { _ = try EnrolReply(decoding: Array(reply[..<end])) }
    }
    for end in 0..<card.count {
      #expect(throws: WireError.self) { _ = try HubCard(decoding: Array(card[..<end])) }
    }
    for end in 0..<problem.count {
      #expect(throws: WireError.self) { _ = try Problem(decoding: Array(problem[..<end])) }
    }
  }

  /// The request; nil when it is refused.
  private func decode(_ bytes: [UInt8]) throws -> SyncRequest? {
    do throws(WireError) {
      return try SyncRequest(decoding: bytes, Sample.codec)
    } catch { return nil }
  }
}
