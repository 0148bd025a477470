import OpLog
import Testing

/// Ops drawn by seed: of any schema, and of none.
struct RandomOps {
  var generator: SeededGenerator

  init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

  mutating func number(_ range: ClosedRange<Int>) -> Int {
    Int.random(in: range, using: &generator)
  }

  mutating func id() throws -> OpID {
    let replica = try #require(ReplicaID(rawValue: UInt32(number(1...0x7FFF_FFFF))))
    return try #require(OpID(replica, UInt64(number(1...0xFFFF_FFFF))))
  }

  mutating func digest() throws -> Digest { try #require(Digest(generator.bytes(32))) }

  /// An op around a payload; each optional field is there or not.
  mutating func op(kind: KindNumber, payload: [UInt8]) throws -> Op {
    let day = try #require(BusinessDate(day: Int64(number(0...2_932_896))))
    var fields = OpFields(
      id: try id(), stamp: Int64(number(0...1 << 53 - 1)), kind: kind, occurredOn: day,
      payload: payload)
    if generator.oneIn(2) { fields.actor = try id() }
    if generator.oneIn(2) { fields.policy = try id() }
    if generator.oneIn(2) { fields.names = generator.next() }
    if generator.oneIn(3) { fields.body = try digest() }
    if generator.oneIn(3) { fields.was = try digest() }
    return try Op(fields)
  }

  // MARK: By schema

  mutating func schema(records: Bool = true) -> PayloadSchema {
    PayloadSchema(fields(1...8, records: records))
  }

  private mutating func fields(_ count: ClosedRange<Int>, records: Bool) -> [Field] {
    (0..<number(count)).map { index in
      let name = "field_\(index + 1)"
      let type = type(records: records)
      return generator.oneIn(2) ? .required(name, type) : .optional(name, type)
    }
  }

  private mutating func type(records: Bool) -> FieldType {
    let names = (0..<number(1...12)).map { "name_\($0)" }
    switch number(1...(records ? 11 : 10)) {
    case 1: return .integer(0...1_000)
    case 2: return .integer(Int64.min...Int64.max)
    case 3: return .text(0...40)
    case 4: return .bytes(0...40)
    case 5: return .flag
    case 6: return .choice(names)
    case 7: return .choices(names)
    case 8: return .date
    case 9: return .replica
    case 10: return generator.oneIn(2) ? .reference([1]) : .references([1], 0...4)
    default: return .records(fields(1...3, records: false), 0...3)
    }
  }

  /// Values that fit the fields.
  mutating func values(_ fields: [Field]) throws -> [PayloadValue?] {
    try fields.map { field in
      guard field.isRequired || generator.oneIn(2) else { return nil }
      return try value(field.type)
    }
  }

  mutating func value(_ type: FieldType) throws -> PayloadValue {
    switch type {
    case .integer(let range): return .integer(Int64.random(in: range, using: &generator))
    case .text(let range): return .text(text(max: range.upperBound, controls: false))
    case .bytes(let range): return .bytes(generator.bytes(number(range)))
    case .flag: return .integer(Int64(number(0...1)))
    case .choice(let names): return .integer(Int64(number(0...names.count - 1)))
    case .choices(let names): return .integer(Int64(number(1...1 << names.count - 1)))
    case .date: return .integer(Int64(number(0...2_932_896)))
    case .replica: return .integer(Int64(number(1...0x7FFF_FFFF)))
    case .reference: return .reference(try id())
    case .references(_, let range):
      var ids: Set<OpID> = []
      for _ in 0..<number(range) { ids.insert(try id()) }
      return .references(ids.sorted())
    case .records(let fields, let range):
      var records: [[PayloadValue?]] = []
      for _ in 0..<number(range) { records.append(try values(fields)) }
      return .records(records)
    }
  }

  /// A text of at most `max` bytes from all planes.
  private mutating func text(max: Int, controls: Bool) -> String {
    let plain = ["a", "Z", "9", " ", "\"", "\\", "/", "é", "青", "龙", "街", "😀", "\u{10FFFF}"]
    let pieces =
      controls ? plain + ["\u{0}", "\u{8}", "\n", "\u{1F}", "\u{7F}", "\u{2028}"] : plain
    var text = ""
    for _ in 0..<number(0...10) {
      let piece = pieces[number(0...pieces.count - 1)]
      if text.utf8.count + piece.utf8.count <= max { text += piece }
    }
    return text
  }

  // MARK: Without a schema

  /// Any canonical map, nested at most `depth` further.
  mutating func anyMap(depth: Int = 4) throws -> [UInt8] {
    var keys: Set<UInt64> = []
    for _ in 0..<number(0...5) { keys.insert(generator.oneIn(8) ? generator.next() : key()) }
    var writer = CBORWriter()
    writer.map(count: keys.count)
    for key in keys.sorted() {
      writer.unsigned(key)
      writer.raw(try anyItem(depth: depth))
    }
    return writer.bytes
  }

  private mutating func key() -> UInt64 { UInt64(number(0...12)) }

  private mutating func anyItem(depth: Int) throws -> [UInt8] {
    var writer = CBORWriter()
    switch number(depth > 0 ? 0...8 : 0...6) {
    case 0: writer.integer(Int64(number(-30...30)))
    case 1: writer.integer(Int64.random(in: .min ... .max, using: &generator))
    case 2: writer.text(text(max: 40, controls: true))
    case 3: writer.byteString(generator.bytes(number(0...20)))
    case 4: writer.flag(generator.oneIn(2))
    case 5: writer.integer([1 << 53 - 1, 1 << 53, -(1 << 53) + 1, -(1 << 53)][number(0...3)])
    case 6: writer.reference(try id())
    case 7: writer.raw(try anyMap(depth: depth - 1))
    default:
      let count = number(0...3)
      writer.array(count: count)
      for _ in 0..<count { writer.raw(try anyItem(depth: depth - 1)) }
    }
    return writer.bytes
  }
}
