import OpLog
import Testing

@Suite struct OpTests {
  /// Made by another encoder from the grammar above ``Op``.
  private static let fullHex = """
    ab0119100102190159031b00000199c82cc07b041305821910000606194ff207821910000908a301d9ad9c8219\
    10010c02d9ad9c8219100219012c0303094801020304050607080a58201111111111111111111111111111111111\
    1111111111111111111111111111110b5820222222222222222222222222222222222222222222222222222222\
    2222222222
    """

  @Test func `has one form, byte for byte`() throws {
    let op = try Op(fullFields())
    #expect(Hex.encode(op.bytes) == Self.fullHex)
    #expect(Hex.encode(try Op(smallFields()).bytes) == "a601191000020103000401060008a0")
  }

  @Test func `reads every field of the envelope`() throws {
    let op = try Op(decoding: try #require(Hex.decode(Self.fullHex)))
    #expect(op.id == (try id(4097, 345)))
    #expect(op.stamp == 1_760_000_000_123)
    #expect(op.kind == 19)
    #expect(op.actor == (try id(4096, 6)))
    #expect(op.occurredOn.description == "2026-01-13")
    #expect(op.policy == (try id(4096, 9)))
    #expect(op.names == 0x0102_0304_0506_0708)
    #expect(op.body == (try digest(0x11)))
    #expect(op.was == (try digest(0x22)))
    #expect(op.references == [try id(4097, 12), try id(4098, 300)])
    #expect(op.fields == (try fullFields()))
  }

  @Test("any optional field may be absent", arguments: 0..<32)
  func optionalFields(mask: Int) throws {
    let all = try fullFields()
    var fields = try smallFields()
    if mask & 1 != 0 { fields.actor = all.actor }
    if mask & 2 != 0 { fields.policy = all.policy }
    if mask & 4 != 0 { fields.names = all.names }
    if mask & 8 != 0 { fields.body = all.body }
    if mask & 16 != 0 { fields.was = all.was }
    let op = try Op(fields)
    #expect(op.fields == fields)
    #expect(try Op(decoding: op.bytes) == op)
  }

  @Test func `names other ops wherever it names some, and keeps all else`() throws {
    let (old, new, far) = (try id(4097, 9), try id(4099, 2), try id(4098, 5))
    func payload(_ a: OpID, _ set: [OpID], _ list: [OpID]) -> [UInt8] {
      CBORItem.map([
        (1, .reference(a)), (2, .array(set.map(CBORItem.reference))),
        (40, .array(list.map(CBORItem.reference) + [.text("小米")])),
        (41, .map([(7, .reference(a)), (9, .bytes([1, 2]))])), (300, .integer(-4)),
      ]).encoded
    }
    var fields = try fullFields()
    fields.kind = 9_999
    fields.payload = payload(old, [old, far], [far, old])
    let named = try #require(try Op(fields).naming { $0 == old ? new : $0 })
    fields.payload = payload(new, [far, new], [far, new])
    #expect(named == (try Op(fields)))
    #expect(try Op(fields).naming { $0 } == Op(fields))
    // Two that become one stand there once.
    fields.payload = payload(old, [old, far], [])
    let joined = try #require(try Op(fields).naming { _ in new })
    fields.payload = payload(new, [new], [])
    #expect(joined == (try Op(fields)))
  }

  @Test("reads back what it wrote", arguments: 1...50 as ClosedRange<UInt64>)
  func roundTrip(seed: UInt64) throws {
    var dice = Dice(seed: seed)
    let item = try CBORItem.random(depth: 4, using: &dice)
    var fields = try fullFields()
    fields.stamp = Int64.random(in: 0...EnvelopeLimits.integerMax, using: &dice)
    fields.kind = KindNumber.random(in: 1...65_535, using: &dice)
    fields.payload = CBORItem.map([(7, item)]).encoded
    fields.names = dice.next()
    let op = try Op(fields)
    #expect(op.fields == fields)
    #expect(op.references == item.references)
    #expect(Array(op.bytes[op.payload]) == fields.payload)
    #expect(try Op(decoding: op.bytes) == op)
  }

  @Test func `names the policy, the actor, and every reference, each once, ascending`() throws {
    #expect(
      try Op(fullFields()).namedOps
        == [try id(4096, 6), try id(4096, 9), try id(4097, 12), try id(4098, 300)])
    var fields = try smallFields()
    #expect(try Op(fields).namedOps.isEmpty)
    fields.actor = try id(4098, 1)
    fields.policy = try id(4097, 9)
    fields.payload =
      CBORItem.array([.reference(try id(4098, 1)), .reference(try id(4097, 10))]).asPayload
    #expect(try Op(fields).namedOps == [try id(4097, 9), try id(4097, 10), try id(4098, 1)])
  }

  @Test func `every truncation is refused`() throws {
    let bytes = try Op(fullFields()).bytes
    for end in bytes.indices {
      #expect(throws: OpError.self) { try Op(decoding: Array(bytes[..<end])) }
    }
  }

  @Test(
    "a flipped bit is refused or is another canonical op", arguments: 1...20 as ClosedRange<UInt64>)
  func flipped(seed: UInt64) throws {
    var dice = Dice(seed: seed)
    let bytes = try Op(fullFields()).bytes
    for _ in 0..<100 {
      var changed = bytes
      for _ in 0..<Int.random(in: 1...2, using: &dice) {
        let index = Int.random(in: changed.indices, using: &dice)
        changed[index] ^= 1 << UInt8.random(in: 0..<8, using: &dice)
      }
      guard let op = try? Op(decoding: changed) else { continue }
      #expect(try Op(op.fields).bytes == changed)
    }
  }
}

@Suite struct OpLimitTests {
  @Test(
    "a field inside its limits is taken, outside refused",
    arguments: [
      ("stamp", 3, 0, EnvelopeLimits.integerMax), ("kind", 4, 1, 65_535),
      ("occurred_on", 6, 0, 2_932_896),
    ] as [(String, UInt64, Int64, Int64)])
  func ranges(name: String, key: UInt64, least: Int64, most: Int64) throws {
    for value in [least, most] {
      let bytes = try envelope([key: .integer(value)])
      #expect(try Op(decoding: bytes).bytes == bytes)
    }
    #expect(throws: OpError.outOfRange(field: name)) {
      try Op(decoding: envelope([key: .integer(most + 1)]))
    }
    #expect(throws: OpError.self) { try Op(decoding: envelope([key: .integer(least - 1)])) }
  }

  @Test func `an op is not made with a field outside its limits either`() throws {
    var fields = try smallFields()
    fields.stamp = -1
    #expect(throws: OpError.outOfRange(field: "stamp")) { try Op(fields) }
    fields.stamp = EnvelopeLimits.integerMax + 1
    #expect(throws: OpError.outOfRange(field: "stamp")) { try Op(fields) }
    fields = try smallFields()
    fields.kind = 0
    #expect(throws: OpError.outOfRange(field: "kind")) { try Op(fields) }
    fields.kind = 65_536
    #expect(throws: OpError.outOfRange(field: "kind")) { try Op(fields) }
  }

  @Test("a required field must be there", arguments: [1, 2, 3, 4, 6, 8] as [UInt64])
  func missing(key: UInt64) throws {
    #expect(throws: OpError.self) { try Op(decoding: envelope([key: nil])) }
  }

  @Test(
    "refuses an envelope that is not canonical or not ours",
    arguments: [
      [1: .integer(0)], [1: .integer(Int64(EnvelopeLimits.replicaMax) + 1)],
      [1: .integer(1 << 32)], [1: .integer(-1)], [1: .text("4097")],
      [2: .integer(0)], [2: .integer(Int64(EnvelopeLimits.seqMax) + 1)], [3: .text("0")],
      [5: .integer(1)], [5: .array([.integer(1)])], [5: .array([.integer(1), .integer(0)])],
      [7: .array([.integer(0), .integer(1)])], [8: .array([])], [8: .integer(1)],
      [9: .bytes([1, 2, 3, 4, 5, 6, 7])], [9: .bytes([UInt8](repeating: 1, count: 9))],
      [9: .integer(1)], [10: .bytes([UInt8](repeating: 1, count: 31))],
      [10: .bytes([UInt8](repeating: 1, count: 33))], [11: .text("x")], [0: .integer(1)],
      [12: .integer(1)],
    ] as [[UInt64: CBORItem]])
  func refused(change: [UInt64: CBORItem]) throws {
    #expect(throws: OpError.self) { try Op(decoding: envelope(change.mapValues { $0 })) }
  }

  @Test func `refuses bytes after the op, and a payload that is not one canonical map`() throws {
    #expect(throws: OpError.malformed(.trailingBytes)) {
      try Op(decoding: envelope([:]) + [0])
    }
    var fields = try smallFields()
    for (payload, error) in [
      ([], .wrongType), ([0x80], .wrongType), ([0xA0, 0x00], .trailingBytes),
      ([0xA0, 0x09, 0x40], .trailingBytes), ([0xA1, 0x01], .truncated),
      ([0xA1, 0x18, 0x01, 0x00], .notCanonical),
    ] as [([UInt8], CBORError)] {
      fields.payload = payload
      fields.body = payload.isEmpty ? try digest(1) : nil
      #expect(throws: OpError.malformed(error)) { try Op(fields) }
    }
  }

  @Test func `an op has a largest size`() throws {
    var fields = try smallFields()
    let overhead = try Op(fields).bytes.count - 1
    let room = EnvelopeLimits.opBytesMax - overhead - 5
    fields.payload = CBORItem.map([(1, .bytes([UInt8](repeating: 7, count: room)))]).encoded
    #expect(try Op(fields).bytes.count == EnvelopeLimits.opBytesMax)
    fields.payload = CBORItem.map([(1, .bytes([UInt8](repeating: 7, count: room + 1)))]).encoded
    #expect(throws: OpError.tooLarge(bytes: EnvelopeLimits.opBytesMax + 1)) { try Op(fields) }
  }

  @Test func `a payload has a deepest nesting and a largest count of references`() throws {
    var fields = try smallFields()
    func nested(_ count: Int) -> CBORItem {
      (1..<count).reduce(CBORItem.array([])) { item, _ in .array([item]) }
    }
    fields.payload = nested(EnvelopeLimits.depthMax).asPayload
    #expect(try Op(fields).fields == fields)
    fields.payload = nested(EnvelopeLimits.depthMax + 1).asPayload
    #expect(throws: OpError.malformed(.tooDeep)) { try Op(fields) }

    let reference = CBORItem.reference(try id(4097, 1))
    fields.payload =
      CBORItem.array(Array(repeating: reference, count: EnvelopeLimits.referencesMax)).asPayload
    #expect(try Op(fields).references.count == EnvelopeLimits.referencesMax)
    #expect(try Op(fields).namedOps == [try id(4097, 1)])
    fields.payload =
      CBORItem.array(Array(repeating: reference, count: EnvelopeLimits.referencesMax + 1)).asPayload
    #expect(throws: OpError.malformed(.tooManyReferences)) { try Op(fields) }
  }

  /// The smallest envelope with some keys changed or, where nil, left out.
  private func envelope(_ changes: [UInt64: CBORItem?]) throws -> [UInt8] {
    var pairs: [UInt64: CBORItem] = [
      1: .integer(4097), 2: .integer(1), 3: .integer(0), 4: .integer(1), 6: .integer(0),
      8: .map([]),
    ]
    for (key, value) in changes { pairs[key] = value }
    return CBORItem.map(pairs.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }).encoded
  }
}

extension CBORItem {
  /// A payload whose only field holds this item.
  fileprivate var asPayload: [UInt8] { CBORItem.map([(1, self)]).encoded }
}
