/// Other ops in the place of those that an op names.
extension Op {
  /// The op with other ops in the place of those that its payload names; nil where it has no room for
  /// them.
  ///
  /// It goes by the tags of references and asks no schema, so it does the same to an op that this version
  /// cannot read. A list of references in ascending order stays one. O(bytes).
  package func naming(_ other: (OpID) -> OpID) -> Op? {
    var reader = CBORReader(bytes, in: payload)
    var writer = CBORWriter()
    do throws(CBORError) {
      try Self.copy(from: &reader, to: &writer, naming: other)
    } catch { preconditionFailure("an op's payload is canonical") }
    var fields = fields
    fields.payload = writer.bytes
    return try? Op(fields)
  }

  private static func copy(
    from reader: inout CBORReader, to writer: inout CBORWriter, naming other: (OpID) -> OpID
  ) throws(CBORError) {
    switch try reader.peek() {
    case .unsigned, .negative: writer.integer(try reader.integer())
    case .bytes: writer.byteString(try reader.byteString(max: .max))
    case .text: writer.text(try reader.text(max: .max))
    case .simple: writer.flag(try reader.flag())
    case .tag: writer.reference(other(try reader.reference()))
    case .map:
      let count = try reader.map(max: .max)
      writer.map(count: count)
      var previous: UInt64?
      for _ in 0..<count {
        writer.unsigned(try reader.key(after: &previous))
        try copy(from: &reader, to: &writer, naming: other)
      }
    case .array:
      if let ids = try set(at: &reader) {
        let named = Set(ids.map(other)).sorted()
        writer.array(count: named.count)
        for id in named { writer.reference(id) }
        return
      }
      let count = try reader.array(max: .max)
      writer.array(count: count)
      for _ in 0..<count { try copy(from: &reader, to: &writer, naming: other) }
    }
  }

  /// The references of a list that holds nothing else, in ascending order; nil, and nothing read, for any
  /// other list.
  private static func set(at reader: inout CBORReader) throws(CBORError) -> [OpID]? {
    var ahead = reader
    var ids: [OpID] = []
    for _ in 0..<(try ahead.array(max: .max)) {
      guard try ahead.peek() == .tag else { return nil }
      let id = try ahead.reference()
      if let last = ids.last, last >= id { return nil }
      ids.append(id)
    }
    reader = ahead
    return ids
  }
}
