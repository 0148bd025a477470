import OpLog

extension Segment {
  /// Reads ops, each bit for bit as it was; O(canonical bytes).
  ///
  /// - Parameters:
  ///   - bytes: A whole segment.
  ///   - opsMax: How many ops the caller takes, at most ``SegmentLimits/opsMax``.
  ///   - held: The chain hash of a log at a seq, 0 for its start; nil where it is not held.
  /// - Returns: The ops in the order in which they were written.
  /// - Throws: ``SegmentError`` for anything but one whole segment within the limits, in the form that a
  ///   writer gives it.
  package static func decode(
    _ bytes: [UInt8], max opsMax: Int = SegmentLimits.opsMax,
    held: @escaping (ReplicaID, UInt64) -> Digest? = { _, _ in nil }
  ) throws(SegmentError) -> [Op] {
    var reader = try SegmentReader(bytes)
    let count = try reader.count(0...opsMax)
    guard count > 0 else {
      try reader.finish()
      return []
    }
    var decoder = try SegmentDecoder(count, from: &reader)
    try reader.finish()
    var names = SegmentNames(held: held)
    return try decoder.ops(&names)
  }
}

/// Puts ops together from columns.
private struct SegmentDecoder {
  private let ids: [OpID]
  private let shapes: [Segment.Shape]
  /// Which shape each op has; empty where all have the same.
  private let shapeOf: [Int]
  private let stamps: [Int64]
  private let days: [Int64]
  private var actors: SegmentReferences
  private var policies: SegmentReferences
  private let given: ArraySlice<UInt8>
  private let bodies: ArraySlice<UInt8>
  private let wases: ArraySlice<UInt8>
  private var payloads: [KindNumber: SegmentMembers] = [:]
  private var dayCount = 0
  private var givenCount = 0
  private var bodyCount = 0
  private var wasCount = 0

  /// Reads all columns of so many ops, at least one.
  init(_ count: Int, from reader: inout SegmentReader) throws(SegmentError) {
    let ids = try Self.ids(count, from: &reader)
    let shapes = try Self.shapes(count, from: &reader)
    let shapeOf = shapes.count > 1 ? try reader.indices(count, below: shapes.count) : []
    if !shapeOf.isEmpty { try Segment.checkFirstUse(shapeOf, of: shapes.count) }
    var uses = [Int](repeating: 0, count: shapes.count)
    if shapeOf.isEmpty { uses[0] = count } else { for index in shapeOf { uses[index] += 1 } }
    func total(_ flag: Segment.Flags) -> Int {
      zip(shapes, uses).reduce(0) { $0 + ($1.0.flags.contains(flag) ? $1.1 : 0) }
    }
    stamps = try Self.stamps(ids, from: &reader)
    days = try reader.integers(total(.day))
    actors = try SegmentReferences(total(.actor), from: &reader)
    policies = try SegmentReferences(total(.policy), from: &reader)
    given = try reader.raw(8 * total(.namesGiven))
    bodies = try reader.raw(Digest.byteCount * total(.body))
    wases = try reader.raw(Digest.byteCount * total(.was))
    self.ids = ids
    self.shapes = shapes
    self.shapeOf = shapeOf
    try readPayloads(&reader)
  }

  private static func ids(
    _ count: Int, from reader: inout SegmentReader
  ) throws(SegmentError) -> [OpID] {
    let stretchCount = count == 1 ? 1 : try reader.count(1...count)
    let replicas = try reader.integers(stretchCount)
    let firsts = try reader.integers(stretchCount)
    let lengths = try reader.integers(stretchCount - 1)
    var ids: [OpID] = []
    ids.reserveCapacity(count)
    var ends: [ReplicaID: UInt64] = [:]
    for index in 0..<stretchCount {
      let left = count - ids.count
      let isLast = index + 1 == stretchCount
      let length = isLast ? Int64(left) : lengths[index] &+ 1
      guard let raw = UInt32(exactly: replicas[index]), let replica = ReplicaID(rawValue: raw),
        length >= 1, length <= Int64(left)
      else { throw .outOfRange }
      let end = ends[replica]
      // Another stretch of the same log begins elsewhere, or it would be the same stretch.
      guard index == 0 || ids[ids.count - 1].replica != replica || firsts[index] != 0 else {
        throw .notCanonical
      }
      let (first, overflow) = firsts[index].addingReportingOverflow(Int64(end.map { $0 + 1 } ?? 0))
      guard !overflow, first > 0, first <= Int64(EnvelopeLimits.seqMax) - length + 1 else {
        throw .outOfRange
      }
      for seq in first..<(first + length) {
        guard let id = OpID(replica, UInt64(seq)) else { throw .outOfRange }
        ids.append(id)
      }
      ends[replica] = UInt64(first + length - 1)
    }
    guard ids.count == count else { throw .outOfRange }
    return ids
  }

  private static func shapes(
    _ count: Int, from reader: inout SegmentReader
  ) throws(SegmentError) -> [Segment.Shape] {
    // Each takes three bytes at least.
    let shapeCount = count == 1 ? 1 : try reader.count(1...max(1, min(count, reader.left / 3)))
    var shapes: [Segment.Shape] = []
    for _ in 0..<shapeCount {
      let kind = try reader.count(1...65_535)
      let flags = Segment.Flags(rawValue: try reader.byte())
      guard flags.isSubset(of: .all), !flags.isSuperset(of: [.namesGiven, .namesFollow]) else {
        throw .outOfRange
      }
      shapes.append(
        Segment.Shape(kind: KindNumber(kind), flags: flags, keys: try reader.keys()))
    }
    guard Set(shapes).count == shapeCount else { throw .notCanonical }
    return shapes
  }

  private static func stamps(
    _ ids: [OpID], from reader: inout SegmentReader
  ) throws(SegmentError) -> [Int64] {
    guard let first = Int64(exactly: try reader.varint()) else { throw .outOfRange }
    var stamps = [first]
    stamps.reserveCapacity(ids.count)
    var lastOf = [ids[0].replica: first]
    for (id, difference) in zip(ids.dropFirst(), try reader.integers(ids.count - 1)) {
      let (stamp, overflow) = (lastOf[id.replica] ?? stamps[stamps.count - 1])
        .addingReportingOverflow(difference)
      guard !overflow, (0...EnvelopeLimits.integerMax).contains(stamp) else { throw .outOfRange }
      lastOf[id.replica] = stamp
      stamps.append(stamp)
    }
    return stamps
  }

  private mutating func readPayloads(_ reader: inout SegmentReader) throws(SegmentError) {
    var sets: [KindNumber: [Segment.KeySet]] = [:]
    var places: [(kind: KindNumber, index: Int)] = []
    for shape in shapes {
      places.append((shape.kind, sets[shape.kind]?.count ?? 0))
      sets[shape.kind, default: []].append(shape.keys)
    }
    var setOf: [KindNumber: [Int]] = [:]
    for index in ids.indices {
      let place = places[shapeOf.isEmpty ? 0 : shapeOf[index]]
      setOf[place.kind, default: []].append(place.index)
    }
    for (kind, keySets) in sets.sorted(by: { $0.key < $1.key }) {
      var members = SegmentMembers(keySets, setOf[kind] ?? [])
      try members.read(depth: 1, from: &reader)
      payloads[kind] = members
    }
  }

  // MARK: Putting ops together

  mutating func ops(_ names: inout SegmentNames) throws(SegmentError) -> [Op] {
    var ops: [Op] = []
    ops.reserveCapacity(ids.count)
    var byteCount = 0
    for index in ids.indices {
      let op = try op(index, &names)
      byteCount += op.bytes.count
      guard byteCount <= SegmentLimits.opBytesMax else { throw .tooMany }
      names.add(op)
      ops.append(op)
    }
    return ops
  }

  private mutating func op(
    _ index: Int, _ names: inout SegmentNames
  ) throws(SegmentError) -> Op {
    let shape = shapes[shapeOf.isEmpty ? 0 : shapeOf[index]]
    let writer = ids[index].replica
    let date = try date(shape, stamp: stamps[index])
    var cbor = CBORWriter()
    var named: [OpID] = []
    try payloads[shape.kind]?.take(into: &cbor, by: writer, &named)
    var fields = OpFields(
      id: ids[index], stamp: stamps[index], kind: shape.kind, occurredOn: date,
      payload: cbor.bytes)
    if shape.flags.contains(.actor) {
      let actor = try actors.take(by: writer)
      fields.actor = actor
      named.append(actor)
    }
    if shape.flags.contains(.policy) {
      let policy = try policies.take(by: writer)
      fields.policy = policy
      named.append(policy)
    }
    if shape.flags.contains(.namesGiven) {
      let value = Self.part(given, givenCount, of: 8)
      fields.names = value.reduce(0) { $0 << 8 | UInt64($1) }
      givenCount += 1
    }
    if shape.flags.contains(.namesFollow) {
      guard case .some(let value?) = names.value(of: Self.once(&named)) else {
        throw .unknownNames(ids[index])
      }
      fields.names = value
    }
    if shape.flags.contains(.body) {
      fields.body = Digest(Self.part(bodies, bodyCount, of: Digest.byteCount))
      bodyCount += 1
    }
    if shape.flags.contains(.was) {
      fields.was = Digest(Self.part(wases, wasCount, of: Digest.byteCount))
      wasCount += 1
    }
    do throws(OpError) {
      return try Op(fields)
    } catch { throw .malformedOp(error) }
  }

  private mutating func date(
    _ shape: Segment.Shape, stamp: Int64
  ) throws(SegmentError) -> BusinessDate {
    let date = BusinessDate(stamp: stamp)
    guard shape.flags.contains(.day) else { return date }
    let difference = days[dayCount]
    dayCount += 1
    guard difference != 0 else { throw .notCanonical }
    let (day, overflow) = Int64(date.day).addingReportingOverflow(difference)
    guard !overflow, let other = BusinessDate(day: day) else { throw .outOfRange }
    return other
  }

  private static func part(_ bytes: ArraySlice<UInt8>, _ index: Int, of count: Int) -> ArraySlice<
    UInt8
  > {
    let start = bytes.startIndex + index * count
    return bytes[start..<(start + count)]
  }

  /// Ids each once, ascending.
  private static func once(_ ids: inout [OpID]) -> [OpID] {
    ids.sort()
    var named: [OpID] = []
    named.reserveCapacity(ids.count)
    for id in ids where named.last != id { named.append(id) }
    return named
  }
}
