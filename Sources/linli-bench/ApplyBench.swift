import OpLog
import SQLite
import Simulation
import Store

/// `apply`: what a sync brings in, in the hub's commits: a receipt and its 500 ops in a transaction.
///
/// Ours reads each op from its bytes, checks chain, receipt, and named ops, and folds. Rounds of
/// ours and raw take turns on fresh files; figures are medians.
struct ApplyBench {
  /// Ours may cost this many times raw.
  static let gate = 4.0

  /// One delivery as it comes from the line.
  private struct Batch {
    let receipt: [UInt8]?
    let runs: [[[UInt8]]]
    let rows: [RawLog.Row]
  }

  let options: Options
  let scratch: Scratch
  private let identity: StoreIdentity
  private let setUp: [Batch]
  private let mix: [Batch]

  init(_ options: Options, _ scratch: Scratch) {
    self.options = options
    self.scratch = scratch
    let workload = Workload(opCount: options.opCount)
    identity = workload.bystander
    var maker = RowMaker(workload.bystander)
    func batch(_ delivery: Delivery) -> Batch {
      let ops = (delivery.receipt.map { [$0] } ?? []) + delivery.runs.flatMap { $0 }
      return Batch(
        receipt: delivery.receipt?.bytes, runs: delivery.runs.map { $0.map(\.bytes) },
        rows: ops.map { maker.row($0) })
    }
    setUp = workload.setUp.map(batch)
    mix = workload.map(batch)
  }

  func run(_ report: inout Report) throws {
    var raw = Rounds()
    var ours = Rounds()
    for round in 1...options.roundCount {
      let rawPath = scratch.database("apply-raw")
      let log = try RawLog(path: rawPath)
      for batch in setUp { try log.write(batch.rows) }
      try raw.time { for batch in mix { try log.write(batch.rows) } }
      guard options.mode != .raw else { continue }
      let path = scratch.database("apply")
      let connection = try Connection(path: path, mode: .readWriteCreate)
      let store = try Store.create(connection, identity)
      for batch in setUp { try take(batch, into: store) }
      try ours.time { for batch in mix { try take(batch, into: store) } }
      guard round == options.roundCount else { continue }
      try DiskUse.add(connection, path: path, opCount: options.opCount, &report)
      try DiskUse.checkpoint(log.connection)
      report.add(
        "disk, raw", Double(Measure.bytes(of: rawPath)) / Double(options.opCount), "B/op")
    }
    raw.add("raw insert in batches", options.opCount, &report)
    guard options.mode != .raw else { return }
    ours.add("apply", options.opCount, &report)
    report.add("apply / raw", ours.median / raw.median, "x", gate: Self.gate)
  }

  /// The times of the rounds of one contender, in nanoseconds.
  private struct Rounds {
    private var wall: [Double] = []
    private var processor: [Double] = []

    var median: Double { Measure.median(wall) }

    mutating func time(_ body: () throws -> Void) rethrows {
      let before = Measure.processorTime
      wall.append(try Measure.time(body))
      processor.append(Measure.processorTime - before)
    }

    func add(_ name: String, _ opCount: Int, _ report: inout Report) {
      let perOp = 1 / Double(opCount)
      report.add(name, median * perOp, "ns/op")
      report.add(name + ", processor", Measure.median(processor) * perOp, "ns/op")
    }
  }

  private func take(_ batch: Batch, into store: Store) throws {
    try store.write { () throws(StoreError) in
      guard let receiptBytes = batch.receipt else {
        for run in batch.runs { try store.take(try Self.decode(run)) }
        return
      }
      let receiptOps = try Self.decode([receiptBytes])
      try store.take(receiptOps)
      guard let op = receiptOps.first, let receipt = try? Receipt(op) else { return }
      for (bytes, covered) in zip(batch.runs, receipt.runs) {
        let ops = try Self.decode(bytes)
        try store.stage(ops)
        try store.fold(upTo: covered.upTo, staged: ops)
      }
    }
  }

  private static func decode(_ run: [[UInt8]]) throws(StoreError) -> [Op] {
    do throws(OpError) {
      return try run.map { (bytes) throws(OpError) in try Op(decoding: bytes) }
    } catch { throw .envelope(error) }
  }
}
