import Community
import OpLog
import Store

/// The strictest check, for worlds of the first kinds under simple rules: every row, every verdict
/// with its reasons, and the desk.
struct PlainCheck {
  private let name: String
  private let store: Store
  private let ids: [OpID]
  private let model: PlainModel

  /// Applies the rules to what a replica has folded.
  init(_ check: ReplicaCheck) {
    name = check.name
    store = check.store
    ids = check.logs.joined().map(\.op.id)
    model = PlainModel(
      check.logs.map { log in log.map { PlainOp($0.op, hash: $0.hash) } }, lost: check.lost)
  }

  /// All checks.
  func run() throws(Violation) {
    try checkTables()
    try checkVerdicts()
    try checkDesk()
    try checkDebts()
    try checkBudgets()
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

  static func text(_ row: [Cell]) -> String {
    row.map { cell in
      switch cell {
      case .null: "–"
      case .integer(let value): OpID(packed: value)?.description ?? "\(value)"
      case .text(let text): "'\(text)'"
      }
    }.joined(separator: " ")
  }

  /// I15: each op has exactly one outcome, the one that the rules give it.
  private func checkVerdicts() throws(Violation) {
    for id in ids {
      let found = try must("read a verdict") { try store.verdict(of: id) }
      let actual = PlainVerdict(found.outcome.rawValue, found.reasons.map(\.rawValue))
      let expected = model.verdicts[id] ?? PlainVerdict("none")
      guard actual != expected else { continue }
      throw Violation("I15", "\(name): \(id) is \(actual), expected \(expected)")
    }
  }

  /// The entries that hang on accounts, shelves, and registers.
  private func checkDesk() throws(Violation) {
    let listing = try must("read the desk") { try store.listing(of: "desk_entries", limit: 10_000) }
    let standing: Set<String> = [
      "fork", "overdrawn", "stock-negative", "daily-cap", "monthly-cap", "cover-proposed",
      "price-differs", "item-limit", "overdrawn-again",
    ]
    var actual: Set<String> = []
    for row in listing.rows {
      guard let subject = row[0], let reason = row[1], let detail = row[2],
        standing.contains(reason)
      else { continue }
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
