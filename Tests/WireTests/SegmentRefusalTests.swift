import OpLog
import Testing

@testable import Wire

@Suite("A segment has one form, and limits")
struct SegmentRefusalTests {
  /// A column of integers that no writer writes.
  private struct Column: CustomTestStringConvertible, Sendable {
    let name: String
    let count: Int
    let bytes: [UInt8]
    let error: SegmentError
    var testDescription: String { name }
  }

  private static let columns: [Column] = [
    Column(name: "nothing", count: 1, bytes: [], error: .truncated),
    Column(name: "a number that goes on", count: 1, bytes: [0x80], error: .truncated),
    Column(name: "a number with a zero on top", count: 1, bytes: [0x81, 0], error: .notCanonical),
    Column(
      name: "a number of 65 bits", count: 1, bytes: Array(repeating: 0xFF, count: 9) + [2],
      error: .outOfRange),
    Column(name: "no such mode", count: 2, bytes: [69, 0, 0], error: .outOfRange),
    Column(name: "a bit that all lack", count: 2, bytes: [2, 0, 0b0100], error: .notCanonical),
    Column(name: "none is the least", count: 2, bytes: [1, 0, 0b11], error: .notCanonical),
    Column(name: "bits behind the last", count: 2, bytes: [1, 0, 0b110], error: .notCanonical),
    Column(name: "too few bits", count: 9, bytes: [1, 0, 0b10], error: .truncated),
    Column(
      name: "beyond the largest integer", count: 2,
      bytes: [1, 0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, 0b10], error: .outOfRange),
    Column(name: "a dictionary of one", count: 2, bytes: [65, 1, 0, 0], error: .outOfRange),
    Column(name: "more entries than values", count: 2, bytes: [65, 3, 0], error: .outOfRange),
    Column(name: "an unused entry", count: 2, bytes: [65, 2, 0, 0, 0], error: .notCanonical),
    Column(
      name: "no such entry", count: 3, bytes: [65, 3, 0, 0, 0, 0b11_01_00], error: .outOfRange),
    Column(name: "an equal entry", count: 2, bytes: [65, 2, 0, 1, 0b10], error: .outOfRange),
    Column(name: "runs of equals", count: 2, bytes: [68, 2, 0, 0, 0, 0], error: .notCanonical),
    Column(name: "runs too short", count: 3, bytes: [68, 2, 1, 0, 2, 0, 0], error: .outOfRange),
    Column(
      name: "runs too long", count: 4, bytes: [68, 2, 1, 0, 2, 0, 8], error: .outOfRange),
    Column(name: "a negative run", count: 3, bytes: [68, 2, 1, 0, 2, 0, 1], error: .outOfRange),
    Column(name: "65 bits long", count: 2, bytes: [67, 0, 7, 0, 0x80, 0x20], error: .outOfRange),
    Column(name: "no length zero", count: 2, bytes: [67, 0, 0, 2], error: .notCanonical),
    Column(
      name: "columns inside columns inside columns", count: 4,
      bytes: [66, 0, 66, 0, 66, 0, 0, 0], error: .outOfRange),
  ]

  @Test("of each column", arguments: columns)
  private func column(column: Column) throws {
    var reader = try SegmentReader(Sealed.segment(column.bytes))
    #expect(throws: column.error) {
      _ = try reader.integers(column.count)
      try reader.finish()
    }
  }

  @Test("of the whole: version, check value, end")
  func frame() throws {
    let whole = try Segment.encode([try Sample.op("flag")])
    #expect(throws: SegmentError.truncated) { _ = try Segment.decode([]) }
    #expect(throws: SegmentError.version(2)) { _ = try Segment.decode([2] + whole.dropFirst()) }
    #expect(throws: SegmentError.truncated) { _ = try Segment.decode([1, 0, 0, 0]) }
    #expect(throws: SegmentError.trailingBytes) {
      _ = try Segment.decode(Sealed.mended(whole.dropLast(4) + [0] + whole.suffix(4)))
    }
    #expect(throws: SegmentError.trailingBytes) { _ = try Segment.decode(Sealed.segment([0, 0])) }
    #expect(try Segment.decode(Sealed.segment([0])) == [])
  }

  @Test("of ops: more than the reader takes, than a segment may hold, than they may weigh")
  func limits() throws {
    let op = try Sample.op("flag")
    let three = try Segment.encode([op, op, op])
    #expect(throws: SegmentError.outOfRange) { _ = try Segment.decode(three, max: 2) }
    #expect(try Segment.decode(three, max: 3).count == 3)
    let most = Array(repeating: op, count: SegmentLimits.opsMax)
    let bytes = try Segment.encode(most)
    #expect(bytes.count < 1 << 20)
    #expect(throws: SegmentError.tooMany) { _ = try Segment.encode(most + [op]) }
    let large = try heavy(32_000)
    let many = Array(repeating: large, count: SegmentLimits.opBytesMax / large.bytes.count + 1)
    #expect(throws: SegmentError.tooMany) { _ = try Segment.encode(many) }
  }

  @Test("columns of equal values, which take no space, unfold to so many values and no more")
  func bombs() throws {
    // 100,000 equal ops of 10,000 equal numbers, in 60 bytes.
    var numbers = OpsOfOneKind(count: 100_000)
    numbers.out.byte(Segment.Form.array.rawValue)
    numbers.out.integers(Array(repeating: 10_000, count: 100_000))
    numbers.out.byte(Segment.Form.integer.rawValue)
    numbers.out.byte(0)
    numbers.out.zigzag(1)
    #expect(throws: SegmentError.tooMany) { _ = try Segment.decode(numbers.segment) }
    // 100,000 equal texts of 2,000 bytes: 200 MB.
    var texts = OpsOfOneKind(count: 100_000)
    texts.out.byte(Segment.Form.text.rawValue)
    texts.out.byte(1)
    texts.out.varint(1)
    texts.out.varint(2_000)
    texts.out.raw(Array(repeating: 0x61, count: 2_000))
    #expect(throws: SegmentError.tooMany) { _ = try Segment.decode(texts.segment) }
    // One op with 2,000 texts of 2,000 bytes.
    var one = OpsOfOneKind(count: 1)
    one.out.head(.array, 2_000)
    one.out.byte(Segment.Form.text.rawValue)
    one.out.byte(1)
    one.out.varint(1)
    one.out.varint(2_000)
    one.out.raw(Array(repeating: 0x61, count: 2_000))
    #expect {
      _ = try Segment.decode(one.segment)
    } throws: {
      guard case SegmentError.malformedOp(.tooLarge) = $0 else { return false }
      return true
    }
    // Arrays in arrays in arrays, deeper than a payload may be.
    var deep = OpsOfOneKind(count: 1)
    for _ in 0..<1_000 { deep.out.head(.array, 1) }
    deep.out.head(.flag, 1)
    #expect(throws: SegmentError.tooDeep) { _ = try Segment.decode(deep.segment) }
    // Counts that no bytes stand behind.
    #expect(throws: SegmentError.outOfRange) {
      _ = try Segment.decode(Sealed.segment([0xFF, 0xFF, 0xFF, 0x7F]))
    }
  }

  @Test("a check value that does not follow from what the reader holds is no op")
  func unknownNames() throws {
    var street = try SegmentStreet(seed: 5)
    try street.write(count: 30)
    let hashes = street.hashes
    let bytes = try Segment.encode(street.ops) { hashes[.init($0, $1)] }
    #expect(try Segment.decode(bytes) { hashes[.init($0, $1)] } == street.ops)
    let first = try #require(street.ops.first { $0.names != nil }).id
    #expect(throws: SegmentError.unknownNames(first)) { _ = try Segment.decode(bytes) }
    // Who holds other ops under these ids gets other ops, and their chain hashes say so.
    let other = try Segment.decode(bytes) { Sample.digest("other \($0) \($1)") }
    #expect(other != street.ops)
  }

  private func heavy(_ count: Int) throws -> Op {
    let payload = Sample.map([(1, { $0.byteString(Array(repeating: 0, count: count)) })])
    var random = RandomOps(seed: 1)
    return try random.op(kind: 9, payload: payload)
  }

  /// The envelope columns of equal ops of one kind with the key 1, whose items follow in `out`.
  private struct OpsOfOneKind {
    var out = SegmentWriter()

    init(count: Int) {
      out.varint(count)
      if count > 1 { out.varint(1) }
      out.integers([4097])
      out.integers([1])
      if count > 1 { out.varint(1) }
      out.varint(9)
      out.byte(0)
      var keys = Segment.KeySet()
      keys.insert(1)
      out.keys(keys)
      out.varint(1_000)
      out.integers(Array(repeating: 1, count: count - 1))
    }

    var segment: [UInt8] { Sealed.segment(out.bytes) }
  }
}
