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

  @Test("a broken invariant is found", arguments: ["account", "award", "desk", "digest"])
  func invariants(what: String) async throws {
    let player = try CorePlayer()
    var run = ScenarioRun(try ScenarioFiles.scenario("reversed-after-spent"), on: player)
    try await run.play()
    let view = try player.view(of: "A")
    #expect(try Invariants.findings(in: view).isEmpty)
    let broken = BrokenView(whole: view, what: what)
    let findings =
      try Invariants.findings(in: broken)
      + Invariants.findings(between: [("A", view), ("B", broken)])
    #expect(!findings.isEmpty)
  }
}

/// A replica of which one thing is wrong.
private struct BrokenView: ReplicaView {
  let whole: any ReplicaView
  let what: String

  func rows(of table: Table) throws -> [[Cell]] {
    var rows = try whole.rows(of: table)
    if table.name == "account", what == "account" { rows[0][1] = .integer(100) }
    if table.name == "award", what == "award" {
      rows[0][5] = .text("posted")
      rows.append(rows[0])
    }
    return rows
  }

  func verdict(of id: OpID) throws -> Verdict? { try whole.verdict(of: id) }

  func hash(of id: OpID) throws -> Digest? { try whole.hash(of: id) }

  func desk() throws -> Set<DeskEntry> { what == "desk" ? [] : try whole.desk() }

  func heads() throws -> [ReplicaID: UInt64] { try whole.heads() }

  func digest() throws -> String { what == "digest" ? "" : try whole.digest() }
}
