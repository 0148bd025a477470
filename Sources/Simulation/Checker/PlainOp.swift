import OpLog

/// A payload value read without any schema.
enum PlainValue: Equatable {
  case integer(Int64)
  case text(String)
  case bytes
  case reference(OpID)
  case list([PlainValue])
  case map([UInt64: PlainValue])

  fileprivate init(from reader: inout CBORReader) throws(CBORError) {
    switch try reader.peek() {
    case .unsigned, .negative: self = .integer(try reader.integer())
    case .text: self = .text(try reader.text(max: .max))
    case .bytes:
      _ = try reader.byteString(max: .max)
      self = .bytes
    case .tag: self = .reference(try reader.reference())
    case .simple: self = .integer(try reader.flag() ? 1 : 0)
    case .array:
      var items: [PlainValue] = []
      for _ in 0..<(try reader.array(max: .max)) { items.append(try PlainValue(from: &reader)) }
      self = .list(items)
    case .map: self = .map(try Self.map(from: &reader))
    }
  }

  fileprivate static func map(
    from reader: inout CBORReader
  ) throws(CBORError) -> [UInt64: PlainValue] {
    var fields: [UInt64: PlainValue] = [:]
    for _ in 0..<(try reader.map(max: .max)) {
      fields[try reader.unsigned()] = try PlainValue(from: &reader)
    }
    return fields
  }
}

/// An op as the checker reads it: the envelope, the chain hash, and bare fields by key.
struct PlainOp {
  let op: Op
  /// The chain hash after it.
  let hash: Digest
  private let fields: [UInt64: PlainValue]

  init(_ op: Op, hash: Digest) {
    self.op = op
    self.hash = hash
    var reader = CBORReader(op.bytes, in: op.payload)
    fields = (try? PlainValue.map(from: &reader)) ?? [:]
  }

  var id: OpID { op.id }
  var kind: KindNumber { op.kind }

  func integer(_ key: UInt64) -> Int64? {
    guard case .integer(let value)? = fields[key] else { return nil }
    return value
  }

  func text(_ key: UInt64) -> String {
    guard case .text(let value)? = fields[key] else { return "" }
    return value
  }

  func reference(_ key: UInt64) -> OpID? {
    guard case .reference(let id)? = fields[key] else { return nil }
    return id
  }

  func references(_ key: UInt64) -> [OpID] {
    guard case .list(let items)? = fields[key] else { return [] }
    return items.compactMap { item in
      guard case .reference(let id) = item else { return nil }
      return id
    }
  }

  /// The lines of a redemption: item, quantity, price.
  var lines: [(item: OpID, quantity: Int64, price: Int64)] {
    guard case .list(let items)? = fields[2] else { return [] }
    return items.compactMap { item in
      guard case .map(let line) = item, case .reference(let id)? = line[1],
        case .integer(let quantity)? = line[2], case .integer(let price)? = line[3]
      else { return nil }
      return (id, quantity, price)
    }
  }

  /// Why a replica of this version cannot read it; nil when it can.
  var unreadable: String? {
    guard let layout = Self.layouts[kind] else { return "unknown-kind" }
    let types = Array(layout.utf8)
    guard fields.keys.allSatisfy({ $0 >= 1 && $0 <= UInt64(types.count) }) else {
      return "unknown-kind"
    }
    for (index, type) in types.enumerated() {
      let isRequired = type & 0x20 == 0
      switch (fields[UInt64(index + 1)], type & ~0x20) {
      case (nil, _): if isRequired { return "malformed-payload" }
      case (.integer?, UInt8(ascii: "I")), (.text?, UInt8(ascii: "T")),
        (.bytes?, UInt8(ascii: "B")), (.reference?, UInt8(ascii: "R")),
        (.list?, UInt8(ascii: "L")):
        break
      default: return "malformed-payload"
      }
    }
    return nil
  }

  // One letter a field, in order of keys: integer, text, bytes, reference, list; lower case may be
  // absent. Written down a second time on purpose: the checker shares no schema with the product.
  private static let layouts: [KindNumber: String] = [
    1: "BT", 2: "T", 3: "IRT", 4: "RI", 5: "L", 6: "RIIiri",
    7: "R" + String(repeating: "i", count: 40),
    13: "R",
    16: "ri", 17: "Rlllllli", 18: "TIIIiitiii", 19: "RRIiiir", 20: "RI", 21: "TIIiiii",
    22: "RIIiti",
    23: "RLIr", 81: "Rr",
  ]
}

/// What the checker expects of one op.
struct PlainVerdict: Equatable {
  var outcome: String
  var reasons: [String]

  init(_ outcome: String, _ reasons: [String] = []) {
    self.outcome = outcome
    self.reasons = reasons.sorted()
  }
}
