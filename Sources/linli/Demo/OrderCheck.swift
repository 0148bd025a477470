import Community
import Foundation
import OpLog
import Simulation
import Store

/// Delivers one set of ops in many orders into fresh stores: every order must give one state.
///
/// An order interleaves the logs and keeps the order within each; it comes in batches of 1 to 1,000
/// ops, small ones as often as large ones, and after one batch in ten an earlier one comes again.
struct OrderCheck {
  /// What many orders gave.
  struct Outcome: Sendable {
    /// The states that came out, with the seed that first gave each; one is right.
    var digests: [Digest: UInt64] = [:]
    /// The same for a byte-for-byte digest of all tables, of every tenth order.
    var tables: [Digest: UInt64] = [:]
    /// Ops delivered, repeats included.
    var delivered = 0

    /// Whether every order gave the same.
    var isOne: Bool { digests.count == 1 && tables.count <= 1 }

    mutating func add(_ other: Outcome) {
      digests.merge(other.digests, uniquingKeysWith: min)
      tables.merge(other.tables, uniquingKeysWith: min)
      delivered += other.delivered
    }
  }

  private static let batchMax = 1_000
  /// After one batch in so many an earlier one comes again.
  private static let repeatEvery = 10
  /// Every so many orders the tables are compared byte for byte.
  private static let tablesEvery: UInt64 = 10

  private let logs: [[Op]]
  private let identity: StoreIdentity
  /// A fault that the check must find; nil in earnest.
  private let fault: OrderFault?

  /// How many ops there are.
  var opCount: Int { logs.reduce(0) { $0 + $1.count } }

  /// Takes the ops of every log that a hub holds.
  init(hubDatabase: String, fault: OrderFault?) throws(CommandError) {
    self.fault = fault
    (logs, identity) = try CommandError.wrap { () throws(StoreError) in
      let store = try Store(path: hubDatabase, mode: .readWrite)
      var logs: [[Op]] = []
      for replica in try store.replicas() {
        let end = try store.foldedHead(of: replica).seq
        guard end > 0 else { continue }
        logs.append(try store.ops(of: replica, in: 1...end, limit: Int(end)))
      }
      return (logs, store.identity)
    }
  }

  /// Plays the orders of some seeds, on all cores.
  func run(seeds: ClosedRange<UInt64>, progress: @escaping @Sendable (Int) -> Void)
    async
    throws(CommandError) -> Outcome
  {
    let width = UInt64(max(1, ProcessInfo.processInfo.activeProcessorCount))
    let results = await withTaskGroup(of: Result<Outcome, CommandError>.self) { group in
      for first in 0..<width {
        group.addTask {
          var outcome = Outcome()
          do throws(CommandError) {
            for seed in stride(
              from: seeds.lowerBound + first, through: seeds.upperBound, by: Int(width))
            {
              outcome.add(try play(seed: seed))
              if first == 0 { progress(Int(seed - seeds.lowerBound) + 1) }
            }
          } catch { return .failure(error) }
          return .success(outcome)
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    var outcome = Outcome()
    for result in results { outcome.add(try result.get()) }
    return outcome
  }

  /// Delivers all ops in the order of one seed.
  private func play(seed: UInt64) throws(CommandError) -> Outcome {
    var random = SplitMix64(seed: seed)
    return try CommandError.wrap { () throws(StoreError) in
      let store = try Store.create(path: ":memory:", bystander)
      var outcome = Outcome()
      var next = logs.map { _ in 0 }
      var batches: [ArraySlice<Op>] = []
      while let log = draw(next, &random) {
        let size = min(1 + random.below(1 << random.below(11)), Self.batchMax)
        let batch = logs[log][next[log]...].prefix(size)
        next[log] += batch.count
        batches.append(batch)
        try deliver(batch, to: store, &outcome)
        try fault?.spoil(store, after: batch)
        if random.below(Self.repeatEvery) == 0 {
          try deliver(batches[random.below(batches.count)], to: store, &outcome)
        }
      }
      outcome.digests[try store.stateDigest().value] = seed
      if seed % Self.tablesEvery == 0 { outcome.tables[try store.tablesDigest()] = seed }
      return outcome
    }
  }

  private func deliver(
    _ batch: ArraySlice<Op>, to store: Store, _ outcome: inout Outcome
  ) throws(StoreError) {
    try store.write { () throws(StoreError) in try store.take(Array(batch)) }
    outcome.delivered += batch.count
  }

  /// A log of which something is left; nil when all is delivered.
  private func draw(_ next: [Int], _ random: inout SplitMix64) -> Int? {
    let open = logs.indices.filter { next[$0] < logs[$0].count }
    return open.isEmpty ? nil : open[random.below(open.count)]
  }

  /// A replica that wrote nothing: all ops are foreign to it.
  private var bystander: StoreIdentity {
    let last = identity.incarnation.hub.rawValue + ReplicaID.idsPerIncarnation - 1
    guard let replica = ReplicaID(rawValue: last) else {
      preconditionFailure("an incarnation has 4,095 ids")
    }
    return StoreIdentity(
      street: identity.street, incarnation: identity.incarnation, replica: replica)
  }
}
