import Community
import OpLog
import Store

/// Compares one replica's tables with what the rules make of the ops that it has folded.
struct ReplicaCheck {
  /// Who is checked, for messages.
  let name: String
  let store: Store
  /// The folded part of each log, ascending by writer.
  let logs: [[NaiveOp]]
  let model: NaiveModel

  /// Reads a replica's logs and walks their chains.
  init(_ name: String, _ store: Store) throws(Violation) {
    self.name = name
    self.store = store
    logs = try Self.logs(of: store, name)
    model = NaiveModel(logs)
  }

  /// All checks, and counts of what was seen.
  func run(_ marks: inout Marks) throws(Violation) {
    try checkTables()
    try checkVerdicts(&marks)
    try checkDesk(&marks)
    try checkDebts()
    try checkBudgets()
  }

  // MARK: Logs

  private static func logs(of store: Store, _ name: String) throws(Violation) -> [[NaiveOp]] {
    try must("read the logs of \(name)") {
      var logs: [[NaiveOp]] = []
      for replica in try store.replicas() {
        let head = try store.foldedHead(of: replica)
        guard head.seq > 0, let start = try store.head(of: replica, at: 0) else { continue }
        var hash = start.hash
        var log: [NaiveOp] = []
        for op in try store.ops(of: replica, in: 1...head.seq, limit: Int(head.seq)) {
          guard op.id.replica == replica, op.id.seq == UInt64(log.count) + 1 else {
            throw Violation("I10", "\(name) holds \(op.id) at place \(log.count + 1)")
          }
          hash = Chain.next(after: hash, op.bytes)
          log.append(NaiveOp(op, hash: hash))
        }
        guard log.count == Int(head.seq), hash == head.hash else {
          throw Violation("I10", "\(name): the log of \(replica) does not end at its head")
        }
        logs.append(log)
      }
      return logs
    }
  }

  // MARK: Tables

  /// I3 and I9: every row is what the rules make of the ops, so every sum is that of its postings.
  private func checkTables() throws(Violation) {
    for table in Tables.all {
      let actual = try must("read \(table.name)") { try store.rows(of: table) }
      let expected = (model.rows[table.name] ?? []).sorted {
        table.key(of: $0).lexicographicallyPrecedes(table.key(of: $1))
      }
      guard actual != expected else { continue }
      let invariant = table.layer == .accounts ? "I3" : "I9"
      let difference = Self.difference(actual, expected)
      throw Violation(invariant, "\(name), table \(table.name): \(difference)")
    }
  }

  private static func difference(_ actual: [[Cell]], _ expected: [[Cell]]) -> String {
    for (has, wants) in zip(actual, expected) where has != wants {
      return "has \(text(has)), expected \(text(wants))"
    }
    return "has \(actual.count) rows, expected \(expected.count)"
  }

  private static func text(_ row: [Cell]) -> String {
    row.map { cell in
      switch cell {
      case .null: "–"
      case .integer(let value): OpID(packed: value)?.description ?? "\(value)"
      case .text(let text): "'\(text)'"
      }
    }.joined(separator: " ")
  }

  /// I15: each op has exactly one outcome, the one that the rules give it.
  private func checkVerdicts(_ marks: inout Marks) throws(Violation) {
    for op in logs.joined() {
      let found = try must("read a verdict") { try store.verdict(of: op.id) }
      let actual = NaiveVerdict(found.outcome.rawValue, found.reasons.map(\.rawValue))
      let expected = model.verdicts[op.id] ?? NaiveVerdict("none")
      guard actual == expected else {
        throw Violation(
          "I15", "\(name): \(op.id) of kind \(op.kind) is \(actual), expected \(expected)")
      }
      marks.hit("outcome.\(actual.outcome)")
      for reason in actual.reasons { marks.hit("desk.\(reason)") }
    }
  }

  /// The entries that hang on accounts, shelves, and registers.
  private func checkDesk(_ marks: inout Marks) throws(Violation) {
    let listing = try must("read the desk") { try store.listing(of: "desk_entries", limit: 10_000) }
    let standing: Set<String> = [
      "fork", "overdrawn", "stock-negative", "daily-cap", "monthly-cap", "cover-proposed",
      "price-differs", "item-limit",
    ]
    var actual: Set<String> = []
    for row in listing.rows {
      guard let subject = row[0], let reason = row[1], let detail = row[2],
        standing.contains(reason)
      else { continue }
      marks.hit("desk.\(reason)")
      actual.insert("\(reason) \(subject) \(detail)")
    }
    guard actual != model.standingDesk else { return }
    let difference = actual.symmetricDifference(model.standingDesk).sorted()
    throw Violation("I9", "\(name): desk entries differ: \(difference)")
  }

  // MARK: The promise

  /// I2: an account is below zero only by what the design names.
  private func checkDebts() throws(Violation) {
    for row in model.rows["account"] ?? [] {
      guard let resident = row[0].id, let balance = row[1].integer, balance < 0 else { continue }
      let bound =
        (row[4].integer ?? 0) + model.debitsWithoutStanding[resident, default: 0]
        + model.lostCredits[resident, default: 0]
      guard -balance > bound else { continue }
      throw Violation("I2", "\(name): \(resident) owes \(-balance), at most \(bound) can be")
    }
  }

  /// I2: what an office has out on trust is within the largest limit that its ops name.
  private func checkBudgets() throws(Violation) {
    var limits: [Int64: Int64] = [:]
    for op in model.ops(23) {
      guard op.integer(3) == 2, let policy = op.op.policy.flatMap({ model.admitted[$0] }) else {
        continue
      }
      let office = Int64(op.id.replica.rawValue)
      limits[office] = max(limits[office] ?? 0, policy.integer(5) ?? 0)
    }
    for row in model.rows["office"] ?? [] {
      guard let office = row[0].integer, let uncovered = row[1].integer else { continue }
      guard uncovered > limits[office] ?? 0 else { continue }
      throw Violation("I2", "\(name): \(office) has \(uncovered) out, of \(limits[office] ?? 0)")
    }
  }
}
