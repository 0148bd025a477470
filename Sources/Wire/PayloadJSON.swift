import OpLog

/// A map of a payload as a JSON object: known keys by name, others as `#k`.
enum PayloadJSON {
  /// Writes the next item of canonical CBOR, a map.
  ///
  /// - Parameters:
  ///   - cbor: Stands at the map.
  ///   - fields: What the map is known to hold; nil writes every key as `#k`.
  ///   - json: Gets the object; half written when this throws.
  /// - Throws: ``CBORError`` when a known key does not fit its field, or a required one is not there.
  static func write(
    _ cbor: inout CBORReader, fields: [Field]?, to json: inout JSONWriter
  ) throws(CBORError) {
    json.openObject()
    let fields = fields ?? []
    var previous: UInt64?
    var next = 0  // the first field whose key has not come yet
    for _ in 0..<(try cbor.map(max: .max)) {
      let key = try cbor.key(after: &previous)
      guard key > 0, key <= UInt64(fields.count) else {
        json.key("#\(key)")
        try GenericJSON.write(&cbor, to: &json)
        continue
      }
      let index = Int(key) - 1
      guard fields[next..<index].allSatisfy({ !$0.isRequired }) else { throw .outOfRange }
      next = index + 1
      json.key(fields[index].name)
      try write(&cbor, as: fields[index].type, to: &json)
    }
    guard fields[next...].allSatisfy({ !$0.isRequired }) else { throw .outOfRange }
    json.closeObject()
  }

  /// Reads an object as a canonical map.
  ///
  /// A key `#k` takes whatever follows. As soon as one key is a name, the required fields must all
  /// be there; without any name this is the view of a map that does not fit its schema.
  ///
  /// - Parameters:
  ///   - json: Stands at the object.
  ///   - fields: What names there are; nil for none.
  ///   - mustFit: The map stands under a name, so its own required fields must be there too.
  ///   - cbor: Gets the map.
  /// - Throws: ``WireError`` for the first thing that is wrong.
  static func read(
    from json: inout JSONReader, fields: [Field]?, mustFit: Bool = false,
    to cbor: inout CBORWriter
  ) throws(WireError) {
    let fields = fields ?? []
    var entries = MapEntries()
    var hasNames = false
    try json.object { (key, json) throws(WireError) in
      if let number = number(of: key) {
        entries.begin(number)
        return try GenericJSON.read(from: &json, to: &entries.values)
      }
      guard let index = fields.firstIndex(where: { $0.name == key }) else {
        throw .unknownField(field: "")
      }
      hasNames = true
      entries.begin(UInt64(index + 1))
      try read(fields[index].type, from: &json, to: &entries.values)
    }
    if hasNames || mustFit {
      for (index, field) in fields.enumerated() where field.isRequired {
        guard entries.contains(UInt64(index + 1)) else { throw .missing(field: field.name) }
      }
    }
    guard entries.write(to: &cbor) else { throw json.fault(.duplicateKey) }
  }

  /// The number in a key `#k`; nil for any other key.
  static func number(of key: String) -> UInt64? {
    key.utf8.first == UInt8(ascii: "#") ? decimal(key.utf8.dropFirst()) : nil
  }

  private static func write(
    _ cbor: inout CBORReader, as type: FieldType, to json: inout JSONWriter
  ) throws(CBORError) {
    guard case .records(let fields, let range) = type else {
      return FieldJSON.write(try FieldCBOR.read(type, from: &cbor), as: type, to: &json)
    }
    let count = try cbor.array(max: range.upperBound)
    guard range.contains(count) else { throw .outOfRange }
    json.openArray()
    for _ in 0..<count { try write(&cbor, fields: fields, to: &json) }
    json.closeArray()
  }

  private static func read(
    _ type: FieldType, from json: inout JSONReader, to cbor: inout CBORWriter
  ) throws(WireError) {
    guard case .records(let fields, let range) = type else {
      return FieldCBOR.write(try FieldJSON.read(type, from: &json), as: type, to: &cbor)
    }
    var records = CBORWriter()
    var count = 0
    try json.array(max: range.upperBound) { (json) throws(WireError) in
      try read(from: &json, fields: fields, mustFit: true, to: &records)
      count += 1
    }
    guard range.contains(count) else { throw .outOfRange(field: "") }
    cbor.array(count: count)
    cbor.raw(records.bytes)
  }
}

/// The entries of a map in the order in which they came.
struct MapEntries {
  /// The keys and values one after another, encoded.
  var values = CBORWriter()
  private var starts: [(key: UInt64, offset: Int)] = []

  /// No entries yet, and room for those of most maps.
  init() { starts.reserveCapacity(8) }

  /// Whether nothing came yet.
  var isEmpty: Bool { starts.isEmpty }

  /// Begins the entry whose value is written next.
  mutating func begin(_ key: UInt64) {
    starts.append((key, values.bytes.count))
    values.unsigned(key)
  }

  /// Whether an entry with this key came.
  func contains(_ key: UInt64) -> Bool { starts.contains { $0.key == key } }

  /// Writes the map with its keys in ascending order; false when one of them came twice.
  func write(to cbor: inout CBORWriter) -> Bool {
    cbor.map(count: starts.count)
    if zip(starts, starts.dropFirst()).allSatisfy({ $0.key < $1.key }) {
      cbor.raw(values.bytes)
      return true
    }
    let order = starts.indices.sorted { starts[$0].key < starts[$1].key }
    guard zip(order, order.dropFirst()).allSatisfy({ starts[$0].key != starts[$1].key }) else {
      return false
    }
    for index in order {
      let end = index + 1 < starts.count ? starts[index + 1].offset : values.bytes.count
      cbor.raw(Array(values.bytes[starts[index].offset..<end]))
    }
    return true
  }
}
