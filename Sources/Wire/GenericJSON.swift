import OpLog

/// CBOR without a schema as JSON, one to one: for kinds and keys that a newer version brought.
///
/// Integers, texts, flags, and arrays are themselves; `{"#1": …}` is a map by its keys;
/// `{"#int": "…"}`, `{"#bytes": "…"}`, and `{"#ref": "…"}` hold what JSON has no type for.
enum GenericJSON {
  /// Writes the next item of canonical CBOR.
  static func write(_ cbor: inout CBORReader, to json: inout JSONWriter) throws(CBORError) {
    switch try cbor.peek() {
    case .unsigned, .negative: write(try cbor.integer(), to: &json)
    case .text: json.text(try cbor.text(max: .max))
    case .simple: json.flag(try cbor.flag())
    case .bytes:
      json.openObject()
      json.key("#bytes")
      json.base64URL(try cbor.byteString(max: .max))
      json.closeObject()
    case .tag:
      json.openObject()
      json.key("#ref")
      json.opID(try cbor.reference())
      json.closeObject()
    case .array:
      json.openArray()
      for _ in 0..<(try cbor.array(max: .max)) { try write(&cbor, to: &json) }
      json.closeArray()
    case .map: try PayloadJSON.write(&cbor, fields: nil, to: &json)
    }
  }

  /// Writes an integer; beyond ±(2^53 − 1) as `{"#int": "…"}`.
  static func write(_ integer: Int64, to json: inout JSONWriter) {
    guard integer.magnitude > JSONReader.integerMax else { return json.integer(integer) }
    json.openObject()
    json.key("#int")
    json.text(String(integer))
    json.closeObject()
  }

  /// Reads one value into CBOR.
  static func read(
    from json: inout JSONReader, to cbor: inout CBORWriter
  ) throws(WireError) {
    switch try json.peek() {
    case .number, .null: cbor.integer(try plainInteger(from: &json))
    case .string: cbor.text(try json.text(0...Int.max))
    case .flag: cbor.flag(try json.flag())
    case .array:
      var items = CBORWriter()
      var count = 0
      try json.array(max: .max) { (json) throws(WireError) in
        try read(from: &json, to: &items)
        count += 1
      }
      cbor.array(count: count)
      cbor.raw(items.bytes)
    case .object: try readObject(from: &json, to: &cbor)
    }
  }

  /// Reads what ``write(_:to:)-(Int64,_)`` wrote.
  static func readInteger(from json: inout JSONReader) throws(WireError) -> Int64 {
    guard try json.peek() == .object else { return try plainInteger(from: &json) }
    var value: Int64?
    try json.object { (key, json) throws(WireError) in
      guard key == "#int" else { throw .wrongType(field: "") }
      value = try wideInteger(from: &json)
    }
    guard let value else { throw .wrongType(field: "") }
    return value
  }

  /// Reads a map, or the one member of an object that stands for an integer, bytes, or a reference.
  private static func readObject(
    from json: inout JSONReader, to cbor: inout CBORWriter
  ) throws(WireError) {
    var map = MapEntries()
    var scalar: CBORWriter?
    try json.object { (key, json) throws(WireError) in
      guard scalar == nil else { throw .unknownField(field: "") }
      if let number = PayloadJSON.number(of: key) {
        map.begin(number)
        return try read(from: &json, to: &map.values)
      }
      guard map.isEmpty else { throw .unknownField(field: "") }
      var value = CBORWriter()
      switch key {
      case "#int": value.integer(try wideInteger(from: &json))
      case "#bytes": value.byteString(try json.base64URL(0...Int.max))
      case "#ref": value.reference(try json.opID())
      default: throw .unknownField(field: "")
      }
      scalar = value
    }
    if let scalar {
      cbor.raw(scalar.bytes)
    } else {
      guard map.write(to: &cbor) else { throw json.fault(.duplicateKey) }
    }
  }

  private static func plainInteger(from json: inout JSONReader) throws(WireError) -> Int64 {
    try json.integer(in: -JSONReader.integerMax...JSONReader.integerMax)
  }

  /// Reads the text of an integer that a JSON number would not keep exact.
  private static func wideInteger(from json: inout JSONReader) throws(WireError) -> Int64 {
    let text = try json.text(0...20)
    guard let value = Int64(text), value.magnitude > JSONReader.integerMax,
      String(value) == text
    else { throw .outOfRange(field: "") }
    return value
  }
}
