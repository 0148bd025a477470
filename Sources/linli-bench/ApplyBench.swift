import OpLog
import SQLite
import Simulation
import Store

/// `apply`: what a sync brings in, in the hub's commits: a receipt and its 500 ops in a transaction.
///
/// Ours checks chain, receipt, and named ops, and folds. The clock runs from the ops as the codec
/// hands them over to the commit; reading their bytes is the codec's. Rounds of ours and raw take
/// turns on fresh files; figures are medians.
struct ApplyBench {
  /// Ours may cost this many times raw.
  static let gate = 4.0

  /// One delivery as it comes from the line.
  private struct Batch {
    let receipt: [UInt8]?
    let runs: [[[UInt8]]]
    let rows: [RawLog.Row]

    /// Its ops, read anew: what the codec has just made.
    func read() throws -> (receipt: Op?, runs: [[Op]]) {
      (
        try receipt.map { try Op(decoding: $0) },
        try runs.map { try $0.map { try Op(decoding: $0) } }
      )
    }
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
      raw.begin()
      for batch in mix { try raw.time { try log.write(batch.rows) } }
      guard options.mode != .raw else { continue }
      let path = scratch.database("apply")
      let connection = try Connection(path: path, mode: .readWriteCreate)
      let store = try Store.create(connection, identity)
      for batch in setUp { try take(try batch.read(), into: store) }
      ours.begin()
      for batch in mix {
        let delivery = try batch.read()
        try ours.time { try take(delivery, into: store) }
      }
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

    mutating func begin() {
      wall.append(0)
      processor.append(0)
    }

    mutating func time(_ body: () throws -> Void) rethrows {
      let before = Measure.processorTime
      wall[wall.count - 1] += try Measure.time(body)
      processor[processor.count - 1] += Measure.processorTime - before
    }

    func add(_ name: String, _ opCount: Int, _ report: inout Report) {
      let perOp = 1 / Double(opCount)
      report.add(name, median * perOp, "ns/op")
      report.add(name + ", processor", Measure.median(processor) * perOp, "ns/op")
    }
  }

  private func take(
    _ delivery: (receipt: Op?, runs: [[Op]]), into store: Store
  ) throws(StoreError) {
    try store.write { () throws(StoreError) in
      guard let op = delivery.receipt, let receipt = try? Receipt(op) else {
        for run in delivery.runs { try store.take(run) }
        return
      }
      try store.take([op])
      for (run, covered) in zip(delivery.runs, receipt.runs) {
        try store.stage(run)
        try store.fold(upTo: covered.upTo, staged: run)
      }
    }
  }
}
