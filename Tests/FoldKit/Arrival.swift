import OpLog

/// How ops may arrive: each log in its own order, anything else by chance.
package enum Arrival {
  /// A random merge of the logs, some ops more than once.
  package static func order(of ops: [Delivery], using dice: inout Dice) -> [Delivery] {
    var logs = Dictionary(grouping: ops) { $0.op.id.replica }.sorted { $0.key < $1.key }
      .map { ArraySlice($0.value) }
    // Some lines are good for a long while: a log may come nearly whole before the others.
    let weights = logs.map { _ in dice.once(in: 3) ? 40 : Int.random(in: 1...8, using: &dice) }
    var order: [Delivery] = []
    while logs.contains(where: { !$0.isEmpty }) {
      let index = draw(zip(logs, weights).map { $0.isEmpty ? 0 : $1 }, using: &dice)
      if let next = logs[index].popFirst() { order.append(next) }
      if dice.once(in: 8), let again = order.randomElement(using: &dice) { order.append(again) }
    }
    return order
  }

  /// A part of the ops that holds, of each log, the beginning.
  package static func part(of ops: [Delivery], using dice: inout Dice) -> [Delivery] {
    var ends: [ReplicaID: UInt64] = [:]
    for delivery in ops { ends[delivery.op.id.replica] = delivery.op.id.seq }
    for replica in ends.keys.sorted() where !dice.once(in: 3) {
      ends[replica] = UInt64.random(in: 0...ends[replica, default: 0], using: &dice)
    }
    return ops.filter { $0.op.id.seq <= ends[$0.op.id.replica, default: 0] }
  }

  private static func draw(_ weights: [Int], using dice: inout Dice) -> Int {
    var left = Int.random(in: 0..<weights.reduce(0, +), using: &dice)
    for (index, weight) in weights.enumerated() {
      if left < weight { return index }
      left -= weight
    }
    return 0
  }
}
