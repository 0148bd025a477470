import OpLog
import Testing

@testable import Wire

@Suite("Damaged segments never crash the reader")
struct SegmentDamageTests {
  @Test("cut anywhere, a segment is refused; with the check value mended too")
  func truncated() throws {
    let whole = try sample()
    for end in whole.indices {
      let bytes = Array(whole[..<end])
      #expect(throws: SegmentError.self, "cut at \(end)") { _ = try Segment.decode(bytes) }
      let mended = Sealed.mended(bytes)
      #expect(throws: SegmentError.self, "cut at \(end)") { _ = try Segment.decode(mended) }
    }
  }

  @Test("each bit, turned over, is found by the check value, the version's by the version")
  func flipped() throws {
    let whole = try sample()
    for bit in 0..<8 * whole.count {
      var bytes = whole
      bytes[bit / 8] ^= 1 << UInt8(bit % 8)
      let expected: SegmentError = bit < 8 ? .version(bytes[0]) : .checksum
      #expect(throws: expected, "bit \(bit)") { _ = try Segment.decode(bytes) }
    }
  }

  @Test("each bit, turned over, is refused or makes other ops where the check value is mended")
  func mended() throws {
    let whole = try sample()
    var taken = 0
    for bit in 8..<8 * (whole.count - 4) {
      var bytes = whole
      bytes[bit / 8] ^= 1 << UInt8(bit % 8)
      taken += try isTaken(Sealed.mended(bytes)) ? 1 : 0
    }
    #expect(taken > 0, "some give other ops")
  }

  @Test("pieces cut out, doubled, or filled with noise are refused or make ops", arguments: 0..<8)
  func spliced(seed: Int) throws {
    let whole = try sample()
    var generator = SeededGenerator(seed: UInt64(seed))
    for _ in 0..<250 {
      var bytes = whole
      let start = Int.random(in: 1..<bytes.count - 4, using: &generator)
      let end = min(bytes.count - 4, start + Int.random(in: 1...20, using: &generator))
      switch Int.random(in: 0...2, using: &generator) {
      case 0: bytes.insert(contentsOf: Array(bytes[start..<end]), at: end)
      case 1: bytes.removeSubrange(start..<end)
      default: bytes.replaceSubrange(start..<end, with: generator.bytes(end - start))
      }
      _ = try isTaken(Sealed.mended(bytes))
    }
  }

  @Test("noise is refused", arguments: 0..<8)
  func noise(seed: Int) throws {
    var generator = SeededGenerator(seed: UInt64(100 + seed))
    for _ in 0..<1_000 {
      let count = Int.random(in: 0...60, using: &generator)
      // Small numbers lead further in than large ones.
      let body = generator.bytes(count).map { $0 % 5 == 0 ? $0 : $0 % 8 }
      _ = try isTaken(Sealed.segment(body))
    }
  }

  /// Whether bytes are a segment; then its ops go through another one unchanged.
  private func isTaken(_ bytes: [UInt8]) throws -> Bool {
    let ops: [Op]
    do throws(SegmentError) {
      ops = try Segment.decode(bytes)
    } catch { return false }
    #expect(try Segment.decode(try Segment.encode(ops)) == ops)
    return true
  }

  /// A segment of some 600 bytes with columns of every form.
  private func sample() throws -> [UInt8] {
    var street = try SegmentStreet(seed: 1)
    try street.write(count: 12)
    return try Segment.encode(try Sample.opNames.map { try Sample.op($0) } + street.ops)
  }
}
