import Community
import FoldKit
import OpLog
import Store

/// The ops of a street in other orders than they came: the same rows, outcomes, and desk each time,
/// and those that a store holds.
struct FoldCheck {
  let deliveries: [Delivery]
  private let expected: Snapshot

  /// Takes the whole log of a store.
  init(_ store: Store) throws {
    var deliveries: [Delivery] = []
    for replica in try store.replicas() {
      let end = try store.storedHead(of: replica).seq
      guard end > 0 else { continue }
      let identity = store.identity
      var hash = Chain.start(
        street: identity.street, incarnation: identity.incarnation, replica: replica)
      for op in try store.ops(of: replica, in: 1...end, limit: .max) {
        hash = Chain.next(after: hash, op.bytes)
        deliveries.append(Delivery(op: op, hash: hash))
      }
    }
    self.deliveries = deliveries
    expected = Snapshot(MemoryReplica(deliveries))
  }

  /// What differs in one order drawn by a seed, whole, and after a part of the ops came alone.
  func findings(seed: UInt64) -> [String] {
    var dice = Dice(seed: seed)
    let whole = Snapshot(MemoryReplica(Arrival.order(of: deliveries, using: &dice)))
    let part = Arrival.order(of: Arrival.part(of: deliveries, using: &dice), using: &dice)
    let completed = Snapshot(
      MemoryReplica(part + Arrival.order(of: deliveries, using: &dice)))
    return [whole, completed].filter { $0 != expected }.map {
      "order \(seed):\n\($0.differences(from: expected))"
    }
  }

  /// What differs from the store's tables, outcomes, and desk, but for the entries that are resolved.
  func findings(
    against store: Store, desk: Set<DeskEntry>, resolved: Set<DeskEntry>
  ) throws -> [String] {
    var findings: [String] = []
    for table in Tables.all {
      var rows: [[Int64]: [Cell]] = [:]
      for row in try store.rows(of: table) { rows[table.key(of: row)] = row }
      let folded = expected.rows[table.number] ?? [:]
      for key in Set(rows.keys).union(folded.keys) where rows[key] != folded[key] {
        findings.append(
          "\(table.name) \(key): \(rows[key] ?? []) but folds to \(folded[key] ?? [])")
      }
    }
    for delivery in deliveries {
      let id = delivery.op.id
      let (found, folded) = (try store.verdict(of: id), expected.verdicts[id])
      if found.outcome != folded?.outcome || Set(found.reasons) != Set(folded?.reasons ?? []) {
        findings.append("\(id) is \(found) but folds to \(folded.map { "\($0)" } ?? "nothing")")
      }
    }
    // What is late for a closed month follows from receipts: a view says it, and no fold.
    let folded = desk.filter { $0.reason != .lateForClosedMonth }
    for entry in folded.symmetricDifference(expected.desk.subtracting(resolved)) {
      findings.append("desk: \(entry)")
    }
    return findings
  }
}
