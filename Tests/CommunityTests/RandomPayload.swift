import Community
import FoldKit
import OpLog
import Testing

/// Values that fit a schema, drawn from all that its limits allow.
enum RandomPayload {
  static func values(_ fields: [Field], using dice: inout Dice) throws -> [PayloadValue?] {
    try fields.map { field in
      guard field.isRequired || dice.once(in: 2) else { return nil }
      return try value(field.type, using: &dice)
    }
  }

  private static func value(_ type: FieldType, using dice: inout Dice) throws -> PayloadValue {
    switch type {
    case .integer(let range): .integer(Int64.random(in: range, using: &dice))
    case .flag: .integer(Int64.random(in: 0...1, using: &dice))
    case .choice(let names): .integer(Int64.random(in: 0..<Int64(names.count), using: &dice))
    case .choices(let names):
      .integer(Int64.random(in: 1..<1 << Int64(names.count), using: &dice))
    case .date: .integer(Int64.random(in: BusinessDate.range, using: &dice))
    case .replica:
      .integer(Int64.random(in: 1...Int64(EnvelopeLimits.replicaMax), using: &dice))
    case .text(let range): .text(String(repeating: "a", count: Int.random(in: range, using: &dice)))
    case .bytes(let range): .bytes(dice.bytes(Int.random(in: range, using: &dice)))
    case .reference: .reference(try id(using: &dice))
    case .references(_, let range):
      .references(
        Set(try (0..<Int.random(in: range, using: &dice)).map { _ in try id(using: &dice) })
          .sorted())
    case .records(let fields, let range):
      .records(
        try (0..<Int.random(in: range, using: &dice)).map { _ in
          try values(fields, using: &dice)
        })
    }
  }

  private static func id(using dice: inout Dice) throws -> OpID {
    let replica = UInt32.random(in: 1...EnvelopeLimits.replicaMax, using: &dice)
    let writer = try #require(ReplicaID(rawValue: replica))
    return try #require(
      OpID(writer, UInt64.random(in: 1...EnvelopeLimits.seqMax, using: &dice)))
  }
}
