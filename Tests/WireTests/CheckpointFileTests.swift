import OpLog
import Testing

@testable import Wire

@Suite("A working set comes out of its file as it went in, and damage never crashes the reader")
struct CheckpointFileTests {
  @Test("random rows and ops, there and back", arguments: 0..<60 as Range<UInt64>)
  func law(seed: UInt64) throws {
    var random = RandomOps(seed: seed)
    let set = try Self.sample(&random)
    let bytes = try CheckpointFile.encode(set)
    #expect(try CheckpointFile.decode(bytes) == set)
    #expect(try CheckpointFile.encode(try CheckpointFile.decode(bytes)) == bytes)
    let (same, parts) = try CheckpointFile.encodeInParts(set)
    #expect(same == bytes)
    #expect(parts.reduce(4) { $0 + $1.byteCount } == bytes.count)
  }

  @Test("cut, or a bit turned over, it is refused; with the check value mended, at least another")
  func damaged() throws {
    var random = RandomOps(seed: 7)
    let set = try Self.sample(&random)
    let whole = try CheckpointFile.encode(set)
    var taken = 0
    for end in whole.indices {
      let bytes = Array(whole[..<end])
      #expect(throws: SegmentError.self) { try CheckpointFile.decode(bytes) }
      #expect(throws: SegmentError.self) { try CheckpointFile.decode(Sealed.mended(bytes)) }
    }
    for bit in 0..<8 * whole.count {
      var bytes = whole
      bytes[bit / 8] ^= 1 << UInt8(bit % 8)
      let expected: SegmentError = bit < 8 ? .version(bytes[0]) : .checksum
      #expect(throws: expected) { try CheckpointFile.decode(bytes) }
      guard bit >= 8, bit % 5 == 0, bit < 8 * (whole.count - 4) else { continue }
      if let other = try? CheckpointFile.decode(Sealed.mended(bytes)) {
        let isOther = other != set
        #expect(isOther, "bit \(bit)")
        taken += 1
      }
    }
    #expect(taken > 0, "some give other values")
  }

  @Test("limits hold before there is room made for what is counted")
  func limits() throws {
    var random = RandomOps(seed: 3)
    var set = try Self.sample(&random)
    let wide = ColumnValues.integers([Int64?](repeating: 1, count: 500_000))
    set.tables = [
      TableRows(number: 9, count: 500_000, columns: [ColumnValues](repeating: wide, count: 9))
    ]
    #expect(throws: SegmentError.tooMany) { try CheckpointFile.encode(set) }
    // Nine columns of half a million equal values are 60 bytes, and are refused as well.
    let head = try CheckpointFile.encode(
      WorkingSet(
        catalogue: 1, head: set.head, opCount: 1, receivedAt: 1, since: 1, lives: set.lives,
        tables: [], ops: [], hashes: []))
    var writer = SegmentWriter()
    // No tables, no ids, a segment of six bytes behind its length, and the check.
    writer.raw(head.dropLast(1 + 1 + 7 + 4))
    writer.varint(1)
    writer.varint(9)
    writer.varint(500_000)
    writer.varint(9)
    for _ in 0..<9 { writer.column(wide) }
    writer.raw([0, 0, 0, 0])
    #expect(throws: SegmentError.tooMany) {
      try CheckpointFile.decode(Sealed.mended(writer.bytes))
    }
  }

  @Test("a card comes back; one with a member more, or less, does not")
  func card() throws {
    var random = RandomOps(seed: 1)
    let card = CheckpointCard(
      catalogue: 7, head: try Self.sample(&random).head, opCount: 12, byteCount: 99,
      digest: try random.digest(), seal: try random.digest())
    let bytes = card.encode()
    #expect(try CheckpointCard(decoding: bytes) == card)
    #expect(throws: WireError.self) { try CheckpointCard(decoding: Array(bytes.dropLast())) }
    let more = Array(bytes.dropLast()) + Array(#","x":1}"#.utf8)
    #expect(throws: WireError.self) { try CheckpointCard(decoding: more) }
  }

  @Test(
    "a range is read as RFC 9110 has it",
    arguments: [
      (nil, 9, .whole), ("bytes=0-3", 9, .part(0...3)), ("BYTES=2-", 9, .part(2...8)),
      ("bytes=-2", 9, .part(7...8)), ("bytes=-20", 9, .part(0...8)),
      ("bytes=9-", 9, .unsatisfiable), ("bytes=-0", 9, .unsatisfiable),
      ("bytes=3-2", 9, .whole), ("bytes=0-1,3-4", 9, .whole), ("bytes=1 -2", 9, .whole),
      ("bytes=9999999999999999-", 9, .whole), ("items=0-3", 9, .whole),
    ] as [(String?, Int, ByteRange.Asked)])
  func range(value: String?, count: Int, asked: ByteRange.Asked) {
    #expect(ByteRange.asked(value, of: count) == asked)
  }

  private static func sample(_ random: inout RandomOps) throws -> WorkingSet {
    var tables: [TableRows] = []
    for number in 1...random.number(1...4) {
      let count = random.number(1...40)
      var columns: [ColumnValues] = []
      for _ in 0..<random.number(1...6) {
        columns.append(try column(count, &random))
      }
      tables.append(TableRows(number: number * 3, count: count, columns: columns))
    }
    var ops: [OpID: Op] = [:]
    for _ in 0..<random.number(0...20) {
      let op = try random.op(kind: 40, payload: [0xA1, 0x01, UInt8(random.number(0...23))])
      ops[op.id] = op
    }
    let sorted = ops.values.sorted { $0.id < $1.id }
    var hashes: [Digest] = []
    for _ in sorted { hashes.append(try random.digest()) }
    return WorkingSet(
      catalogue: UInt32(random.number(1...99)),
      head: Head(
        replica: .hub(incarnation: 2), seq: UInt64(random.number(1...1_000)),
        hash: try random.digest()),
      opCount: UInt64(random.number(1...1_000_000)),
      receivedAt: Int64(random.number(0...1 << 50)),
      since: Int64(random.number(0...30_000)),
      lives: try (1...2).map { number in
        try #require(Incarnation(number: number, randomBits: random.generator.next()))
      }, tables: tables, ops: sorted, hashes: hashes)
  }

  private static func column(_ count: Int, _ random: inout RandomOps) throws -> ColumnValues {
    let (kind, gaps) = (random.number(0...4), random.number(0...2))
    func isAbsent() -> Bool { gaps == 1 ? random.generator.oneIn(3) : gaps == 2 }
    switch kind {
    case 0:
      return .integers(
        (0..<count).map { _ in isAbsent() ? nil : Int64(bitPattern: random.generator.next()) })
    case 1: return .integers(try (0..<count).map { _ in isAbsent() ? nil : try random.id().packed })
    case 2:
      return .integers((0..<count).map { _ in isAbsent() ? nil : Int64(random.number(0...3)) })
    case 3:
      return .texts(
        try (0..<count).map { _ in
          guard !isAbsent() else { return nil }
          return try (0..<random.number(1...3)).map { _ in try random.id().description }
            .joined(separator: " ")
        })
    default:
      return .texts(
        (0..<count).map { _ in isAbsent() ? nil : ["", "青龙街", "4097-1 ", "a"][random.number(0...3)]
        })
    }
  }
}
