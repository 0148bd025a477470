extension FieldType {
  /// Whether a value is of this type and inside its limits; O(value).
  package func fits(_ value: PayloadValue) -> Bool {
    switch (self, value) {
    case (.integer(let range), .integer(let number)): range.contains(number)
    case (.flag, .integer(let number)): number == 0 || number == 1
    case (.choice(let names), .integer(let index)): (0..<Int64(names.count)).contains(index)
    case (.choices(let names), .integer(let mask)): mask > 0 && mask < 1 << Int64(names.count)
    case (.date, .integer(let day)): BusinessDate.range.contains(day)
    case (.replica, .integer(let id)):
      (1...Int64(EnvelopeLimits.replicaMax)).contains(id)
    case (.text(let range), .text(let text)):
      range.contains(text.utf8.count) && !text.unicodeScalars.contains(where: Self.isControl)
    case (.bytes(let range), .bytes(let bytes)): range.contains(bytes.count)
    case (.reference, .reference): true
    case (.references(_, let range), .references(let ids)):
      range.contains(ids.count) && zip(ids, ids.dropFirst()).allSatisfy { $0 < $1 }
    case (.records(_, let range), .records(let records)): range.contains(records.count)
    default: false
    }
  }

  /// Whether a value is of this type, limits aside; tells "wrong type" from "out of range".
  package func hasShape(of value: PayloadValue) -> Bool {
    switch (self, value) {
    case (.integer, .integer), (.flag, .integer), (.choice, .integer), (.choices, .integer),
      (.date, .integer), (.replica, .integer), (.text, .text), (.bytes, .bytes),
      (.reference, .reference), (.references, .references), (.records, .records):
      true
    default: false
    }
  }

  /// C0, DEL, and C1 controls, line and paragraph separators, and bidirectional overrides: none of
  /// them belongs in a name or a title, and each can make a listing lie.
  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F..<0xA0, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF: true
    default: false
    }
  }
}
