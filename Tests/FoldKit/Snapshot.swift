import Community
import OpLog
import Testing

/// All that has to be equal wherever the same ops are held.
package struct Snapshot: Equatable {
  /// Every row, by table number and key.
  package let rows: [Int: [[Int64]: [Cell]]]
  /// What became of each op.
  package let verdicts: [OpID: Verdict]
  /// What staff have to look at.
  package let desk: Set<DeskEntry>
  /// The ops that are not admitted yet.
  package let waiting: Set<OpID>

  /// Takes down what a replica holds now.
  package init(_ replica: MemoryReplica) {
    rows = replica.state.rows
    verdicts = replica.state.verdicts
    desk = replica.state.desk
    waiting = replica.waitingOps
  }

  /// The differences in words, for a failure's message.
  package func differences(from other: Snapshot) -> String {
    var lines: [String] = []
    for number in Set(rows.keys).union(other.rows.keys).sorted() {
      let (mine, theirs) = (rows[number] ?? [:], other.rows[number] ?? [:])
      for key in Set(mine.keys).union(theirs.keys) where mine[key] != theirs[key] {
        lines.append("table \(number): \(text(theirs[key])) is now \(text(mine[key]))")
      }
    }
    for id in Set(verdicts.keys).union(other.verdicts.keys) where verdicts[id] != other.verdicts[id]
    {
      lines.append("\(id): \(text(other.verdicts[id])) is now \(text(verdicts[id]))")
    }
    for entry in desk.symmetricDifference(other.desk) { lines.append("desk: \(entry)") }
    for id in waiting.symmetricDifference(other.waiting) { lines.append("waiting: \(id)") }
    return lines.sorted().joined(separator: "\n")
  }

  private func text<T>(_ value: T?) -> String { value.map { "\($0)" } ?? "nothing" }
}

/// Fails, with the differences alone, unless both replicas hold the same.
package func expectSame(
  _ actual: Snapshot, _ expected: Snapshot, _ what: @autoclosure () -> String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) {
  guard actual != expected else { return }
  Issue.record(
    "\(what())\n\(actual.differences(from: expected))", sourceLocation: sourceLocation)
}
