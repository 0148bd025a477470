import Community
import OpLog

/// What was recorded again after a PC was copied, as people say it: of all records of one thing in a
/// community the original counts, or else the one with the lowest id; whoever names another means it.
extension NaiveModel {
  /// Forgets all records of a thing but the one that counts.
  mutating func keepOneRecordOfEach() {
    var meant: [OpID: OpID] = [:]
    for record in ops.values {
      guard let was = record.op.was, let community = communities[record.op.id.replica] else {
        continue
      }
      let others = ops.values.filter { communities[$0.op.id.replica] == community }
      let original = others.first { $0.hash == was && $0.op.was == nil }?.op.id
      let again = others.filter { $0.op.was == was }.map(\.op.id)
      meant[record.op.id] = original ?? again.min()
    }
    meant = meant.filter { $0.key != $0.value }
    guard !meant.isEmpty else { return }
    for id in meant.keys { ops[id] = nil }
    ops = ops.mapValues { fact in fact.naming { meant[$0] ?? $0 } }
    byKind = [:]
    for fact in ops.values {
      if let name = fact.kind?.name { byKind[name, default: []].append(fact) }
    }
  }
}
