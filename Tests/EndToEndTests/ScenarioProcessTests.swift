import Community
import Conformance
import ScenarioKit
import Testing

/// Every file of `Fixtures/scenarios`, on real processes.
@Suite struct ScenarioProcessTests {
  /// How many scenarios are played beside each other on the one hub.
  static let lanes = 6

  /// Longer ones would only wait for the disk; the cores play them.
  static let stepsMax = 300

  @Test func `scenarios come out on real processes as they say`() async throws {
    let street = try await ScenarioStreet()
    let scenarios = try ScenarioFiles.names.map(ScenarioFiles.scenario).filter {
      $0.steps.count <= Self.stepsMax
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for lane in 0..<Self.lanes {
        group.addTask {
          for index in stride(from: lane, to: scenarios.count, by: Self.lanes) {
            try await Self.play(scenarios[index], on: street)
          }
        }
      }
      try await group.waitForAll()
    }
  }

  private static func play(_ scenario: Scenario, on street: ScenarioStreet) async throws {
    let player = ProcessPlayer(street)
    var run = ScenarioRun(scenario, on: player)
    try await run.play()
    for finding in run.findings { Issue.record("\(finding)") }
    try await expectWords(of: scenario, on: player)
    await player.end()
  }

  /// What is on the desk at the end is worded as the scenario says.
  private static func expectWords(
    of scenario: Scenario, on player: ProcessPlayer
  ) async throws {
    let reasons = Set((scenario.expectation.desk ?? []).map(\.reason))
    guard !reasons.isEmpty, let office = scenario.offices.first else { return }
    let chinese = try await player.deskWords(of: office.name, in: "zh")
    let english = try await player.deskWords(of: office.name, in: "en")
    for reason in reasons {
      #expect(chinese[reason] == scenario.words[reason]?.chinese, "\(scenario.name): \(reason)")
      #expect(english[reason] == scenario.words[reason]?.english, "\(scenario.name): \(reason)")
    }
  }
}
