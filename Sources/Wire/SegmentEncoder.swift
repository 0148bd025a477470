import OpLog

// segment := version ‖ stretches ‖ shapes ‖ stamps ‖ days ‖ actors ‖ policies ‖ names ‖ bodies
//            ‖ wases ‖ payloads ‖ check:u32be                        (Protocol/segment.md)
extension Segment {
  /// Writes ops, in this order; O(ops · log ops).
  ///
  /// - Parameters:
  ///   - ops: At most ``SegmentLimits/opsMax``.
  ///   - held: The chain hash of a log at a seq, as far as the reader holds it too; nil elsewhere, and
  ///     always where the reader holds nothing.
  /// - Returns: The segment.
  /// - Throws: ``SegmentError/tooMany`` beyond ``SegmentLimits``.
  package static func encode(
    _ ops: [Op], held: @escaping (ReplicaID, UInt64) -> Digest? = { _, _ in nil }
  ) throws(SegmentError) -> [UInt8] {
    try encodeInParts(ops, held: held).bytes
  }

  /// About how many bytes an op takes in a segment of several; O(1).
  ///
  /// What fills a chunk is counted with it: how well columns pack is known only when all are there.
  package static func estimate(of op: Op) -> Int {
    let digests = (op.body == nil ? 0 : Digest.byteCount) + (op.was == nil ? 0 : Digest.byteCount)
    return 8 + max(0, op.payload.count - 32) + digests
  }

  /// Writes ops, and says which column takes how many bytes.
  package static func encodeInParts(
    _ ops: [Op], held: @escaping (ReplicaID, UInt64) -> Digest?
  ) throws(SegmentError) -> (bytes: [UInt8], parts: [SegmentPart]) {
    var encoder = SegmentEncoder(held: held)
    guard ops.count <= SegmentLimits.opsMax,
      ops.reduce(0, { $0 + $1.bytes.count }) <= SegmentLimits.opBytesMax
    else { throw .tooMany }
    for op in ops { try encoder.add(op) }
    return encoder.finish()
  }
}

/// Takes ops apart into columns.
private struct SegmentEncoder {
  private var names: SegmentNames
  private var replicas: [Int64] = []
  private var firsts: [Int64] = []
  private var lengths: [Int64] = []
  private var ends: [ReplicaID: UInt64] = [:]
  private var last: OpID?
  private var shapes: [Segment.Shape] = []
  private var shapeNumbers: [Segment.Shape: Int64] = [:]
  private var shapeOf: [Int64] = []
  private var firstStamp: Int64?
  private var lastStamp: Int64 = 0
  private var stampOf: [ReplicaID: Int64] = [:]
  private var stamps: [Int64] = []
  private var days: [Int64] = []
  private var actors = SegmentReferences()
  private var policies = SegmentReferences()
  private var given: [UInt8] = []
  private var bodies: [UInt8] = []
  private var wases: [UInt8] = []
  private var payloads: [KindNumber: SegmentItemWriter] = [:]
  private var itemCount = 0

  init(held: @escaping (ReplicaID, UInt64) -> Digest?) { names = SegmentNames(held: held) }

  mutating func add(_ op: Op) throws(SegmentError) {
    let replica = op.id.replica
    addPlace(op.id)
    addStamp(op.stamp, of: replica)
    let payload = payloads[op.kind] ?? SegmentItemWriter()
    payloads[op.kind] = payload
    let keys: Segment.KeySet
    do throws(CBORError) {
      var cbor = CBORReader(op.bytes, in: op.payload)
      keys = try payload.addMembers(&cbor, by: replica, &itemCount)
    } catch { preconditionFailure("an op's payload is canonical, but: \(error)") }
    guard itemCount <= SegmentLimits.itemsMax else { throw .tooMany }
    let shape = Segment.Shape(kind: op.kind, flags: addEnvelope(of: op), keys: keys)
    let number = shapeNumbers[shape] ?? Int64(shapes.count)
    if number == Int64(shapes.count) {
      shapes.append(shape)
      shapeNumbers[shape] = number
    }
    shapeOf.append(number)
    names.add(op)
  }

  /// An op that follows the one before in the same log goes on with its stretch.
  private mutating func addPlace(_ id: OpID) {
    if let last, last.replica == id.replica, last.seq + 1 == id.seq {
      lengths[lengths.count - 1] += 1
    } else {
      replicas.append(Int64(id.replica.rawValue))
      firsts.append(Int64(id.seq) - Int64(ends[id.replica].map { $0 + 1 } ?? 0))
      lengths.append(0)
    }
    ends[id.replica] = id.seq
    last = id
  }

  private mutating func addStamp(_ stamp: Int64, of replica: ReplicaID) {
    if firstStamp == nil {
      firstStamp = stamp
    } else {
      stamps.append(stamp - (stampOf[replica] ?? lastStamp))
    }
    stampOf[replica] = stamp
    lastStamp = stamp
  }

  private mutating func addEnvelope(of op: Op) -> Segment.Flags {
    var flags: Segment.Flags = []
    let day = Int64(op.occurredOn.day) - Int64(BusinessDate(stamp: op.stamp).day)
    if day != 0 {
      flags.insert(.day)
      days.append(day)
    }
    if let actor = op.actor {
      flags.insert(.actor)
      actors.append(actor, by: op.id.replica)
    }
    if let policy = op.policy {
      flags.insert(.policy)
      policies.append(policy, by: op.id.replica)
    }
    if let value = op.names {
      let named = op.namedOps
      if !named.isEmpty, names.value(of: named) == .some(value) {
        flags.insert(.namesFollow)
      } else {
        flags.insert(.namesGiven)
        given.appendBigEndian(value)
      }
    }
    if let body = op.body {
      flags.insert(.body)
      body.append(to: &bodies)
    }
    if let was = op.was {
      flags.insert(.was)
      was.append(to: &wases)
    }
    return flags
  }

  // MARK: Writing

  func finish() -> (bytes: [UInt8], parts: [SegmentPart]) {
    var out = SegmentWriter()
    var trace = SegmentTrace()
    func part(_ name: String, _ write: (inout SegmentWriter) -> Void) {
      trace.name = name
      write(&out)
      trace.end(out)
    }
    part("version") { $0.byte(Segment.version) }
    part("stretches", writeStretches)
    if !shapeOf.isEmpty {
      part("shapes", writeShapes)
      part("shape") { if shapes.count > 1 { $0.integers(shapeOf) } }
      part("stamp") {
        $0.varint(UInt64(firstStamp ?? 0))
        $0.integers(stamps)
      }
      part("occurred_on") { $0.integers(days) }
      part("actor", actors.write)
      part("policy", policies.write)
      part("names") { $0.raw(given) }
      part("body") { $0.raw(bodies) }
      part("was") { $0.raw(wases) }
      trace.name = "payload"
      for (kind, payload) in payloads.sorted(by: { $0.key < $1.key }) {
        trace.kind = kind
        payload.writeMembers(to: &out, &trace)
      }
      trace.kind = nil
    }
    let check = CRC32.of(out.bytes)
    part("check") { out in
      for shift in [24, 16, 8, 0] { out.byte(UInt8(truncatingIfNeeded: check >> UInt32(shift))) }
    }
    return (out.bytes, trace.parts)
  }

  private func writeStretches(to out: inout SegmentWriter) {
    out.varint(shapeOf.count)
    guard shapeOf.count > 1 else {
      out.integers(replicas)
      return out.integers(firsts)
    }
    out.varint(replicas.count)
    out.integers(replicas)
    out.integers(firsts)
    // The last one goes to the end.
    out.integers(lengths.dropLast())
  }

  private func writeShapes(to out: inout SegmentWriter) {
    if shapeOf.count > 1 { out.varint(shapes.count) }
    for shape in shapes {
      out.varint(UInt64(shape.kind))
      out.byte(shape.flags.rawValue)
      out.keys(shape.keys)
    }
  }
}
