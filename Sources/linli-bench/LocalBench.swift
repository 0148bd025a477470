import Community
import OpLog
import SQLite
import Simulation
import Store

/// `local`: what staff wait for: one op checked, chained, folded into the tables, and durable.
///
/// The writer is the first office, in a database that holds the whole street. Its own ops of the
/// workload are recorded anew, one transaction each, and must come out equal to the byte. Stretches
/// of ours and raw take turns.
struct LocalBench {
  /// Ours may cost this many times raw, by the medians.
  static let gate = 2.0
  /// Ops in one stretch.
  static let stretch = 250

  let options: Options
  let scratch: Scratch

  init(_ options: Options, _ scratch: Scratch) {
    self.options = options
    self.scratch = scratch
  }

  func run(_ report: inout Report) throws {
    let workload = Workload(opCount: options.opCount)
    let identity = workload.firstOffice
    let log = try RawLog(path: scratch.database("local-raw"))
    let store = try Store.create(
      try Connection(path: scratch.database("local"), mode: .readWriteCreate), identity)
    var maker = RowMaker(identity)
    var own: [Task] = []
    for delivery in workload.setUp {
      let ops = (delivery.receipt.map { [$0] } ?? []) + delivery.runs.flatMap { $0 }
      try log.write(ops.map { maker.row($0) })
      try store.write { () throws(StoreError) in
        if let receipt = delivery.receipt { try store.take([receipt]) }
        for run in delivery.runs { try store.take(run) }
      }
    }
    for delivery in workload {
      let foreign = delivery.runs.filter { $0.first?.id.replica != identity.replica }
      try log.write(foreign.flatMap { $0.map { maker.row($0) } })
      try store.write { () throws(StoreError) in
        for run in foreign { try store.take(run) }
      }
      for op in delivery.runs.flatMap({ $0 }) where op.id.replica == identity.replica {
        own.append(Task(op, delivery.bodies, maker.row(op)))
      }
    }
    try DiskUse.checkpoint(log.connection)
    try DiskUse.checkpoint(store.connection)
    try measure(own, log, store, &report)
  }

  /// One op to record, as a draft and as a row.
  private struct Task {
    let draft: Draft
    let key: RequestKey?
    let stamp: Int64
    let row: RawLog.Row

    init(_ op: Op, _ bodies: [Digest: Body], _ row: RawLog.Row) {
      guard let kind = Catalogue.kind(op.kind),
        let payload = kind.schema.payload(of: op)
      else { preconditionFailure("the workload is of this catalogue") }
      var draft = Draft(kind: kind, payload: payload, occurredOn: op.occurredOn)
      draft.actor = op.actor
      draft.policy = op.policy
      draft.body = op.body.flatMap { bodies[$0] }
      self.draft = draft
      key = RequestKey(replica: op.id.replica, randomBytes: Array(row.hash[..<12]))
      stamp = op.stamp
      self.row = row
    }
  }

  private func measure(
    _ own: [Task], _ log: RawLog, _ store: Store, _ report: inout Report
  ) throws {
    var raw: [Double] = []
    var ours: [Double] = []
    for start in stride(from: 0, to: own.count, by: Self.stretch) {
      let stretch = own[start..<min(start + Self.stretch, own.count)]
      for task in stretch {
        raw.append(try Measure.time { try log.write(CollectionOfOne(task.row)) })
      }
      guard options.mode != .raw else { continue }
      for task in stretch {
        var bytes: [UInt8] = []
        ours.append(try Measure.time { bytes = try record(task, store) })
        guard bytes == task.row.op else {
          preconditionFailure("the store wrote another op than the workload's")
        }
      }
    }
    report.add("raw insert and commit, p50", Measure.median(raw) / 1e3, "us")
    report.add("raw insert and commit, p99", Measure.percentile(0.99, of: raw) / 1e3, "us")
    guard options.mode != .raw else { return }
    report.add("durable op, p50", Measure.median(ours) / 1e3, "us")
    report.add("durable op, p99", Measure.percentile(0.99, of: ours) / 1e3, "us")
    report.add("durable op / raw", Measure.median(ours) / Measure.median(raw), "x", gate: Self.gate)
  }

  /// Records as an office does: request key, rights, op, and fold in one transaction.
  private func record(_ task: Task, _ store: Store) throws(StoreError) -> [UInt8] {
    guard case .written(let op, _) = try store.record(task.draft, key: task.key, stamp: task.stamp)
    else { return [] }
    return op.bytes
  }
}
