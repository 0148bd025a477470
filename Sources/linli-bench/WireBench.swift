import Community
import OpLog
import Simulation
import Wire

/// `wire`: how many bytes ops take on the line, by column, and how fast they are written and read.
///
/// The ops travel as a sync brings them: each receipt of the hub, then what it covers, by office. The
/// reader holds what came before, the set-up among it.
struct WireBench {
  /// Bytes an op may take, in bulk, in a hundred, and alone.
  static let bulkGate = 8.0
  static let hundredGate = 11.0
  static let singleGate = 40.0
  /// Bytes that an idle sync may take each way, the HTTP client's own head aside.
  static let idleGate = 400.0

  let options: Options
  private let codec = OpJSON(SchemaTable(Edition.present.schemas))

  init(_ options: Options) { self.options = options }

  func run(_ report: inout Report) throws {
    var street = HeldStreet(Workload(opCount: options.opCount))
    let bulk = street.mix()
    try measure("bulk", bulk, street.held, gate: Self.bulkGate, &report)
    try measureMessages(bulk, street.held, &report)
    try measureStamps(bulk, street.held, &report)
    try measureSpeed(bulk, street.held, &report)
    var small = HeldStreet(Workload(opCount: 100))
    let hundred = small.mix()
    try measure("100 ops", hundred, small.held, gate: Self.hundredGate, &report)
    try measure(
      "one op", [hundred[1]], small.held, gate: Self.singleGate, showsColumns: false, &report)
    // The least op is not the only one: the longest of the hundred, alone.
    let alone = try hundred.filter { $0.kind != Receipt.kind }.map { op in
      try Segment.encode([op], held: small.held).count - (op.body == nil ? 0 : Digest.byteCount)
    }
    report.add("one op, the longest of 100", Double(alone.max() ?? 0), "B", gate: Self.singleGate)
    report.add("one op, median of 100", Measure.median(alone.map(Double.init)), "B")
    let idle = try IdleSync()
    report.add(
      "idle sync, request and its fields", Double(idle.requestBody + idle.requestFields), "B",
      gate: Self.idleGate)
    report.add("idle sync, request body alone", Double(idle.requestBody), "B")
    report.add("idle sync, reply with its head", Double(idle.reply), "B", gate: Self.idleGate)
  }

  /// Bytes per op without receipts' heads and bodies' digests, these beside, and JSON.
  private func measure(
    _ name: String, _ ops: [Op], _ held: @escaping (ReplicaID, UInt64) -> Digest?, gate: Double,
    showsColumns: Bool = true, _ report: inout Report
  ) throws {
    let (bytes, parts) = try Segment.encodeInParts(ops, held: held)
    guard try Segment.decode(bytes, held: held) == ops else {
      preconditionFailure("other ops came back")
    }
    let count = ops.count { $0.kind != Receipt.kind }
    let perOp = { (bytes: Int) in Double(bytes) / Double(count) }
    let bodies = parts.filter { $0.name == "body" }.reduce(0) { $0 + $1.byteCount }
    let heads = parts.filter { $0.kind == Receipt.kind }.reduce(0) { $0 + $1.byteCount }
    report.add("\(name), segment", perOp(bytes.count - bodies - heads), "B/op", gate: gate)
    report.add("\(name), heads in receipts beside", perOp(heads), "B/op")
    report.add("\(name), body digests beside", perOp(bodies), "B/op")
    report.add("\(name), all that", perOp(bytes.count), "B/op")
    let json = ops.reduce(0) { $0 + codec.byteCount(of: $1) }
    report.add("\(name), as JSON", perOp(json), "B/op")
    report.add("\(name), canonical bytes", perOp(ops.reduce(0) { $0 + $1.bytes.count }), "B/op")
    guard showsColumns else { return }
    for part in parts.sorted(by: { $0.byteCount > $1.byteCount }).prefix(options.columnCount) {
      report.add("  \(name), \(Self.title(of: part))", perOp(part.byteCount), "B/op")
    }
  }

  /// The same in segments of as many ops as a message has.
  private func measureMessages(
    _ ops: [Op], _ held: @escaping (ReplicaID, UInt64) -> Digest?, _ report: inout Report
  ) throws {
    var known: [OpID: Digest] = [:]
    var byteCount = 0
    for start in stride(from: 0, to: ops.count, by: WireLimits.opsMax) {
      let part = ops[start..<min(start + WireLimits.opsMax, ops.count)]
      let before = known
      let holds = { (replica: ReplicaID, seq: UInt64) in
        OpID(replica, seq).flatMap { before[$0] } ?? held(replica, seq)
      }
      byteCount += try Segment.encode(Array(part), held: holds).count
      for op in part {
        let last = OpID(op.id.replica, op.id.seq - 1).flatMap { known[$0] }
        guard let last = last ?? held(op.id.replica, op.id.seq - 1) else { continue }
        known[op.id] = Chain.next(after: last, op.bytes)
      }
    }
    let count = ops.count { $0.kind != Receipt.kind }
    report.add(
      "bulk, all that by \(WireLimits.opsMax) ops", Double(byteCount) / Double(count), "B/op")
  }

  /// What stamps take that are not whole seconds as those of the workload are.
  private func measureStamps(
    _ ops: [Op], _ held: @escaping (ReplicaID, UInt64) -> Digest?, _ report: inout Report
  ) throws {
    var random = SplitMix64(seed: 1)
    let others = try ops.map { op in
      var fields = op.fields
      fields.stamp += Int64(random.below(1_000))
      return try Op(fields)
    }
    let parts = try Segment.encodeInParts(others, held: held).parts
    let byteCount = parts.filter { $0.name == "stamp" }.reduce(0) { $0 + $1.byteCount }
    let count = ops.count { $0.kind != Receipt.kind }
    report.add("bulk, stamp to the millisecond", Double(byteCount) / Double(count), "B/op")
  }

  private func measureSpeed(
    _ ops: [Op], _ held: @escaping (ReplicaID, UInt64) -> Digest?, _ report: inout Report
  ) throws {
    var encode: [Double] = []
    var decode: [Double] = []
    var canonical: [UInt8] = []
    for _ in 0..<options.roundCount {
      encode.append(try Measure.time { canonical = try Segment.encode(ops, held: held) })
      decode.append(try Measure.time { _ = try Segment.decode(canonical, held: held) })
    }
    let bytes = Double(ops.reduce(0) { $0 + $1.bytes.count })
    for (name, times) in [("write", encode), ("read", decode)] {
      let time = Measure.median(times)
      report.add("\(name) a segment", Double(ops.count) / time * 1e9, "ops/s")
      report.add("\(name) a segment, of canonical bytes", bytes / time * 1e3, "MB/s")
    }
    var json = JSONWriter()
    let write = Measure.time {
      json = JSONWriter(reserving: 400 * ops.count)
      for op in ops { codec.write(op, to: &json) }
    }
    report.add("write JSON, for scale", Double(ops.count) / write * 1e9, "ops/s")
  }

  /// A column by name: `award.grant.resident`.
  private static func title(of part: SegmentPart) -> String {
    guard let number = part.kind else { return part.name }
    guard let kind = Catalogue.kind(number) else { return "#\(number).\(part.path)" }
    var fields = kind.schema.fields
    var title = kind.name
    for key in part.path {
      guard let field = fields.indices.contains(Int(key) - 1) ? fields[Int(key) - 1] : nil else {
        return title + ".#\(key)"
      }
      title += "." + field.name
      if case .records(let inner, _) = field.type { fields = inner }
    }
    return title
  }
}

/// The logs of a workload with their chain hashes, as whoever gets its mix holds them.
private struct HeldStreet {
  private let workload: Workload
  private var hashes: [OpID: Digest] = [:]
  private var starts: [ReplicaID: Digest] = [:]

  init(_ workload: Workload) {
    self.workload = workload
    for delivery in workload.setUp {
      for op in Self.ops(of: delivery) { add(op) }
    }
  }

  /// The chain hash of a log at a seq of the set-up.
  func held(_ replica: ReplicaID, _ seq: UInt64) -> Digest? {
    guard let id = OpID(replica, seq) else { return starts[replica] }
    return hashes[id]
  }

  /// The ops of the mix with their receipts, in canonical order.
  mutating func mix() -> [Op] { workload.flatMap(Self.ops(of:)) }

  private static func ops(of delivery: Delivery) -> [Op] {
    (delivery.receipt.map { [$0] } ?? []) + delivery.runs.flatMap { $0 }
  }

  private mutating func add(_ op: Op) {
    let replica = op.id.replica
    let before =
      OpID(replica, op.id.seq - 1).flatMap { hashes[$0] }
      ?? Chain.start(
        street: workload.street, incarnation: workload.incarnation, replica: replica)
    if op.id.seq == 1 { starts[replica] = before }
    hashes[op.id] = Chain.next(after: before, op.bytes)
  }
}
