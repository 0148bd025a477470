import Community
import OpLog

/// What the rules make of a set of ops, computed afresh from the design with none of the folds: no
/// order of arrival, no stored rows, no postings.
///
/// The result is every row of the read model, and every op's outcome with its reasons.
final class PlainModel {
  /// The expected rows by table name, ascending by key.
  private(set) var rows: [String: [[Cell]]] = [:]
  /// What becomes of each op.
  private(set) var verdicts: [OpID: PlainVerdict] = [:]
  /// Entries of the desk that hang on accounts, shelves, and registers.
  private(set) var standingDesk: Set<String> = []
  /// Debits that had no right behind them, by resident.
  private(set) var debitsWithoutStanding: [OpID: Int64] = [:]
  /// Claims less what they count for, by resident.
  private(set) var lostCredits: [OpID: Int64] = [:]

  /// The ops that count at all, by id.
  private(set) var admitted: [OpID: PlainOp] = [:]
  /// When the hub took an op in.
  private(set) var receivedAt: [OpID: Int64] = [:]
  private(set) var communities: [ReplicaID: OpID] = [:]
  /// Of several enrolments of an id the one that stands.
  private var enrolments: [ReplicaID: OpID] = [:]
  private let lost: Set<Digest>

  /// Applies the rules to whole logs.
  ///
  /// - Parameters:
  ///   - logs: The logs.
  ///   - lost: Chain hashes of ops that lost their ids to others; a receipt of them says nothing.
  init(_ logs: [[PlainOp]], lost: Set<Digest>) {
    self.lost = lost
    admit(logs.flatMap { $0 })
    readReceipts(logs)
    reference()
    registers()
    awards()
    redemptions()
    owed()
    stock()
    accounts()
  }

  func settle(_ op: PlainOp, _ outcome: String, _ reasons: [String] = []) {
    verdicts[op.id] = PlainVerdict(outcome, reasons)
  }

  func put(_ table: String, _ row: [Cell]) { rows[table, default: []].append(row) }

  /// The admitted ops of a kind, ascending by id.
  func ops(_ kind: KindNumber) -> [PlainOp] { byKind[kind] ?? [] }

  private var byKind: [KindNumber: [PlainOp]] = [:]

  // MARK: Which ops count

  /// An op is admitted when it can be read, its writer is enrolled, and all that it names is
  /// admitted and is what its writer saw.
  private func admit(_ ops: [PlainOp]) {
    var left = ops
    while true {
      var kept: [PlainOp] = []
      for op in left {
        guard isAdmissible(op) else {
          kept.append(op)
          continue
        }
        admitted[op.id] = op
        if let id = enrolled(by: op), op.id <= enrolments[id] ?? op.id {
          enrolments[id] = op.id
          communities[id] = op.reference(2)
        }
      }
      if kept.count == left.count { break }
      left = kept
    }
    for op in left { settle(op, "pending", [op.unreadable ?? waitReason(op)]) }
    for op in admitted.values.sorted(by: { $0.id < $1.id }) {
      byKind[op.kind, default: []].append(op)
    }
  }

  private func isAdmissible(_ op: PlainOp) -> Bool {
    guard op.unreadable == nil, isEnrolled(op.id.replica) else { return false }
    var hashes: [Digest] = []
    for id in op.op.namedOps {
      guard let named = admitted[id] else { return false }
      hashes.append(named.hash)
    }
    return Chain.names(of: hashes) == op.op.names
  }

  private func waitReason(_ op: PlainOp) -> String {
    let isComplete =
      isEnrolled(op.id.replica) && op.op.namedOps.allSatisfy { admitted[$0] != nil }
    return isComplete ? "names-mismatch" : "waiting-for-op"
  }

  /// The office that a hub gives an id to: one of its own life, or of a life before.
  private func enrolled(by op: PlainOp) -> ReplicaID? {
    let hub = op.id.replica
    guard op.kind == 3, hub.isHub,
      let id = op.integer(1).flatMap({ ReplicaID(rawValue: UInt32(clamping: $0)) }), !id.isHub,
      (1...hub.incarnation).contains(id.incarnation)
    else { return nil }
    return id
  }

  private func isEnrolled(_ replica: ReplicaID) -> Bool {
    replica.isHub || communities[replica] != nil
  }

  private func readReceipts(_ logs: [[PlainOp]]) {
    var covered: [ReplicaID: UInt64] = [:]
    for receipt in ops(5) where receipt.id.replica.isHub {
      settle(receipt, "posted")
      guard let runs = try? Receipt(receipt.op).runs else { continue }
      for run in runs where !lost.contains(run.upTo.hash) {
        guard let last = OpID(run.upTo.replica, run.upTo.seq),
          admitted[last].map({ $0.hash == run.upTo.hash }) ?? true
        else { continue }
        let first = covered[run.upTo.replica, default: 0] + 1
        guard run.upTo.seq >= first else { continue }
        for seq in first...run.upTo.seq {
          if let id = OpID(run.upTo.replica, seq) { receivedAt[id] = receipt.op.stamp }
        }
        covered[run.upTo.replica] = run.upTo.seq
      }
    }
    for forged in ops(5) where !forged.id.replica.isHub { settle(forged, "void", ["only-hub"]) }
  }

  // MARK: Who may

  /// What is wrong with an op's writer or actor; nil when it is entitled.
  func problem(_ op: PlainOp) -> String? {
    guard !op.id.replica.isHub else { return nil }
    guard let roles = Self.roles[op.kind] else { return "only-hub" }
    guard let actor = op.op.actor else { return "actor-missing" }
    guard let staff = admitted[actor], staff.kind == 6, verdicts[actor]?.outcome == "posted",
      staff.integer(2).map({ $0 & roles != 0 }) == true,
      staff.reference(1) == communities[op.id.replica]
    else { return "actor-not-entitled" }
    let day = Int64(op.op.occurredOn.day)
    guard day >= staff.integer(3) ?? 0, day <= staff.integer(4) ?? .max else {
      return "actor-not-entitled"
    }
    return nil
  }

  // The bits are 1 clerk, 2 approver, 4 grid.
  private static let roles: [KindNumber: Int64] = [
    16: 5, 17: 5, 18: 3, 19: 1, 20: 2, 21: 3, 22: 1, 23: 1,
  ]

  /// Whether the business date is later than the day after the hub took the op in, in UTC+8.
  func isInFuture(_ op: PlainOp) -> Bool {
    guard let received = receivedAt[op.id] else { return false }
    return Int64(op.op.occurredOn.day) > (received + 28_800_000) / 86_400_000 + 1
  }

  /// Whether an op of this kind is there and counts, so that it made its entity.
  func exists(_ id: OpID?, _ kind: KindNumber) -> Bool {
    guard let id, let op = admitted[id] else { return false }
    return op.kind == kind && verdicts[id]?.outcome == "posted"
  }

  // MARK: Entities

  private func reference() {
    for op in ops(1) where settleEntity(op) { put("street", [.id(op.id), .text(op.text(2))]) }
    for op in ops(2) where settleEntity(op) { put("community", [.id(op.id), .text(op.text(1))]) }
    for op in ops(6) where settleEntity(op) {
      put(
        "staff",
        [
          .id(op.id), .id(op.reference(1)), cell(op, 2), cell(op, 3), cell(op, 4), .null,
          .id(op.id),
        ])
    }
    for op in ops(7) where settleEntity(op) {
      put(
        "policy",
        [.id(op.id), .id(op.reference(1))]
          + (2..<2 + UInt64(Policy.keys.count)).map { cell(op, $0) })
    }
    var revoked: [ReplicaID: OpID] = [:]
    for op in ops(4) where settleEntity(op) {
      if let enrolment = op.reference(1).flatMap({ admitted[$0] }),
        let office = enrolled(by: enrolment), revoked[office] == nil
      {
        revoked[office] = op.id
      }
    }
    for op in ops(3) where settleEntity(op) {
      guard let office = enrolled(by: op) else {
        settle(op, "void", ["wrong-reference"])
        continue
      }
      guard enrolments[office] == op.id else {
        settle(op, "duplicate")
        continue
      }
      put(
        "replica",
        [
          cell(op, 1), .id(op.id), .id(op.reference(2)), .text(op.text(3)), .id(revoked[office]),
        ])
    }
    for op in ops(18) where settleEntity(op) {
      put(
        "activity",
        [
          .id(op.id), .integer(community(of: op)), cell(op, 2), .text(op.text(1)), cell(op, 3),
          cell(op, 4), cell(op, 3), cell(op, 5), cell(op, 6), .text("published"), .null, .null,
          .null, op.text(7).isEmpty ? .null : .text(op.text(7)), cell(op, 8),
          .integer(op.integer(9) ?? 0), cell(op, 10),
        ])
    }
    for op in ops(21) where settleEntity(op) {
      put(
        "item",
        [
          .id(op.id), .integer(community(of: op)), cell(op, 2), .text(op.text(1)), cell(op, 3),
          cell(op, 4), cell(op, 5), cell(op, 6), cell(op, 7),
        ])
    }
    for op in ops(16) { register(op) }
  }

  private func register(_ op: PlainOp) {
    guard let home = home(of: op) else { return settle(op, "void", ["wrong-reference"]) }
    guard settleEntity(op) else { return }
    put(
      "resident",
      [
        .id(op.id), .integer(home), .integer(community(of: op)),
        .integer(Int64(op.op.occurredOn.day)), .null, .null, .null, .null,
      ])
    guard op.integer(2) != nil else { return }
    put("age_band", [.id(op.id), .id(op.id), cell(op, 2), .integer(0), .null])
  }

  /// The replica that may spend the account's points.
  func home(of resident: PlainOp) -> Int64? {
    guard let enrolment = resident.reference(1) else {
      return Int64(resident.id.replica.rawValue)
    }
    return admitted[enrolment]?.kind == 3 ? admitted[enrolment]?.integer(1) : nil
  }

  private func settleEntity(_ op: PlainOp) -> Bool {
    if let problem = problem(op) {
      settle(op, "pending", [problem])
      return false
    }
    settle(op, "posted")
    return true
  }

  func community(of op: PlainOp) -> Int64 { communities[op.id.replica]?.packed ?? 0 }

  func cell(_ op: PlainOp, _ key: UInt64) -> Cell { op.integer(key).map(Cell.integer) ?? .null }

  // MARK: Accounts

  /// Sums up what facts say; a row is there while any sum is not 0.
  private func accounts() {
    var people: [Int64: [Int64]] = [:]
    var shelves: [[Int64]: [Int64]] = [:]
    var offices: [Int64: Int64] = [:]
    var years: [[Int64]: [Int64]] = [:]
    for row in rows["award"] ?? [] where row[5] == .text("posted") && row[13] == .integer(0) {
      let (resident, points) = (row[1].integer ?? 0, row[7].integer ?? 0)
      add([points, points, 0, 0], to: &people[resident])
      if let bucket = row[10].integer, bucket != 0 {
        add([points, 0], to: &years[[resident, bucket]])
      }
    }
    for row in rows["award_month"] ?? [] {
      let (resident, points) = (row[0].integer ?? 0, row[4].integer ?? 0)
      add([points, points, 0, 0], to: &people[resident])
      let year = row[1].integer ?? 0
      let (ending, carried) = (row[5].integer ?? 0, row[11].integer ?? 0)
      for (points, rule) in [(ending, Int64(1)), (carried, 2)] where points != 0 {
        add([points, 0], to: &years[[resident, Self.lastDay(of: year, by: rule)]])
      }
    }
    for row in rows["redemption"] ?? [] where row[1] == .text("posted") {
      let (points, uncovered) = (row[5].integer ?? 0, row[6].integer ?? 0)
      add([-points, 0, points, uncovered], to: &people[row[2].integer ?? 0])
      offices[row[3].integer ?? 0, default: 0] += uncovered
      let stretch = row[11].integer ?? 0
      if stretch != 0 { add([0, points], to: &years[[row[2].integer ?? 0, stretch]]) }
    }
    for row in rows["redemption_line"] ?? [] where row[6] == .integer(1) {
      let quantity = row[4].integer ?? 0
      add([-quantity, 0, quantity, 0], to: &shelves[[row[2].integer ?? 0, row[3].integer ?? 0]])
    }
    for row in rows["stock_receipt"] ?? [] where row[1] == .text("posted") {
      let quantity = row[4].integer ?? 0
      add([quantity, quantity, 0, 0], to: &shelves[[row[2].integer ?? 0, row[3].integer ?? 0]])
    }
    for (id, sums) in people.sorted(by: { $0.key < $1.key }) where sums != [0, 0, 0, 0] {
      put("account", ([id] + sums).map(Cell.integer))
      guard sums[0] < 0 else { continue }
      stand("overdrawn", id)
      let errors = (rows["award_error"] ?? []).filter { $0[0] == .integer(id) }
      let points = errors.reduce(0) { $0 + ($1[2].integer ?? 0) }
      guard points > 0 else { continue }
      put("cover_proposal", [.integer(id), .integer(min(points, -sums[0]))])
      stand("cover-proposed", id)
    }
    for (key, sums) in shelves.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) })
    where sums != [0, 0, 0, 0] {
      put("shelf_item", (key + sums).map(Cell.integer))
      if sums[0] < 0 { stand("stock-negative", key[1], detail: key[0]) }
    }
    for (key, sums) in years.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) })
    where sums != [0, 0] {
      put("year_sheet", (key + sums).map(Cell.integer))
    }
    for (id, sum) in offices.sorted(by: { $0.key < $1.key }) where sum != 0 {
      put("office", [.integer(id), .integer(sum)])
    }
  }

  /// The last day of a year's points: never (0), 31 December, or 31 January two years later.
  static func lastDay(of year: Int64, by rule: Int64) -> Int64 {
    let date =
      rule == 0
      ? nil
      : BusinessDate(
        year: Int(year) + (rule == 1 ? 0 : 2), month: rule == 1 ? 12 : 1, day: 31)
    return date.map { Int64($0.day) } ?? 0
  }

  private func add(_ amounts: [Int64], to sums: inout [Int64]?) {
    sums = zip(sums ?? Array(repeating: 0, count: amounts.count), amounts).map { $0 + $1 }
  }

  func stand(_ reason: String, _ subject: Int64, detail: Int64 = 0) {
    standingDesk.insert("\(reason) \(subject >> 32)-\(subject & 0xFFFF_FFFF) \(detail)")
  }

  func lose(_ points: Int64, creditsOf resident: OpID) {
    lostCredits[resident, default: 0] += points
  }

  func debit(_ points: Int64, withoutStandingFrom resident: OpID) {
    debitsWithoutStanding[resident, default: 0] += points
  }
}
