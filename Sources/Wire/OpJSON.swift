import OpLog

/// Ops as JSON, one to one with their canonical bytes (Protocol/canonical.md §7).
///
/// What has a name in the schema table is shown by name. An unknown kind is `#46`, an unknown key
/// `#9`; a payload that does not fit its schema shows all keys that way.
package struct OpJSON: Sendable {
  /// The kinds that have names.
  package let schemas: SchemaTable

  /// Writes all by numbers, for a reader of another catalogue: it may lack a name, and every reader takes
  /// numbers.
  package static let byNumbers = OpJSON(SchemaTable([]))

  /// A codec for these kinds.
  package init(_ schemas: SchemaTable) { self.schemas = schemas }

  /// Writes an op; at most ``WireLimits/opBytesMax`` bytes.
  package func write(_ op: Op, to json: inout JSONWriter) {
    let row = schemas[op.kind]
    json.openObject()
    json.key("id")
    json.opID(op.id)
    json.key("stamp")
    json.integer(op.stamp)
    json.key("kind")
    json.text(row?.name ?? "#\(op.kind)")
    if let actor = op.actor {
      json.key("actor")
      json.opID(actor)
    }
    json.key("occurred_on")
    json.date(op.occurredOn)
    if let policy = op.policy {
      json.key("policy")
      json.opID(policy)
    }
    json.key("payload")
    writePayload(of: op, row?.schema, to: &json)
    if let names = op.names {
      var bytes: [UInt8] = []
      bytes.appendBigEndian(names)
      json.key("names")
      json.base64URL(bytes)
    }
    if let body = op.body {
      json.key("body")
      json.digest(body)
    }
    if let was = op.was {
      json.key("was")
      json.digest(was)
    }
    json.closeObject()
  }

  /// How many bytes an op takes with the comma behind it.
  ///
  /// What fills a chunk is counted exactly, as an op of unknown kind can take 14 times its canonical
  /// bytes. Costs a ``write(_:to:)``.
  package func byteCount(of op: Op) -> Int {
    var json = JSONWriter(reserving: 4 * op.bytes.count + 128)
    write(op, to: &json)
    return json.bytes.count + 1
  }

  /// Reads an op; its members may come in any order.
  ///
  /// - Throws: ``WireError`` naming the first member that is wrong.
  package func read(from json: inout JSONReader) throws(WireError) -> Op {
    var parts = Parts()
    try json.object { (name, json) throws(WireError) in
      switch name {
      case "id": parts.id = try json.opID()
      case "stamp": parts.stamp = try json.stamp()
      case "kind": parts.kind = try readKind(from: &json)
      case "actor": parts.actor = try json.opID()
      case "occurred_on": parts.occurredOn = try json.date()
      case "policy": parts.policy = try json.opID()
      case "payload":
        // Its names have a meaning only together with the kind, which may stand behind it.
        guard let kind = parts.kind else {
          parts.payloadPlace = json
          return try json.skip()
        }
        parts.payload = try readPayload(of: kind, from: &json)
      case "names": parts.names = try json.base64URL(8...8).reduce(0) { $0 << 8 | UInt64($1) }
      case "body": parts.body = try json.digest()
      case "was": parts.was = try json.digest()
      default: throw .unknownField(field: "")
      }
    }
    if var place = parts.payloadPlace, let kind = parts.kind {
      do throws(WireError) {
        parts.payload = try readPayload(of: kind, from: &place)
      } catch { throw error.inside("payload") }
    }
    return try parts.op()
  }

  /// Reads a payload that a person or a program filled in by name.
  ///
  /// - Parameters:
  ///   - schema: The fields that it may have.
  ///   - json: Stands at the object.
  /// - Returns: The values, each of which fits its field.
  /// - Throws: ``WireError`` naming the first field that is wrong, `#k` included.
  package static func readPayload(
    _ schema: PayloadSchema, from json: inout JSONReader
  ) throws(WireError) -> Payload {
    Payload(values: try FieldJSON.read(schema.fields, from: &json))
  }

  /// Writes a payload that fits its schema.
  package static func writePayload(
    _ payload: Payload, _ schema: PayloadSchema, to json: inout JSONWriter
  ) {
    FieldJSON.write(payload.values, schema.fields, to: &json)
  }

  private func writePayload(of op: Op, _ schema: PayloadSchema?, to json: inout JSONWriter) {
    let start = json.mark
    do throws(CBORError) {
      var cbor = CBORReader(op.bytes, in: op.payload)
      try PayloadJSON.write(&cbor, fields: schema?.fields, to: &json)
    } catch {
      json.rewind(to: start)
      writeGenericPayload(of: op, to: &json)
    }
  }

  private func writeGenericPayload(of op: Op, to json: inout JSONWriter) {
    do throws(CBORError) {
      var cbor = CBORReader(op.bytes, in: op.payload)
      try PayloadJSON.write(&cbor, fields: nil, to: &json)
    } catch { preconditionFailure("an op's payload is canonical, but: \(error)") }
  }

  private func readKind(from json: inout JSONReader) throws(WireError) -> KindNumber {
    let name = try json.text(1...64)
    if let row = schemas[name] { return row.number }
    guard let number = PayloadJSON.number(of: name), (1...65_535).contains(number) else {
      throw .outOfRange(field: "")
    }
    return KindNumber(number)
  }

  private func readPayload(
    of kind: KindNumber, from json: inout JSONReader
  ) throws(WireError) -> [UInt8] {
    var cbor = CBORWriter()
    try PayloadJSON.read(from: &json, fields: schemas[kind]?.schema.fields, to: &cbor)
    return cbor.bytes
  }
}

/// The members of an op while it is being read.
private struct Parts {
  var id: OpID?
  var stamp: Int64?
  var kind: KindNumber?
  var actor: OpID?
  var occurredOn: BusinessDate?
  var policy: OpID?
  var payload: [UInt8]?
  var payloadPlace: JSONReader?
  var names: UInt64?
  var body: Digest?
  var was: Digest?

  func op() throws(WireError) -> Op {
    var fields = OpFields(
      id: try id.required("id"), stamp: try stamp.required("stamp"),
      kind: try kind.required("kind"), occurredOn: try occurredOn.required("occurred_on"),
      payload: try payload.required("payload"))
    fields.actor = actor
    fields.policy = policy
    fields.names = names
    fields.body = body
    fields.was = was
    do throws(OpError) {
      return try Op(fields)
    } catch { throw .malformedOp(error, field: "") }
  }
}
