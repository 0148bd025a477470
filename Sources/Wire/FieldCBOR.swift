import OpLog

/// One value of a payload as canonical CBOR, by its type; records are walked by the caller, because
/// theirs may have keys that the schema does not.
enum FieldCBOR {
  /// Writes a value that fits the type.
  static func write(_ value: PayloadValue, as type: FieldType, to cbor: inout CBORWriter) {
    switch (type, value) {
    case (.flag, .integer(let number)): cbor.flag(number == 1)
    case (_, .integer(let number)): cbor.integer(number)
    case (_, .text(let text)): cbor.text(text)
    case (_, .bytes(let bytes)): cbor.byteString(bytes)
    case (_, .reference(let id)): cbor.reference(id)
    case (_, .references(let ids)):
      cbor.array(count: ids.count)
      for id in ids { cbor.reference(id) }
    case (_, .records): preconditionFailure("caller bug: records are walked by the caller")
    }
  }

  /// Reads a value of a type and checks that it fits.
  static func read(
    _ type: FieldType, from cbor: inout CBORReader
  ) throws(CBORError) -> PayloadValue {
    let value = try shape(type, from: &cbor)
    guard type.fits(value) else { throw .outOfRange }
    return value
  }

  private static func shape(
    _ type: FieldType, from cbor: inout CBORReader
  ) throws(CBORError) -> PayloadValue {
    switch type {
    case .integer, .choice, .choices, .date, .replica: return .integer(try cbor.integer())
    case .flag: return .integer(try cbor.flag() ? 1 : 0)
    case .text(let length): return .text(try cbor.text(max: length.upperBound))
    case .bytes(let length): return .bytes(try cbor.byteString(max: length.upperBound))
    case .reference: return .reference(try cbor.reference())
    case .references(_, let count):
      var ids: [OpID] = []
      for _ in 0..<(try cbor.array(max: count.upperBound)) { ids.append(try cbor.reference()) }
      return .references(ids)
    case .records: preconditionFailure("caller bug: records are walked by the caller")
    }
  }
}
