/// The number of an op kind in the envelope, 1...65,535; the catalogue of `Community` names them.
package typealias KindNumber = UInt32

/// Why bytes are not an op.
package enum OpError: Error, Equatable, Sendable {
  case tooLarge(bytes: Int)
  case malformed(CBORError)
  case missing(field: String)
  case outOfRange(field: String)
}

/// What an op says apart from its own bytes; the writer fills it in and encodes it once.
package struct OpFields: Equatable, Sendable {
  /// Writer and place in its log.
  package var id: OpID
  /// The writer's wall clock in ms since 1970-01-01 UTC, 0...2^53 − 1; for people only.
  package var stamp: Int64
  /// What kind of op this is.
  package var kind: KindNumber
  /// The `staff.appoint` op of who recorded it; nil only in hub ops of the administrator.
  package var actor: OpID?
  /// The business date that staff confirmed.
  package var occurredOn: BusinessDate
  /// The `policy.set` op that it was made under.
  package var policy: OpID?
  /// A canonical CBOR map.
  package var payload: [UInt8]
  /// The check value over the ops that it names; see ``Chain/names(of:)``.
  package var names: UInt64?
  /// SHA-256(salt ‖ body) of the detached body.
  package var body: Digest?
  /// The chain hash of the first original, for an op recorded again under a new id.
  package var was: Digest?

  /// Makes the fields of an op that names nothing and has no body.
  package init(
    id: OpID, stamp: Int64, kind: KindNumber, occurredOn: BusinessDate, payload: [UInt8]
  ) {
    self.id = id
    self.stamp = stamp
    self.kind = kind
    self.occurredOn = occurredOn
    self.payload = payload
  }
}

// op := map { 1: replica, 2: seq, 3: stamp, 4: kind, ? 5: actor pair, 6: occurred_on day,
//             ? 7: policy pair, 8: payload map, ? 9: names bstr8, ? 10: body bstr32,
//             ? 11: was bstr32 }                                   (Protocol/canonical.md §3)
/// One immutable fact in a replica's log, held as its canonical bytes with the envelope read out.
package struct Op: Equatable, Sendable {
  /// The canonical bytes, which the chain hashes.
  package let bytes: [UInt8]
  /// The envelope's fields; ``OpFields/payload`` stays inside ``bytes``.
  package let id: OpID
  /// The writer's wall clock in ms since 1970-01-01 UTC.
  package let stamp: Int64
  /// What kind of op this is.
  package let kind: KindNumber
  /// Who recorded it.
  package let actor: OpID?
  /// The business date.
  package let occurredOn: BusinessDate
  /// The policy it was made under.
  package let policy: OpID?
  /// Where the payload stands in ``bytes``.
  package let payload: Range<Int>
  /// The check value over the ops that it names.
  package let names: UInt64?
  /// The digest of its detached body.
  package let body: Digest?
  /// The chain hash of the first original, if this is a re-recording.
  package let was: Digest?
  /// The references inside the payload, in order of appearance.
  package let references: [OpID]

  /// Encodes an op.
  ///
  /// - Throws: ``OpError`` when the payload is not canonical or a limit is passed.
  package init(_ fields: OpFields) throws(OpError) {
    var writer = CBORWriter()
    let optional = [
      fields.actor != nil, fields.policy != nil, fields.names != nil, fields.body != nil,
      fields.was != nil,
    ]
    writer.map(count: 6 + optional.count { $0 })
    writer.unsigned(1)
    writer.unsigned(UInt64(fields.id.replica.rawValue))
    writer.unsigned(2)
    writer.unsigned(fields.id.seq)
    writer.unsigned(3)
    writer.integer(fields.stamp)
    writer.unsigned(4)
    writer.unsigned(UInt64(fields.kind))
    if let actor = fields.actor {
      writer.unsigned(5)
      writer.pair(actor)
    }
    writer.unsigned(6)
    writer.integer(Int64(fields.occurredOn.day))
    if let policy = fields.policy {
      writer.unsigned(7)
      writer.pair(policy)
    }
    writer.unsigned(8)
    writer.raw(fields.payload)
    if let names = fields.names {
      writer.unsigned(9)
      writer.byteString((0..<8).map { UInt8(truncatingIfNeeded: names >> UInt64(56 - 8 * $0)) })
    }
    for (key, digest) in [(10, fields.body), (11, fields.was)] {
      guard let digest else { continue }
      writer.unsigned(UInt64(key))
      writer.digest(digest)
    }
    try self.init(decoding: writer.bytes)
  }

  /// Reads canonical bytes; O(bytes), and keeps the array.
  ///
  /// - Throws: ``OpError`` for anything but one canonical op within ``EnvelopeLimits``.
  package init(decoding bytes: [UInt8]) throws(OpError) {
    guard bytes.count <= EnvelopeLimits.opBytesMax else { throw .tooLarge(bytes: bytes.count) }
    var parts = Parts()
    do throws(CBORError) {
      try parts.read(bytes)
    } catch { throw .malformed(error) }
    guard let replica = parts.replica else { throw .missing(field: "replica") }
    guard let seq = parts.seq, let writer = ReplicaID(rawValue: replica),
      let id = OpID(writer, seq)
    else { throw .outOfRange(field: "seq") }
    guard let stamp = parts.stamp else { throw .missing(field: "stamp") }
    guard (0...EnvelopeLimits.integerMax).contains(stamp) else {
      throw .outOfRange(field: "stamp")
    }
    guard let kind = parts.kind else { throw .missing(field: "kind") }
    guard (1...65_535).contains(kind) else { throw .outOfRange(field: "kind") }
    guard let day = parts.day else { throw .missing(field: "occurred_on") }
    guard let date = BusinessDate(day: day) else { throw .outOfRange(field: "occurred_on") }
    guard let payload = parts.payload else { throw .missing(field: "payload") }
    self.bytes = bytes
    self.id = id
    self.stamp = stamp
    self.kind = KindNumber(kind)
    actor = parts.actor
    occurredOn = date
    policy = parts.policy
    self.payload = payload
    names = parts.names
    body = parts.body
    was = parts.was
    references = parts.references
  }

  /// The ops that it names: policy, actor, and every tagged reference, each once, ascending.
  package var namedOps: [OpID] {
    var all: [OpID] = []
    all.reserveCapacity(references.count + 2)
    if let policy { all.append(policy) }
    if let actor { all.append(actor) }
    all.append(contentsOf: references)
    all.sort()
    for index in all.indices.dropFirst().reversed() where all[index] == all[index - 1] {
      all.remove(at: index)
    }
    return all
  }

  /// The envelope as fields, to change one and encode again.
  package var fields: OpFields {
    var fields = OpFields(
      id: id, stamp: stamp, kind: kind, occurredOn: occurredOn, payload: Array(bytes[payload]))
    fields.actor = actor
    fields.policy = policy
    fields.names = names
    fields.body = body
    fields.was = was
    return fields
  }
}

/// The fields of an envelope while it is being read.
private struct Parts {
  var replica: UInt32?
  var seq: UInt64?
  var stamp: Int64?
  var kind: UInt64?
  var actor: OpID?
  var day: Int64?
  var policy: OpID?
  var payload: Range<Int>?
  var names: UInt64?
  var body: Digest?
  var was: Digest?
  var references: [OpID] = []

  mutating func read(_ bytes: [UInt8]) throws(CBORError) {
    var reader = CBORReader(bytes)
    var previous: UInt64?
    for _ in 0..<(try reader.map(max: 11)) {
      switch try reader.key(after: &previous) {
      case 1: replica = UInt32(exactly: try reader.unsigned())
      case 2: seq = try reader.unsigned()
      case 3: stamp = try reader.integer()
      case 4: kind = try reader.unsigned()
      case 5: actor = try reader.pair()
      case 6: day = try reader.integer()
      case 7: policy = try reader.pair()
      case 8:
        guard try reader.peek() == .map else { throw .wrongType }
        payload = try reader.skip(collecting: &references)
      case 9:
        let check = try reader.byteString(max: 8)
        guard check.count == 8 else { throw .outOfRange }
        names = check.reduce(0) { $0 << 8 | UInt64($1) }
      case 10: body = try reader.digest()
      case 11: was = try reader.digest()
      default: throw .unsupported
      }
    }
    try reader.finish()
  }
}
