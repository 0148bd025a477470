import Community
import OpLog
import SQLite
import Simulation
import Store
import Wire

/// `checkpoint`: how many bytes a new office gets before its counter works, beside those of the log.
///
/// The hub's state is that of the workload; the log's segments are those of messages of as many ops as
/// fit into one, as in `wire`.
struct CheckpointBench {
  /// The working set may take this part of the log's segment bytes.
  static let gate = 0.1
  private static let gatedFrom = 1_000_000

  let options: Options
  let scratch: Scratch
  private let workload: Workload

  init(_ options: Options, _ scratch: Scratch) {
    self.options = options
    self.scratch = scratch
    workload = Workload(opCount: options.opCount)
  }

  func run(_ report: inout Report) throws {
    let path = scratch.database("checkpoint")
    let store = try Store.create(
      try Connection(path: path, mode: .readWriteCreate), workload.hub)
    var held = HeldChains(workload)
    var logBytes = 0
    for delivery in workload.setUp {
      logBytes += try held.segmentBytes(of: delivery)
      try store.take(delivery)
    }
    for delivery in workload {
      logBytes += try held.segmentBytes(of: delivery)
      try store.take(delivery)
    }
    logBytes += try held.lastSegmentBytes()
    var set: WorkingSet?
    let reading = try Measure.time {
      set = try store.read { () throws(StoreError) in try store.workingSet() }
    }
    guard let set else { return }
    var (bytes, parts): ([UInt8], [CheckpointPart]) = ([], [])
    let writing = try Measure.time { (bytes, parts) = try CheckpointFile.encodeInParts(set) }
    let decoding = try Measure.time {
      guard try CheckpointFile.decode(bytes) == set else {
        preconditionFailure("another working set came back")
      }
    }
    let office = try Store.create(
      try Connection(path: scratch.database("begun"), mode: .readWriteCreate), workload.firstOffice)
    let taking = try Measure.time {
      guard try office.write({ () throws(StoreError) in try office.begin(on: set) }) else {
        preconditionFailure("the working set does not fit")
      }
    }
    report.add("working set", Double(bytes.count), "B")
    report.add("the log as segments, receipts and digests included", Double(logBytes), "B")
    // A small street has as many residents: only a long history is ten times its working set.
    let gate = options.opCount >= Self.gatedFrom ? Self.gate : nil
    report.add("working set / log", Double(bytes.count) / Double(logBytes), "x", gate: gate)
    report.add("rows", Double(set.tables.reduce(0) { $0 + $1.count }), "rows")
    report.add("ops that come along", Double(set.ops.count), "ops")
    report.add("read the tables", reading / 1e6, "ms")
    report.add("write the file", writing / 1e6, "ms")
    report.add("read the file", decoding / 1e6, "ms")
    report.add("begin an office on it, durable", taking / 1e6, "ms")
    for part in parts.sorted(by: { $0.byteCount > $1.byteCount }).prefix(options.columnCount)
    where part.byteCount > 256 {
      report.add("  \(Self.title(of: part))", Double(part.byteCount), "B")
    }
  }

  private static func title(of part: CheckpointPart) -> String {
    guard let number = part.table, let table = Tables.all.first(where: { $0.number == number })
    else { return part.name }
    guard let column = part.column else { return "\(table.name) \(part.name)" }
    return "\(table.name).\(table.columns[column].name)"
  }
}

/// The chain hashes of a street's logs, as whoever reads one message after another holds them.
private struct HeldChains {
  private let workload: Workload
  private var hashes: [OpID: Digest] = [:]
  /// Ops that no segment has yet.
  private var pending: [Op] = []

  init(_ workload: Workload) { self.workload = workload }

  /// The bytes of the segments that a delivery fills, each of as many ops as a message has; its reader has
  /// all before it.
  mutating func segmentBytes(of delivery: Delivery) throws -> Int {
    pending += (delivery.receipt.map { [$0] } ?? []) + delivery.runs.flatMap { $0 }
    var count = 0
    while pending.count >= WireLimits.opsMax { count += try segmentBytes(WireLimits.opsMax) }
    return count
  }

  /// The bytes of the last segment.
  mutating func lastSegmentBytes() throws -> Int { try segmentBytes(pending.count) }

  private mutating func segmentBytes(_ opCount: Int) throws -> Int {
    let ops = Array(pending.prefix(opCount))
    pending.removeFirst(opCount)
    let known = hashes
    let (street, incarnation) = (workload.street, workload.incarnation)
    let start = { (replica: ReplicaID) in
      Chain.start(street: street, incarnation: incarnation, replica: replica)
    }
    let count = try Segment.encode(ops) { replica, seq in
      OpID(replica, seq).map { known[$0] } ?? start(replica)
    }.count
    for op in ops {
      let before = OpID(op.id.replica, op.id.seq - 1).flatMap { hashes[$0] }
      hashes[op.id] = Chain.next(after: before ?? start(op.id.replica), op.bytes)
    }
    return count
  }
}
