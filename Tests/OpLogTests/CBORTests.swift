import OpLog
import Testing

@Suite struct CBORTests {
  @Test(
    "writes integers as RFC 8949 prints them",
    arguments: [
      (0, "00"), (23, "17"), (24, "1818"), (100, "1864"), (255, "18ff"), (256, "190100"),
      (1000, "1903e8"), (65_535, "19ffff"), (65_536, "1a00010000"), (1_000_000, "1a000f4240"),
      (4_294_967_295, "1affffffff"), (4_294_967_296, "1b0000000100000000"),
      (1_000_000_000_000, "1b000000e8d4a51000"), (.max, "1b7fffffffffffffff"), (-1, "20"),
      (-10, "29"), (-24, "37"), (-25, "3818"), (-100, "3863"), (-1000, "3903e7"),
      (.min, "3b7fffffffffffffff"),
    ])
  func integers(value: Int64, hex: String) throws {
    var writer = CBORWriter()
    writer.integer(value)
    #expect(Hex.encode(writer.bytes) == hex)
    var reader = CBORReader(writer.bytes)
    #expect(try reader.integer() == value)
    #expect(reader.isAtEnd)
  }

  @Test(
    "writes the other items as RFC 8949 prints them",
    arguments: [
      ("40", .bytes([])), ("4401020304", .bytes([1, 2, 3, 4])), ("60", .text("")),
      ("6449455446", .text("IETF")), ("63e6b0b4", .text("水")), ("64f0908591", .text("𐅑")),
      ("80", .array([])), ("83010203", .array([.integer(1), .integer(2), .integer(3)])),
      ("a0", .map([])), ("a201020304", .map([(1, .integer(2)), (3, .integer(4))])),
      ("f4", .flag(false)), ("f5", .flag(true)),
    ] as [(String, CBORItem)])
  func items(hex: String, item: CBORItem) throws {
    #expect(Hex.encode(item.encoded) == hex)
    var reader = CBORReader(item.encoded)
    #expect(try CBORItem(from: &reader) == item)
    try reader.finish()
  }

  @Test func `a reference is a tagged pair`() throws {
    let item = CBORItem.reference(try id(4097, 345))
    #expect(Hex.encode(item.encoded) == "d9ad9c82191001190159")
    var reader = CBORReader(item.encoded)
    #expect(try reader.reference() == id(4097, 345))
  }

  @Test("reads back what it wrote", arguments: 1...40 as ClosedRange<UInt64>)
  func roundTrip(seed: UInt64) throws {
    var dice = Dice(seed: seed)
    for _ in 0..<20 {
      let item = try CBORItem.random(depth: 4, using: &dice)
      let bytes = item.encoded
      var reader = CBORReader(bytes)
      #expect(try CBORItem(from: &reader).encoded == bytes)
      #expect(reader.isAtEnd)
      var references: [OpID] = []
      var walker = CBORReader([0xFF] + bytes + [0xFF], in: 1..<(bytes.count + 1))
      #expect(try walker.skip(collecting: &references) == 1..<(bytes.count + 1))
      #expect(walker.isAtEnd)
      #expect(references == item.references)
    }
  }

  @Test("every truncation is refused", arguments: 1...40 as ClosedRange<UInt64>)
  func truncated(seed: UInt64) throws {
    var dice = Dice(seed: seed)
    let bytes = try CBORItem.random(depth: 4, using: &dice).encoded
    for end in bytes.indices {
      #expect(throws: CBORError.self) { try walk(Array(bytes[..<end])) }
      var reader = CBORReader(bytes, in: 0..<end)
      #expect(throws: CBORError.self) { try CBORItem(from: &reader) }
    }
  }

  @Test(
    "a flipped bit is refused or is another canonical item",
    arguments: 1...20 as ClosedRange<UInt64>)
  func flipped(seed: UInt64) throws {
    var dice = Dice(seed: seed)
    let bytes = try CBORItem.random(depth: 4, using: &dice).encoded
    for _ in 0..<100 {
      var changed = bytes
      let index = Int.random(in: changed.indices, using: &dice)
      changed[index] ^= 1 << UInt8.random(in: 0..<8, using: &dice)
      guard let end = try? walk(changed) else { continue }
      var reader = CBORReader(changed)
      #expect(try CBORItem(from: &reader).encoded == Array(changed[..<end]))
    }
  }
}

@Suite struct CBORRefusalTests {
  @Test(
    "refuses every other form of the same value",
    arguments: [
      ("1800", "0 in one byte"), ("1817", "23 in one byte"), ("190018", "24 in two bytes"),
      ("1900ff", "255 in two bytes"), ("1a0000ffff", "65535 in four bytes"),
      ("1b00000000ffffffff", "2^32 - 1 in eight bytes"), ("3817", "-24 in one byte"),
      ("3900ff", "-256 in two bytes"), ("3a0000ffff", "-65536 in four bytes"),
      ("3b00000000ffffffff", "-2^32 in eight bytes"), ("580100", "bytes, length in one byte"),
      ("5900021122", "bytes, length in two bytes"), ("780161", "text, length in one byte"),
      ("980100", "array, count in one byte"), ("b8010100", "map, count in one byte"),
      ("a1180100", "key in one byte"), ("a202000100", "keys descending"),
      ("a201000100", "the same key twice"), ("da0000ad9c82190fff01", "tag in four bytes"),
    ])
  func notCanonical(hex: String, form: String) throws {
    #expect(throws: CBORError.notCanonical, "\(form)") { try walk(hex) }
  }

  @Test(
    "refuses what ops do not use",
    arguments: [
      ("1c", .unsupported), ("1d", .unsupported), ("1e", .unsupported), ("1f", .unsupported),
      ("5f4100ff", .unsupported), ("7f6161ff", .unsupported), ("9f00ff", .unsupported),
      ("bf0000ff", .unsupported), ("df00", .unsupported), ("ff", .wrongType),
      ("f6", .wrongType), ("f7", .wrongType), ("e0", .wrongType), ("f820", .wrongType),
      ("f93c00", .wrongType), ("fa47c35000", .wrongType), ("fb3ff199999999999a", .wrongType),
      ("a1616100", .wrongType), ("a12000", .wrongType), ("a14000", .wrongType),
      ("a1f400", .unsupported), ("c000", .wrongType), ("d9d9f700", .wrongType),
      ("d9ad9b82190fff01", .wrongType), ("d9ad9ca10001", .wrongType), ("d9ad9c01", .wrongType),
      ("d9ad9c8101", .outOfRange), ("d9ad9c83010101", .outOfRange),
      ("d9ad9c820001", .outOfRange), ("d9ad9c820100", .outOfRange),
      ("d9ad9c821a8000000001", .outOfRange), ("d9ad9c82011b0000000100000000", .outOfRange),
      ("d9ad9c822001", .wrongType), ("1b8000000000000000", .outOfRange),
      ("3b8000000000000000", .outOfRange), ("61ff", .invalidUTF8), ("62c080", .invalidUTF8),
      ("63eda080", .invalidUTF8), ("64f4908080", .invalidUTF8), ("9bffffffffffffffff", .outOfRange),
      ("bbffffffffffffffff", .outOfRange), ("5bffffffffffffffff", .outOfRange),
    ] as [(String, CBORError)])
  func refused(hex: String, error: CBORError) throws {
    #expect(throws: error) { try walk(hex) }
  }

  @Test func `nesting has a limit`() throws {
    let depth = EnvelopeLimits.depthMax
    #expect(try walk([UInt8](repeating: 0x81, count: depth) + [0]) == depth + 1)
    #expect(throws: CBORError.tooDeep) {
      try walk([UInt8](repeating: 0x81, count: depth + 1) + [0])
    }
    #expect(throws: CBORError.tooDeep) { try walk([UInt8](repeating: 0x81, count: 1 << 20)) }
  }

  @Test func `references have a limit`() throws {
    let reference = CBORItem.reference(try id(1, 1))
    let most = CBORItem.array(Array(repeating: reference, count: EnvelopeLimits.referencesMax))
    #expect(try walk(most.encoded) == most.encoded.count)
    let more = CBORItem.array([most, reference])
    #expect(throws: CBORError.tooManyReferences) { try walk(more.encoded) }
  }

  @Test func `a typed read takes only its type and its limit`() throws {
    #expect(throws: CBORError.wrongType) { try read("40") { try $0.integer() } }
    #expect(throws: CBORError.wrongType) { try read("20") { try $0.unsigned() } }
    #expect(throws: CBORError.wrongType) { try read("60") { try $0.byteString(max: 9) } }
    #expect(throws: CBORError.wrongType) { try read("40") { try $0.text(max: 9) } }
    #expect(throws: CBORError.wrongType) { try read("a0") { try $0.array(max: 9) } }
    #expect(throws: CBORError.wrongType) { try read("80") { try $0.map(max: 9) } }
    #expect(throws: CBORError.wrongType) { try read("00") { try $0.flag() } }
    #expect(throws: CBORError.wrongType) { try read("820101") { try $0.reference() } }
    #expect(throws: CBORError.outOfRange) { try read("43010203") { try $0.byteString(max: 2) } }
    #expect(throws: CBORError.outOfRange) { try read("63616263") { try $0.text(max: 2) } }
    #expect(throws: CBORError.outOfRange) { try read("83010203") { try $0.array(max: 2) } }
    #expect(throws: CBORError.outOfRange) { try read("43010203") { try $0.digest() } }
    #expect(throws: CBORError.trailingBytes) { try read("0000") { _ = try $0.integer() } }
    #expect(try read("1bffffffffffffffff") { try $0.unsigned() } == .max)
  }

  @Test func `a range outside the bytes traps`() async {
    await #expect(processExitsWith: .failure) { _ = CBORReader([0], in: 0..<2) }
  }

  private func read<R>(
    _ hex: String, _ body: (inout CBORReader) throws -> R
  ) throws -> R {
    var reader = CBORReader(try #require(Hex.decode(hex)))
    let value = try body(&reader)
    try reader.finish()
    return value
  }
}

/// Steps over one item and returns where it ends.
@discardableResult
private func walk(_ bytes: [UInt8]) throws(CBORError) -> Int {
  var reader = CBORReader(bytes)
  var references: [OpID] = []
  return try reader.skip(collecting: &references).upperBound
}

private func walk(_ hex: String) throws {
  try walk(try #require(Hex.decode(hex)))
}
