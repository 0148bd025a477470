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

  /// Reads a replica's logs and walks their chains.
  init(_ name: String, _ store: Store) throws(Violation) {
    self.name = name
    self.store = store
    logs = try Self.logs(of: store, name)
    lost = try must("read what was put away") { try store.putAwayHashes() }
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
    try checkInvariants()
    let model = NaiveModel(logs.joined().map { Fact($0.op, hash: $0.hash) }, lost: lost)
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

  /// I3: sums are those of their postings, nothing gets lost, one award of a key counts, and the desk
  /// says what the rows say.
  private func checkInvariants() throws(Violation) {
    let findings = try must("look for what does not hold") {
      try Invariants.findings(in: StoreView(store))
    }
    if let first = findings.min() { throw Violation("I3", "\(name): \(first)") }
  }

  /// I9: accounts, shelves, and budgets are what a naive reading of the rules makes of the ops.
  private func check(_ model: NaiveModel) throws(Violation) {
    var accounts: [Int64: [Int64]] = [:]
    for (id, account) in model.accounts where account != .init() {
      accounts[id.packed] = [account.balance, account.earned, account.spent, account.uncovered]
    }
    try compare(Tables.account, accounts) { row in row[0].integer ?? 0 }
    var shelves: [NaiveModel.Shelf: [Int64]] = [:]
    for (shelf, onHand) in model.onHand where onHand != 0 { shelves[shelf] = [onHand] }
    try compare(Tables.shelfItem, shelves) { row in
      guard let office = row[0].integer.flatMap({ ReplicaID(rawValue: UInt32($0)) }),
        let item = row[1].id
      else { return nil }
      return .init(office: office, item: item)
    }
    var offices: [Int64: [Int64]] = [:]
    for (office, points) in model.uncovered where points != 0 {
      offices[Int64(office.rawValue)] = [points]
    }
    try compare(Tables.office, offices) { row in row[0].integer ?? 0 }
    var held: [NaiveModel.Right: [Int64]] = [:]
    for (right, points) in model.rights where points != 0 { held[right] = [points] }
    try compare(Tables.heldRight, held) { row in
      guard let holder = row[0].integer.flatMap({ ReplicaID(rawValue: UInt32($0)) }),
        let account = row[1].id
      else { return nil }
      return .init(account: account, holder: holder)
    }
    let counted = try must("read awards") { try store.rows(of: Tables.award) }
      .count { $0[5] == .text("posted") }
    guard counted == model.countedAwards else {
      throw Violation("I9", "\(name): \(counted) awards count, not \(model.countedAwards)")
    }
    let hours = try must("read person-times") {
      try Invariants.attendance(in: StoreView(store), against: model)
    }
    if let first = hours.first { throw Violation("I9", "\(name): \(first)") }
  }

  /// Compares the sums of a table with the model's, as many of each row as the model has.
  private func compare<Key: Hashable>(
    _ table: Table, _ expected: [Key: [Int64]], _ key: ([Cell]) -> Key?
  ) throws(Violation) {
    var left = expected
    for row in try must("read \(table.name)", { try store.rows(of: table) }) {
      let sums = row[table.keyCount...].map { $0.integer ?? 0 }
      let wanted = key(row).flatMap { left.removeValue(forKey: $0) }
      guard Array(sums.prefix(wanted?.count ?? 1)) == wanted ?? [0] else {
        let found = "\(PlainCheck.text(row)), the rules make \(wanted ?? [])"
        throw Violation("I9", "\(name), table \(table.name): \(found)")
      }
    }
    guard let missing = left.map({ "\($0.key): \($0.value)" }).min() else { return }
    throw Violation("I9", "\(name), table \(table.name) lacks \(missing)")
  }

  /// I15: each op has one outcome; what is on the desk is counted.
  private func count(_ marks: inout Marks) throws(Violation) {
    for (op, _) in logs.joined() {
      let verdict = try must("read a verdict") { try store.verdict(of: op.id) }
      marks.hit("outcome.\(verdict.outcome.rawValue)")
    }
    let listing = try must("read the desk") { try store.listing(of: "desk_entries", limit: 10_000) }
    for row in listing.rows {
      if let reason = row[1] { marks.hit("desk.\(reason)") }
    }
  }
}
