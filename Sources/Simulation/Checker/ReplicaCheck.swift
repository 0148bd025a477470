import Community
import Conformance
import OpLog
import Store

/// Compares one replica's tables with what the rules make of the ops that it has folded.
struct ReplicaCheck {
  /// Who is checked, for messages.
  let name: String
  let store: Store
  /// The folded part of each log, ascending by writer, with the chain hash after each op.
  let logs: [[(op: Op, hash: Digest)]]

  /// The chain hashes of ops that lost their ids to others.
  let lost: Set<Digest>
  /// The ops as the naive model reads them.
  let facts: [Conformance.Fact]
  /// The tables, each read once.
  let view: FrozenView

  /// Reads a replica's logs and walks their chains.
  init(_ name: String, _ store: Store) throws(Violation) {
    self.name = name
    self.store = store
    logs = try Self.logs(of: store, name)
    lost = try must("read what was put away") { try store.putAwayHashes() }
    facts = logs.joined().map { Conformance.Fact($0.op, hash: $0.hash) }
    view = FrozenView(store)
  }

  /// All checks, and counts of what was seen.
  ///
  /// In a world of the first kinds every row and verdict is compared, in any other what the rows come
  /// to.
  ///
  /// - Parameters:
  ///   - marks: What was seen is counted here.
  ///   - isPlain: Whether staff recorded the first kinds only.
  ///   - unchecked: Chain hashes of ops of programs that do not ask for a right.
  /// - Throws: ``Violation`` for the first promise that is not kept.
  func run(
    _ marks: inout Marks, isPlain: Bool, unchecked: Set<Digest> = []
  ) throws(Violation) {
    try Self.checkTables(of: view, name)
    try checkOps()
    let model = NaiveModel(facts, lost: lost)
    try check(model)
    try PromiseCheck(self, model, unchecked: ids(of: unchecked)).run(&marks)
    if isPlain { try PlainCheck(self).run() }
    try count(&marks)
  }

  /// The ops with these chain hashes, and those that were recorded again in their place.
  private func ids(of hashes: Set<Digest>) -> Set<OpID> {
    var ids: Set<OpID> = []
    guard !hashes.isEmpty else { return ids }
    for (op, hash) in logs.joined() where hashes.contains(op.was ?? hash) { ids.insert(op.id) }
    return ids
  }

  private static func logs(
    of store: Store, _ name: String
  ) throws(Violation) -> [[(op: Op, hash: Digest)]] {
    try must("read the logs of \(name)") {
      var logs: [[(op: Op, hash: Digest)]] = []
      for replica in try store.replicas() {
        let head = try store.foldedHead(of: replica)
        guard head.seq > 0, let start = try store.head(of: replica, at: 0) else { continue }
        var hash = start.hash
        var log: [(op: Op, hash: Digest)] = []
        for op in try store.ops(of: replica, in: 1...head.seq, limit: Int(head.seq)) {
          guard op.id.replica == replica, op.id.seq == UInt64(log.count) + 1 else {
            throw Violation("I10", "\(name) holds \(op.id) at place \(log.count + 1)")
          }
          hash = Chain.next(after: hash, op.bytes)
          log.append((op, hash))
        }
        guard log.count == Int(head.seq), hash == head.hash else {
          throw Violation("I10", "\(name): the log of \(replica) does not end at its head")
        }
        logs.append(log)
      }
      return logs
    }
  }

  /// What holds of the tables by themselves, at every step: I3, sums are those of their postings, nothing
  /// gets lost, one award of a key counts, and the desk says what the rows say.
  static func checkTables(of view: FrozenView, _ name: String) throws(Violation) {
    let findings = try must("look for what does not hold") { try Invariants.findings(in: view) }
    if let first = findings.min() { throw Violation("I3", "\(name): \(first)") }
  }

  /// I15: each op has one outcome, which the rows that speak of it say too; one op of a natural key
  /// counts, nobody decides alone, and no number of a person is in a payload without somebody being told.
  private func checkOps() throws(Violation) {
    let findings = try must("look at what became of the ops") {
      try Invariants.findings(of: facts, in: view)
    }
    if let first = findings.min() { throw Violation("I15", "\(name): \(first)") }
  }

  /// I9: accounts, years that ended, shelves, budgets, rights, limits, awards, and person-times are what a
  /// naive reading of the rules makes of the ops.
  private func check(_ model: NaiveModel) throws(Violation) {
    let findings = try must("compare with the rules") {
      try Invariants.findings(in: view, against: model)
    }
    if let first = findings.min() { throw Violation("I9", "\(name): \(first)") }
  }

  /// I15: each op has one outcome; what is on the desk is counted.
  private func count(_ marks: inout Marks) throws(Violation) {
    for (op, _) in logs.joined() {
      guard let verdict = try must("read a verdict", { try view.verdict(of: op.id) }) else {
        throw Violation("I15", "\(name): \(op.id) has no outcome")
      }
      marks.hit(verdict.outcome)
      if op.id.replica.isHub, let kind = Catalogue.kind(op.kind) { marks.hit(kind: kind.name) }
    }
    let listing = try must("read the desk") { try store.listing(of: "desk_entries", limit: 10_000) }
    for row in listing.rows {
      if let reason = row[1].flatMap(DeskReason.init(rawValue:)) { marks.hit(reason) }
    }
  }
}
