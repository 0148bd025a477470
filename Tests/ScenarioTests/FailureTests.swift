import Community
import Conformance
import OpLog
import ScenarioKit
import Testing

/// Scenarios and invariants can fail: what is wrong is found.
@Suite struct FailureTests {
  typealias Change = @Sendable (inout Scenario) -> Void

  static let changes: [(what: String, change: Change)] = [
    ("a cell", { $0.expectation.rows[1].columns = [("balance", "4")] }),
    ("a row that is there", { $0.expectation.rows[1].columns = nil }),
    ("a row that is not there", { $0.expectation.rows[1].key = ["$snow"] }),
    ("an outcome", { $0.expectation.outcomes = [("own", "duplicate")] }),
    ("an entry too many", { $0.expectation.desk = [] }),
    (
      "an entry too few",
      { $0.expectation.desk?.append(.init(reason: "overdrawn", subject: "$liu")) }
    ),
    (
      "a number of rows",
      { $0.expectation.counts = [.init(table: "award", columns: [("points", "3")], number: 2)] }
    ),
    ("a refusal that does not come", { $0.steps[0] = refused($0.steps[0]) }),
    (
      "a refusal that comes",
      { $0.steps.append(.record(.init(place: "A", kind: "award.reverse", fields: reversal))) }
    ),
  ]

  private static let reversal = [(name: "award", value: "$guest"), ("cause", "fraud")]

  private static func refused(_ step: Scenario.Step) -> Scenario.Step {
    guard case .record(var record) = step else { return step }
    record.refusal = "not-enough-points"
    record.name = nil
    return .record(record)
  }

  @Test("a wrong expectation is found", arguments: changes.indices)
  func expectations(index: Int) async throws {
    let (what, change) = Self.changes[index]
    var scenario = try ScenarioFiles.scenario("double-award")
    if what == "a refusal that does not come" {
      scenario.steps = Array(scenario.steps.prefix(1))
      scenario.expectation = Expectation()
    }
    change(&scenario)
    var run = ScenarioRun(scenario, on: try CorePlayer())
    try await run.play()
    #expect(!run.findings.isEmpty, "\(what)")
  }

  @Test(
    "a broken invariant is found",
    arguments: Dictionary(grouping: Fault.allCases, by: \.scenario).sorted { $0.key < $1.key })
  func invariants(scenario: String, faults: [Fault]) async throws {
    let player = try CorePlayer()
    var run = ScenarioRun(try ScenarioFiles.scenario(scenario), on: player)
    try await run.play()
    let view = try player.view(of: "A")
    #expect(try run.findings(in: view, at: "A").isEmpty)
    for fault in faults {
      let findings = try run.findings(in: BrokenView(whole: view, fault: fault), at: "A")
      #expect(findings.contains { $0.contains(fault.finding) }, "\(fault): \(findings)")
    }
  }

  @Test func `places that hold the same ops and differ are found`() async throws {
    let player = try CorePlayer()
    var run = ScenarioRun(try ScenarioFiles.scenario("double-award"), on: player)
    try await run.play()
    let (a, b) = (try player.view(of: "A"), try player.view(of: "B"))
    #expect(try Invariants.findings(between: [("A", a), ("B", b)]).isEmpty)
    let broken = BrokenView(whole: b, fault: nil)
    #expect(try !Invariants.findings(between: [("A", a), ("B", broken)]).isEmpty)
  }
}

/// What can be wrong with a replica.
enum Fault: CaseIterable {
  case sum, award, desk, balance, expiry, shelf, outcome, lost, twice, onePerson, phone, month,
    hours, coins, coinsKept, limit, untold

  /// After which scenario it is planted.
  var scenario: String {
    switch self {
    case .sum, .award, .desk, .balance: "reversed-after-spent"
    case .expiry: "year-cleared"
    case .shelf, .outcome, .onePerson: "late-entry"
    case .lost, .twice, .phone, .hours: "double-award"
    case .month: "closed-month"
    case .coins, .coinsKept: "coins-exact"
    case .limit: "older-counter"
    case .untold: "older-work"
    }
  }

  /// What a finding says of it.
  var finding: String {
    switch self {
    case .sum: "is not the sum of what is posted on it"
    case .award: "counts twice"
    case .desk: "a row's entry is not on the desk"
    case .balance: "account ["
    case .expiry: "expiry ["
    case .shelf: "shelf_item ["
    case .outcome: "is pending, but posted in redemption"
    case .lost: "has no outcome"
    case .twice: "count both: award.grant"
    case .onePerson: "decides about what"
    case .phone, .untold: "holds a phone or ID number"
    case .month: "is closed, and its totals changed"
    case .hours: "person-times"
    case .coins: "is posted, but void in coin_move"
    case .coinsKept: "is void, but posted in coin_move"
    case .limit: "are over their limit, by the rules"
    }
  }
}

/// A replica of which one thing is wrong, or the digest where no fault is named.
private struct BrokenView: ReplicaView {
  let whole: any ReplicaView
  let fault: Fault?

  func rows(of table: Table) throws -> [[Cell]] {
    var rows = try whole.rows(of: table)
    switch (fault, table.name) {
    case (.sum, "account"), (.balance, "account"): rows[0][1] = .integer(100)
    case (.expiry, "expiry"): rows[0][2] = .integer(100)
    case (.shelf, "shelf_item"): rows[0][2] = .integer(100)
    case (.onePerson, "staff"): for row in rows.indices { rows[row][6] = .integer(1) }
    case (.coins, "coin_move"): rows[0][3] = .text("void")
    case (.limit, "item_take"): for row in rows.indices { rows[row][9] = .integer(1) }
    case (.award, "award"):
      rows[0][5] = .text("posted")
      rows.append(rows[0])
    default: break
    }
    return rows
  }

  func verdict(of id: OpID) throws -> Verdict? {
    let verdict = try whole.verdict(of: id)
    switch fault {
    case .outcome: return Verdict(.pending)
    case .coinsKept: return Verdict(.void)
    case .lost: return nil
    case .twice: return verdict?.outcome == .duplicate ? .plain : verdict
    default: return verdict
    }
  }

  func doubles() throws -> [OpID: OpID] { try whole.doubles() }

  func op(_ id: OpID) throws -> Op { try whole.op(id) }

  func facts() throws -> [Conformance.Fact] {
    let facts = try whole.facts()
    guard fault == .phone else { return facts }
    return try facts.map { fact in
      guard let kind = fact.kind, kind.name == "activity.publish", var payload = fact.payload,
        let title = payload.values.firstIndex(of: .text("扫雪"))
      else { return fact }
      payload.values[title] = .text("扫雪,13812345678")
      var fields = OpFields(
        id: fact.op.id, stamp: fact.op.stamp, kind: kind.number, occurredOn: fact.op.occurredOn,
        payload: try kind.schema.encode(payload))
      fields.actor = fact.op.actor
      return Conformance.Fact(try Op(fields), hash: fact.hash)
    }
  }

  func figures(of month: BusinessDate, in community: OpID) throws -> [Int64] {
    try whole.figures(of: month, in: community).map { fault == .month ? $0 + 1 : $0 }
  }

  func attendance() throws -> [OpID: Attendance] {
    try whole.attendance().mapValues { real in
      fault == .hours ? Attendance(personTimes: real.personTimes, minutes: real.minutes + 1) : real
    }
  }

  func hash(of id: OpID) throws -> Digest? { try whole.hash(of: id) }

  func desk() throws -> Set<DeskEntry> {
    let entries = fault == .desk ? [] : try whole.desk()
    return fault == .untold ? entries.filter { $0.reason != .personalData } : entries
  }

  func heads() throws -> [ReplicaID: UInt64] { try whole.heads() }

  func digest() throws -> String { fault == nil ? "" : try whole.digest() }
}
