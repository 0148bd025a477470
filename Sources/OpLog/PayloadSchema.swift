/// What one field of a payload may hold; the same limits hold on encode and on decode.
package enum FieldType: Sendable, Equatable {
  /// An integer inside a range.
  case integer(ClosedRange<Int64>)
  /// UTF-8 text without control characters, its length in bytes.
  case text(ClosedRange<Int>)
  /// A byte string, its length in bytes.
  case bytes(ClosedRange<Int>)
  /// True or false.
  case flag
  /// One of named values; its index on the wire, its name in JSON.
  case choice([String])
  /// A set of named values; a bit mask on the wire, an array of names in JSON. Never empty.
  case choices([String])
  /// A business date; days since 1970-01-01 on the wire.
  case date
  /// A replica id.
  case replica
  /// One op of one of these kinds.
  case reference([KindNumber])
  /// Several ops of one of these kinds.
  case references([KindNumber], ClosedRange<Int>)
  /// A list of small records.
  case records([Field], ClosedRange<Int>)
}

/// One field of a payload.
///
/// Keys are dense from 1 in the order of the schema.
package struct Field: Sendable, Equatable {
  /// The JSON name, snake_case.
  package let name: String
  /// What it may hold.
  package let type: FieldType
  /// Whether an op without it is refused.
  package let isRequired: Bool

  /// A field that must be there.
  package static func required(_ name: String, _ type: FieldType) -> Field {
    Field(name: name, type: type, isRequired: true)
  }

  /// A field that may be absent.
  package static func optional(_ name: String, _ type: FieldType) -> Field {
    Field(name: name, type: type, isRequired: false)
  }
}

/// One decoded value; choices, dates, flags, and replicas are integers.
package enum PayloadValue: Equatable, Sendable {
  case integer(Int64)
  case text(String)
  case bytes([UInt8])
  case reference(OpID)
  case references([OpID])
  case records([[PayloadValue?]])
}

/// Why a payload does not fit its schema; `field` is the JSON name, `lines[2].qty` inside records.
package enum PayloadError: Error, Equatable, Sendable {
  case missing(field: String)
  case wrongType(field: String)
  case outOfRange(field: String)
  case malformed(CBORError)

  /// The same about a field of a record inside a list.
  fileprivate func inside(_ record: String) -> PayloadError {
    switch self {
    case .missing(let field): .missing(field: record + field)
    case .wrongType(let field): .wrongType(field: record + field)
    case .outOfRange(let field): .outOfRange(field: record + field)
    case .malformed: self
    }
  }
}

/// A payload read by its schema: values by position, key − 1.
package struct Payload: Equatable, Sendable {
  /// The values in the schema's order; nil where an optional field is absent.
  package var values: [PayloadValue?]

  /// Makes a payload from values in the schema's order.
  package init(values: [PayloadValue?]) { self.values = values }

  /// The integer, choice index, day, flag, or replica at a key.
  package func integer(_ key: Int) -> Int64? {
    guard case .integer(let value)? = values[key - 1] else { return nil }
    return value
  }

  /// The text at a key.
  package func text(_ key: Int) -> String? {
    guard case .text(let value)? = values[key - 1] else { return nil }
    return value
  }

  /// The bytes at a key.
  package func bytes(_ key: Int) -> [UInt8]? {
    guard case .bytes(let value)? = values[key - 1] else { return nil }
    return value
  }

  /// The reference at a key.
  package func reference(_ key: Int) -> OpID? {
    guard case .reference(let value)? = values[key - 1] else { return nil }
    return value
  }

  /// The references at a key; empty when absent.
  package func references(_ key: Int) -> [OpID] {
    guard case .references(let value)? = values[key - 1] else { return [] }
    return value
  }

  /// The records at a key; empty when absent.
  package func records(_ key: Int) -> [Payload] {
    guard case .records(let value)? = values[key - 1] else { return [] }
    return value.map(Payload.init(values:))
  }
}

/// How the payload of one kind is laid out: the fields in order of their keys.
package struct PayloadSchema: Sendable, Equatable {
  /// The fields; the first has key 1.
  package let fields: [Field]

  /// Makes a schema.
  package init(_ fields: [Field]) { self.fields = fields }

  /// What reading a payload gives.
  package enum Decoded: Equatable, Sendable {
    /// It fits this schema.
    case payload(Payload)
    /// It has a key that this schema does not know, so a newer version wrote it.
    case newer
  }

  /// Encodes values as the canonical map.
  ///
  /// - Throws: ``PayloadError`` naming the first field that is missing or does not fit.
  package func encode(_ payload: Payload) throws(PayloadError) -> [UInt8] {
    precondition(payload.values.count == fields.count, "caller bug: values not in schema order")
    var writer = CBORWriter()
    try Self.write(payload.values, fields, path: "", to: &writer)
    return writer.bytes
  }

  /// Reads the payload of an op; O(bytes).
  ///
  /// - Throws: ``PayloadError`` naming the first field that is missing or does not fit.
  package func decode(_ op: Op) throws(PayloadError) -> Decoded {
    var reader = CBORReader(op.bytes, in: op.payload)
    guard let values = try Self.read(fields, from: &reader) else { return .newer }
    return .payload(Payload(values: values))
  }

  /// The payload of an op; nil where a newer version wrote it, or it does not fit; O(bytes).
  ///
  /// It throws nothing, so that no `try?` stands where the op itself is still to be read: a disk that
  /// fails is not an op that does not fit.
  package func payload(of op: Op) -> Payload? {
    guard case .payload(let payload)? = try? decode(op) else { return nil }
    return payload
  }
}

extension PayloadSchema {
  private static func write(
    _ values: [PayloadValue?], _ fields: [Field], path: String, to writer: inout CBORWriter
  ) throws(PayloadError) {
    writer.map(count: values.count { $0 != nil })
    for (index, field) in fields.enumerated() {
      guard let value = values[index] else {
        guard !field.isRequired else { throw .missing(field: path + field.name) }
        continue
      }
      writer.unsigned(UInt64(index + 1))
      try write(value, as: field.type, name: path + field.name, to: &writer)
    }
  }

  private static func write(
    _ value: PayloadValue, as type: FieldType, name: String, to writer: inout CBORWriter
  ) throws(PayloadError) {
    guard type.fits(value) else {
      throw type.hasShape(of: value) ? .outOfRange(field: name) : .wrongType(field: name)
    }
    switch (type, value) {
    case (.flag, .integer(let number)): writer.flag(number == 1)
    case (_, .integer(let number)): writer.integer(number)
    case (_, .text(let text)): writer.text(text)
    case (_, .bytes(let bytes)): writer.byteString(bytes)
    case (_, .reference(let id)): writer.reference(id)
    case (_, .references(let ids)):
      writer.array(count: ids.count)
      for id in ids { writer.reference(id) }
    case (.records(let fields, _), .records(let records)):
      writer.array(count: records.count)
      for (index, record) in records.enumerated() {
        guard record.count == fields.count else { throw .wrongType(field: name) }
        try write(record, fields, path: "\(name)[\(index)].", to: &writer)
      }
    case (_, .records): throw .wrongType(field: name)
    }
  }

  /// Reads a map; nil when it has a key that the fields do not.
  private static func read(
    _ fields: [Field], from reader: inout CBORReader
  ) throws(PayloadError) -> [PayloadValue?]? {
    var values = [PayloadValue?](repeating: nil, count: fields.count)
    var previous: UInt64?
    for _ in 0..<(try located("") { () throws(CBORError) in try reader.map(max: 256) }) {
      let key = try located("") { () throws(CBORError) in try reader.key(after: &previous) }
      guard key >= 1, key <= UInt64(fields.count) else { return nil }
      let index = Int(key) - 1
      guard let value = try read(fields[index], from: &reader) else { return nil }
      guard fields[index].type.fits(value) else { throw .outOfRange(field: fields[index].name) }
      values[index] = value
    }
    for index in fields.indices where values[index] == nil && fields[index].isRequired {
      throw .missing(field: fields[index].name)
    }
    return values
  }

  /// Reads one value; nil when a record inside has an unknown key.
  private static func read(
    _ field: Field, from reader: inout CBORReader
  ) throws(PayloadError) -> PayloadValue? {
    guard case .records(let fields, let range) = field.type else {
      return try located(field.name) { () throws(CBORError) in
        try scalar(field.type, from: &reader)
      }
    }
    let count = try located(field.name) { () throws(CBORError) in
      try reader.array(max: range.upperBound)
    }
    var records: [[PayloadValue?]] = []
    records.reserveCapacity(count)
    for index in 0..<count {
      do throws(PayloadError) {
        guard let record = try read(fields, from: &reader) else { return nil }
        records.append(record)
      } catch { throw error.inside("\(field.name)[\(index)].") }
    }
    return .records(records)
  }

  private static func scalar(
    _ type: FieldType, from reader: inout CBORReader
  ) throws(CBORError) -> PayloadValue {
    switch type {
    case .integer, .choice, .choices, .date, .replica: return .integer(try reader.integer())
    case .flag: return .integer(try reader.flag() ? 1 : 0)
    case .text(let range): return .text(try reader.text(max: range.upperBound))
    case .bytes(let range): return .bytes(try reader.byteString(max: range.upperBound))
    case .reference: return .reference(try reader.reference())
    case .references(_, let range):
      var ids: [OpID] = []
      for _ in 0..<(try reader.array(max: range.upperBound)) { ids.append(try reader.reference()) }
      return .references(ids)
    case .records: preconditionFailure("records are read field by field")
    }
  }

  /// Runs a CBOR read and says in which field it failed.
  private static func located<R>(
    _ field: String, _ body: () throws(CBORError) -> R
  ) throws(PayloadError) -> R {
    do throws(CBORError) {
      return try body()
    } catch {
      switch error {
      case .wrongType: throw .wrongType(field: field)
      case .outOfRange: throw .outOfRange(field: field)
      default: throw .malformed(error)
      }
    }
  }
}
