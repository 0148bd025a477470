import OpLog

/// Any item that ops may hold, read and written without a schema.
indirect enum CBORItem: Equatable {
  case integer(Int64)
  case bytes([UInt8])
  case text(String)
  case array([CBORItem])
  case map([(key: UInt64, value: CBORItem)])
  case reference(OpID)
  case flag(Bool)

  static func == (left: CBORItem, right: CBORItem) -> Bool { left.encoded == right.encoded }

  /// Reads one item; the reader refuses what is not canonical.
  init(from reader: inout CBORReader) throws(CBORError) {
    switch try reader.peek() {
    case .unsigned, .negative: self = .integer(try reader.integer())
    case .bytes: self = .bytes(try reader.byteString(max: 1 << 20))
    case .text: self = .text(try reader.text(max: 1 << 20))
    case .array:
      var items: [CBORItem] = []
      for _ in 0..<(try reader.array(max: 1 << 20)) { items.append(try CBORItem(from: &reader)) }
      self = .array(items)
    case .map:
      var pairs: [(key: UInt64, value: CBORItem)] = []
      var previous: UInt64?
      for _ in 0..<(try reader.map(max: 1 << 20)) {
        pairs.append((try reader.key(after: &previous), try CBORItem(from: &reader)))
      }
      self = .map(pairs)
    case .tag: self = .reference(try reader.reference())
    case .simple: self = .flag(try reader.flag())
    }
  }

  func write(to writer: inout CBORWriter) {
    switch self {
    case .integer(let value): writer.integer(value)
    case .bytes(let value): writer.byteString(value)
    case .text(let value): writer.text(value)
    case .reference(let id): writer.reference(id)
    case .flag(let value): writer.flag(value)
    case .array(let items):
      writer.array(count: items.count)
      for item in items { item.write(to: &writer) }
    case .map(let pairs):
      writer.map(count: pairs.count)
      for (key, value) in pairs {
        writer.unsigned(key)
        value.write(to: &writer)
      }
    }
  }

  var encoded: [UInt8] {
    var writer = CBORWriter()
    write(to: &writer)
    return writer.bytes
  }

  /// The references inside, in order of appearance.
  var references: [OpID] {
    switch self {
    case .reference(let id): [id]
    case .array(let items): items.flatMap(\.references)
    case .map(let pairs): pairs.flatMap(\.value.references)
    case .integer, .bytes, .text, .flag: []
    }
  }
}

extension CBORItem {
  /// A random item, nested at most so deep.
  static func random(
    depth: Int, using dice: inout Dice
  ) throws -> CBORItem {
    switch Int.random(in: 0..<(depth > 0 ? 8 : 6), using: &dice) {
    case 0: return .integer(integer(using: &dice))
    case 1: return .integer(~integer(using: &dice))
    case 2: return .bytes(dice.bytes(Int.random(in: 0...40, using: &dice)))
    case 3: return .text(text(using: &dice))
    case 4: return .flag(Bool.random(using: &dice))
    case 5:
      return .reference(
        try id(
          UInt32.random(in: 1...EnvelopeLimits.replicaMax, using: &dice),
          UInt64.random(in: 1...EnvelopeLimits.seqMax, using: &dice)))
    case 6:
      return .array(
        try (0..<Int.random(in: 0...4, using: &dice)).map { _ in
          try random(depth: depth - 1, using: &dice)
        })
    default:
      var key: UInt64 = 0
      return .map(
        try (0..<Int.random(in: 0...4, using: &dice)).map { _ in
          key += UInt64.random(in: 1...300, using: &dice)
          return (key, try random(depth: depth - 1, using: &dice))
        })
    }
  }

  /// A non-negative integer of random length in bits, so that every head comes up.
  private static func integer(using dice: inout Dice) -> Int64 {
    Int64.random(in: 0...Int64.max, using: &dice) >> Int64.random(in: 0...62, using: &dice)
  }

  private static func text(using dice: inout Dice) -> String {
    let letters = Array("aZ09 点é🐉\0")
    return String(
      (0..<Int.random(in: 0...12, using: &dice)).map { _ in
        letters[Int.random(in: letters.indices, using: &dice)]
      })
  }
}
