import OpLog
import Store
import Wire

/// With which entry of this hub's log each op of another log comes to whoever follows it.
///
/// In a hub's first life each op comes behind all that it names. Behind a rebuild the logs of former hubs
/// come first, and then one office's after the other: what an op there names may come later than it.
struct HubCoverage {
  /// A run of a receipt: how far a log has come with it.
  private struct Run {
    let entry: UInt64
    let index: Int
    let upTo: UInt64
  }

  let hub: ReplicaID
  private var end: UInt64 = 0
  /// The runs that bring each log further, so ascending by entry and by seq.
  private var runs: [ReplicaID: [Run]] = [:]

  init(of hub: ReplicaID) { self.hub = hub }

  /// Goes on to an entry; O(entries), once for each.
  mutating func read(through last: UInt64, from store: Store) throws(StoreError) {
    while end < last {
      let ops = try store.ops(of: hub, in: end + 1...last, limit: 512)
      guard let newest = ops.last else { return }
      for op in ops where op.kind == Receipt.kind {
        guard let receipt = try? Receipt(op) else { continue }
        for (index, run) in receipt.runs.enumerated() {
          let covered = runs[run.upTo.replica]?.last?.upTo ?? 0
          // A branch that was put away is not what the log has.
          guard run.upTo.seq > covered, try store.holds(run.upTo) else { continue }
          runs[run.upTo.replica, default: []].append(
            Run(entry: op.id.seq, index: index, upTo: run.upTo.seq))
        }
      }
      end = newest.id.seq
    }
  }

  /// Whether whoever has come so far in this hub's log has a log up to a seq; O(log runs).
  func brings(_ replica: ReplicaID, _ seq: UInt64, to progress: HubProgress) -> Bool {
    if replica == hub { return seq <= progress.seq }
    let runs = runs[replica] ?? []
    var (low, high) = (0, runs.count)
    while low < high {
      let middle = (low + high) / 2
      if runs[middle].upTo < seq { low = middle + 1 } else { high = middle }
    }
    guard low < runs.count else { return false }
    let run = runs[low]
    guard run.entry == progress.seq + 1 else { return run.entry <= progress.seq }
    return run.index < progress.run || run.index == progress.run && seq <= progress.upTo
  }
}

/// What an asker surely holds before it reads a reply; of the rest it may know no chain hash.
struct AskerLogs {
  private let request: SyncRequest
  private let coverage: HubCoverage
  private var held: [ReplicaID: UInt64] = [:]
  /// The lives of the hub that the asker has heard of: a chain starts with its life.
  private var lives: Set<UInt32>

  init(_ request: SyncRequest, _ coverage: HubCoverage, in store: Store) throws(StoreError) {
    self.request = request
    self.coverage = coverage
    lives = [request.incarnation.number, request.head.replica.incarnation]
    for head in request.held where head.seq > 0 {
      guard try store.holds(head) else { continue }
      held[head.replica] = head.seq
      lives.insert(head.replica.incarnation)
    }
  }

  /// Whether a log is there up to a seq, 0 for its start.
  func hold(_ replica: ReplicaID, _ seq: UInt64) -> Bool {
    // The hub's first op names the lives before its own.
    guard seq > 0 else {
      return request.hub.seq > 0 || lives.contains(replica.incarnation)
    }
    if replica == request.head.replica { return seq <= request.head.seq }
    return seq <= held[replica] ?? 0 || coverage.brings(replica, seq, to: request.hub)
  }
}

extension HubCore {
  /// What an asker holds; nil in a hub's first life, where it holds, or is sent first, whatever an op
  /// names.
  func logs(ofAsker request: SyncRequest, through last: UInt64) throws(StoreError) -> AskerLogs? {
    guard key.incarnation.number > 1 else { return nil }
    if coverage.hub != key.incarnation.hub { coverage = HubCoverage(of: key.incarnation.hub) }
    try coverage.read(through: last, from: store)
    return try AskerLogs(request, coverage, in: store)
  }
}
