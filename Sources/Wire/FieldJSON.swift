import OpLog

/// One value of a payload as JSON, by its type.
enum FieldJSON {
  /// Writes a value that fits the type.
  static func write(_ value: PayloadValue, as type: FieldType, to json: inout JSONWriter) {
    switch (type, value) {
    case (.flag, .integer(let number)): json.flag(number == 1)
    case (.choice(let names), .integer(let index)): json.text(names[Int(index)])
    case (.choices(let names), .integer(let mask)):
      json.openArray()
      for (bit, name) in names.enumerated() where mask >> Int64(bit) & 1 == 1 { json.text(name) }
      json.closeArray()
    case (.date, .integer(let day)):
      guard let date = BusinessDate(day: day) else { preconditionFailure("caller bug: no date") }
      json.date(date)
    case (_, .integer(let number)): GenericJSON.write(number, to: &json)
    case (_, .text(let text)): json.text(text)
    case (_, .bytes(let bytes)): json.base64URL(bytes)
    case (_, .reference(let id)): json.opID(id)
    case (_, .references(let ids)):
      json.openArray()
      for id in ids { json.opID(id) }
      json.closeArray()
    case (.records(let fields, _), .records(let records)):
      json.openArray()
      for record in records { write(record, fields, to: &json) }
      json.closeArray()
    case (_, .records): preconditionFailure("caller bug: records where the schema has none")
    }
  }

  /// Writes values, in the order of the fields, as an object.
  static func write(
    _ values: [PayloadValue?], _ fields: [Field], to json: inout JSONWriter
  ) {
    json.openObject()
    for (field, value) in zip(fields, values) {
      guard let value else { continue }
      json.key(field.name)
      write(value, as: field.type, to: &json)
    }
    json.closeObject()
  }

  /// Reads a value of a type and checks that it fits.
  static func read(
    _ type: FieldType, from json: inout JSONReader
  ) throws(WireError) -> PayloadValue {
    let value = try shape(type, from: &json)
    guard type.fits(value) else { throw .outOfRange(field: "") }
    return value
  }

  /// Reads an object into values in the order of the fields.
  static func read(
    _ fields: [Field], from json: inout JSONReader
  ) throws(WireError) -> [PayloadValue?] {
    var values = [PayloadValue?](repeating: nil, count: fields.count)
    try json.object { (name, json) throws(WireError) in
      guard let index = fields.firstIndex(where: { $0.name == name }) else {
        throw .unknownField(field: "")
      }
      values[index] = try read(fields[index].type, from: &json)
    }
    for (field, value) in zip(fields, values) where field.isRequired && value == nil {
      throw .missing(field: field.name)
    }
    return values
  }

  private static func shape(
    _ type: FieldType, from json: inout JSONReader
  ) throws(WireError) -> PayloadValue {
    switch type {
    case .integer: return .integer(try GenericJSON.readInteger(from: &json))
    case .text(let length): return .text(try json.text(length))
    case .bytes(let length): return .bytes(try json.base64URL(length))
    case .flag: return .integer(try json.flag() ? 1 : 0)
    case .choice(let names): return .integer(try choice(names, from: &json))
    case .choices(let names):
      var mask: Int64 = 0
      try json.array(max: names.count) { (json) throws(WireError) in
        let bit: Int64 = 1 << (try choice(names, from: &json))
        guard mask & bit == 0 else { throw .outOfRange(field: "") }
        mask |= bit
      }
      return .integer(mask)
    case .date: return .integer(Int64(try json.date().day))
    case .replica: return .integer(Int64(try json.replica().rawValue))
    case .reference: return .reference(try json.opID())
    case .references(_, let count):
      var ids: [OpID] = []
      try json.array(max: count.upperBound) { (json) throws(WireError) in
        ids.append(try json.opID())
      }
      return .references(ids)
    case .records(let fields, let count):
      var records: [[PayloadValue?]] = []
      try json.array(max: count.upperBound) { (json) throws(WireError) in
        records.append(try read(fields, from: &json))
      }
      return .records(records)
    }
  }

  /// Reads a name of a choice as its index.
  private static func choice(
    _ names: [String], from json: inout JSONReader
  ) throws(WireError) -> Int64 {
    let utf8 = try json.string()
    let name = try json.text(of: utf8)
    guard let index = names.firstIndex(of: name) else { throw .outOfRange(field: "") }
    return Int64(index)
  }
}
