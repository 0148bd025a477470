import Community
import Conformance
import ScenarioKit
import Testing

/// The files of `Fixtures/scenarios`, on real processes.
@Suite struct ScenarioProcessTests {
  /// How many scenarios are played beside each other on the one hub.
  static let lanes = 6

  @Test func `scenarios come out on real processes as they say`() async throws {
    let street = try await ScenarioStreet()
    // The longest first, so that no lane is left alone with it.
    let scenarios = try ScenarioFiles.names.map(ScenarioFiles.scenario)
      .sorted { $0.steps.count > $1.steps.count }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for lane in 0..<Self.lanes {
        group.addTask {
          for index in stride(from: lane, to: scenarios.count, by: Self.lanes) {
            let language = index.isMultiple(of: 2) ? Language.chinese : .english
            try await Self.play(scenarios[index], on: street, desk: language)
          }
        }
      }
      try await group.waitForAll()
    }
  }

  private static func play(
    _ scenario: Scenario, on street: ScenarioStreet, desk language: Language
  ) async throws {
    let player = ProcessPlayer(street)
    var run = ScenarioRun(scenario, on: player)
    try await run.play()
    for finding in run.findings { Issue.record("\(finding)") }
    try await expectWords(of: scenario, on: player, in: language)
    await player.end()
  }

  /// What is on the desk at the end is worded as the scenario says, in one of its languages: that the
  /// words of both are those of the program, `ScenarioTests` tells.
  private static func expectWords(
    of scenario: Scenario, on player: ProcessPlayer, in language: Language
  ) async throws {
    let reasons = Set((scenario.expectation.desk ?? []).map(\.reason))
    guard !reasons.isEmpty, let office = scenario.offices.first else { return }
    let words = try await player.deskWords(of: office.name, in: language.rawValue)
    for reason in reasons {
      let expected = scenario.words[reason].map { language($0) }
      #expect(words[reason] == expected, "\(scenario.name): \(reason)")
    }
  }
}
