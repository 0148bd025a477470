import OpLog
import Testing

/// One type with values just inside and just outside its limits.
struct FieldCase: CustomTestStringConvertible {
  let type: FieldType
  let inside: [PayloadValue]
  let outside: [PayloadValue]

  var testDescription: String { "\(type)" }

  static func all() throws -> [FieldCase] { numbers + strings + (try references()) }

  private static let numbers = [
    FieldCase(
      type: .integer(-5...5), inside: [.integer(-5), .integer(0), .integer(5)],
      outside: [.integer(-6), .integer(6), .integer(.min), .integer(.max)]),
    FieldCase(
      type: .integer(.min ... .max), inside: [.integer(.min), .integer(.max)], outside: []),
    FieldCase(
      type: .choice(["a", "b", "c"]), inside: [.integer(0), .integer(2)],
      outside: [.integer(-1), .integer(3), .integer(.max)]),
    FieldCase(
      type: .choices(["a", "b", "c"]), inside: [.integer(1), .integer(5), .integer(7)],
      outside: [.integer(0), .integer(8), .integer(-1), .integer(.min)]),
    FieldCase(
      type: .date, inside: [.integer(0), .integer(2_932_896)],
      outside: [.integer(-1), .integer(2_932_897)]),
    FieldCase(
      type: .replica, inside: [.integer(1), .integer(0x7FFF_FFFF)],
      outside: [.integer(0), .integer(0x8000_0000), .integer(-1)]),
  ]

  private static let strings = [
    FieldCase(
      type: .text(1...6), inside: [.text("a"), .text("点点"), .text("a -中")],
      outside: [.text(""), .text("1234567"), .text("点点点"), .text("12345é")]),
    FieldCase(
      type: .text(0...9), inside: [.text("")],
      outside: [
        "\0", "a\n", "\t", "\u{1F}", "\u{7F}", "\u{80}", "\u{9F}", "\u{2028}", "\u{202E}",
        "\u{2066}", "\u{2069}", "\u{FEFF}",
      ].map(PayloadValue.text)),
    FieldCase(
      type: .bytes(2...3), inside: [.bytes([0, 0]), .bytes([1, 2, 3])],
      outside: [.bytes([]), .bytes([1]), .bytes([1, 2, 3, 4])]),
  ]

  private static func references() throws -> [FieldCase] {
    let (a, b, c) = (try id(1, 1), try id(1, 2), try id(2, 1))
    let record: [PayloadValue?] = [.integer(1)]
    return [
      FieldCase(type: .reference([16]), inside: [.reference(a)], outside: []),
      FieldCase(
        type: .references([16], 1...2), inside: [.references([a]), .references([a, c])],
        outside: [
          .references([]), .references([a, b, c]), .references([b, a]), .references([a, a]),
        ]),
      FieldCase(
        type: .records([.required("x", .integer(0...1))], 1...2),
        inside: [.records([record]), .records([record, record])],
        outside: [.records([]), .records([record, record, record])]),
    ]
  }
}

@Suite struct PayloadSchemaTests {
  @Test("a value inside the limits goes there and back", arguments: try FieldCase.all())
  func inside(_ field: FieldCase) throws {
    let schema = PayloadSchema([.required("f", field.type)])
    for value in field.inside {
      let bytes = try schema.encode(Payload(values: [value]))
      #expect(bytes == raw([value]))
      #expect(try decode(bytes, by: schema) == .payload(Payload(values: [value])))
    }
  }

  @Test("a value outside the limits is refused, both ways", arguments: try FieldCase.all())
  func outside(_ field: FieldCase) throws {
    let schema = PayloadSchema([.required("f", field.type)])
    for value in field.outside {
      let error = PayloadError.outOfRange(field: "f")
      #expect(throws: error, "\(value)") { try schema.encode(Payload(values: [value])) }
      #expect(throws: error, "\(value)") { try decode(raw([value]), by: schema) }
    }
  }

  @Test("a value of another type is refused, both ways", arguments: try FieldCase.all())
  func wrongType(_ field: FieldCase) throws {
    let schema = PayloadSchema([.required("f", field.type)])
    let others: [PayloadValue] = [
      .integer(1), .text("ab"), .bytes([1, 2]), .reference(try id(1, 1)),
      .references([try id(1, 1)]), .records([[.integer(1)]]),
    ]
    for other in others where !field.type.hasShape(of: other) {
      #expect(throws: PayloadError.wrongType(field: "f"), "\(other)") {
        try schema.encode(Payload(values: [other]))
      }
      #expect(throws: PayloadError.self, "\(other)") { try decode(raw([other]), by: schema) }
    }
  }

  @Test func `a flag is true or false`() throws {
    let schema = PayloadSchema([.required("f", .flag)])
    for (value, byte) in [(0, 0xF4), (1, 0xF5)] as [(Int64, UInt8)] {
      let payload = Payload(values: [.integer(value)])
      #expect(try schema.encode(payload) == [0xA1, 0x01, byte])
      #expect(try decode([0xA1, 0x01, byte], by: schema) == .payload(payload))
    }
    for value in [-1, 2] as [Int64] {
      #expect(throws: PayloadError.outOfRange(field: "f")) {
        try schema.encode(Payload(values: [.integer(value)]))
      }
    }
    #expect(throws: PayloadError.wrongType(field: "f")) {
      try decode([0xA1, 0x01, 0x01], by: schema)
    }
  }

  @Test func `an optional field may be absent, a required one may not`() throws {
    let schema = PayloadSchema([
      .optional("a", .integer(0...9)), .required("b", .integer(0...9)),
      .optional("c", .integer(0...9)),
    ])
    let payload = Payload(values: [nil, .integer(5), nil])
    #expect(try schema.encode(payload) == [0xA1, 0x02, 0x05])
    #expect(try decode([0xA1, 0x02, 0x05], by: schema) == .payload(payload))
    #expect(throws: PayloadError.missing(field: "b")) {
      try schema.encode(Payload(values: [.integer(1), nil, .integer(1)]))
    }
    #expect(throws: PayloadError.missing(field: "b")) {
      try decode([0xA2, 0x01, 0x01, 0x03, 0x01], by: schema)
    }
  }

  @Test func `an error inside records says which`() throws {
    let schema = PayloadSchema([
      .required(
        "lines",
        .records(
          [.required("item", .reference([21])), .required("quantity", .integer(1...9))], 1...3))
    ])
    let item = PayloadValue.reference(try id(1, 1))
    for (second, error) in [
      ([item, nil], .missing(field: "lines[1].quantity")),
      ([item, .integer(10)], .outOfRange(field: "lines[1].quantity")),
      ([item, .text("9")], .wrongType(field: "lines[1].quantity")),
      ([nil, .integer(9)], .missing(field: "lines[1].item")),
      ([.integer(1), .integer(9)], .wrongType(field: "lines[1].item")),
    ] as [([PayloadValue?], PayloadError)] {
      let values: [PayloadValue?] = [.records([[item, .integer(9)], second])]
      #expect(throws: error) { try schema.encode(Payload(values: values)) }
      #expect(throws: error) { try decode(raw(values), by: schema) }
    }
    #expect(throws: PayloadError.wrongType(field: "lines")) {
      try schema.encode(Payload(values: [.records([[item]])]))
    }
  }

  @Test func `an unknown key means that a newer version wrote it`() throws {
    let schema = PayloadSchema([
      .required("a", .integer(0...9)),
      .optional("lines", .records([.required("b", .integer(0...9))], 1...3)),
    ])
    #expect(try decode(raw([.integer(1), nil, .text("new")]), by: schema) == .newer)
    #expect(
      try decode(raw([.integer(1), .records([[.integer(1), .text("new")]])]), by: schema) == .newer)
    #expect(try decode([0xA1, 0x00, 0x00], by: schema) == .newer)
    #expect(
      try decode(
        [0xA2, 0x01, 0x01, 0x1B] + [UInt8](repeating: 0xFF, count: 8) + [0x00], by: schema)
        == .newer)
  }

  @Test func `a payload is read by key and type`() throws {
    let reference = try id(1, 1)
    let payload = Payload(values: [
      .integer(7), .text("点"), .reference(reference), .references([reference]),
      .records([[.integer(1)]]), nil,
    ])
    #expect(payload.integer(1) == 7)
    #expect(payload.text(2) == "点")
    #expect(payload.reference(3) == reference)
    #expect(payload.references(4) == [reference])
    #expect(payload.records(5) == [Payload(values: [.integer(1)])])
    #expect(payload.integer(6) == nil && payload.integer(2) == nil)
    #expect(payload.references(6).isEmpty && payload.records(6).isEmpty)
  }

  @Test func `values that are not in the schema's order trap`() async {
    await #expect(processExitsWith: .failure) {
      _ = try PayloadSchema([.optional("a", .flag)]).encode(Payload(values: []))
    }
  }

  private func decode(
    _ payload: [UInt8], by schema: PayloadSchema
  ) throws -> PayloadSchema.Decoded {
    var fields = try smallFields()
    fields.payload = payload
    return try schema.decode(Op(fields))
  }
}

/// Values as a map with keys from 1, whatever a schema thinks of them.
private func raw(_ values: [PayloadValue?]) -> [UInt8] { item(values).encoded }

private func item(_ values: [PayloadValue?]) -> CBORItem {
  .map(
    values.enumerated().compactMap { index, value in
      value.map { (UInt64(index + 1), item($0)) }
    })
}

private func item(_ value: PayloadValue) -> CBORItem {
  switch value {
  case .integer(let number): .integer(number)
  case .text(let text): .text(text)
  case .bytes(let bytes): .bytes(bytes)
  case .reference(let id): .reference(id)
  case .references(let ids): .array(ids.map(CBORItem.reference))
  case .records(let records): .array(records.map { item($0) })
  }
}
