import OpLog
import Testing

@testable import Wire

@Suite("Every op has one JSON view and comes back to the same bytes")
struct OpJSONLawTests {
  private static let seeds: Range<UInt64> = 0..<40
  private static let opsPerSeed = 50

  @Test("whatever its schema, with each type of field", arguments: seeds)
  func opsOfAKnownKind(seed: UInt64) throws {
    var random = RandomOps(seed: seed)
    for _ in 0..<Self.opsPerSeed {
      let schema = random.schema()
      let payload = Payload(values: try random.values(schema.fields))
      let op = try random.op(kind: 17, payload: try schema.encode(payload))
      let codec = OpJSON(SchemaTable([(17, "sample.known", schema)]))
      let text = try roundTrip(op, codec)
      if !schema.fields.isEmpty, payload.values.contains(where: { $0 != nil }) {
        #expect(!text.contains("\"payload\":{\"#"), "shown by name: \(text)")
      }
    }
  }

  @Test("of an unknown kind", arguments: seeds)
  func opsOfAnUnknownKind(seed: UInt64) throws {
    var random = RandomOps(seed: seed)
    for _ in 0..<Self.opsPerSeed {
      let op = try random.op(kind: 46, payload: try random.anyMap())
      let text = try roundTrip(op, OpJSON(SchemaTable([])))
      #expect(text.contains("\"kind\":\"#46\""))
    }
  }

  @Test("when the payload does not fit, or holds more than the schema knows", arguments: seeds)
  func opsBesideTheirSchema(seed: UInt64) throws {
    var random = RandomOps(seed: seed)
    for _ in 0..<Self.opsPerSeed {
      let op = try random.op(kind: 17, payload: try random.anyMap())
      let schema = random.schema()
      try roundTrip(op, OpJSON(SchemaTable([(17, "sample.known", schema)])))
      try newerOp(schema, &random)
    }
  }

  @Test("and a payload by name comes back to the same values", arguments: seeds)
  func payloadsByName(seed: UInt64) throws {
    var random = RandomOps(seed: seed)
    for _ in 0..<Self.opsPerSeed {
      let schema = random.schema()
      let payload = Payload(values: try random.values(schema.fields))
      var writer = JSONWriter()
      OpJSON.writePayload(payload, schema, to: &writer)
      var reader = try JSONReader(writer.bytes, max: WireLimits.opBytesMax)
      #expect(try OpJSON.readPayload(schema, from: &reader) == payload)
      try reader.finish()
    }
  }

  /// An op by a schema that has one field more than the reader's.
  private func newerOp(_ schema: PayloadSchema, _ random: inout RandomOps) throws {
    let newer = PayloadSchema(schema.fields + [.required("extra", .integer(0...9))])
    let payload = Payload(values: try random.values(newer.fields))
    let op = try random.op(kind: 17, payload: try newer.encode(payload))
    let text = try roundTrip(op, OpJSON(SchemaTable([(17, "sample.known", schema)])))
    #expect(text.contains("\"#\(newer.fields.count)\":"))
    if schema.fields.first?.isRequired == true { #expect(text.contains("\"field_1\":")) }
  }

  /// Checks both directions.
  ///
  /// - Returns: The JSON.
  @discardableResult
  private func roundTrip(_ op: Op, _ codec: OpJSON) throws -> String {
    var writer = JSONWriter()
    codec.write(op, to: &writer)
    var reader = try JSONReader(writer.bytes, max: WireLimits.opBytesMax)
    let back = try codec.read(from: &reader)
    try reader.finish()
    #expect(back == op)
    var again = JSONWriter()
    codec.write(back, to: &again)
    #expect(again.bytes == writer.bytes)
    return String(decoding: writer.bytes, as: UTF8.self)
  }
}
