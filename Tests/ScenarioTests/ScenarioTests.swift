import Community
import Conformance
import Pages
import ScenarioKit
import Store
import Testing

/// Every file of `Fixtures/scenarios`, on the cores and on the folds.
@Suite struct ScenarioTests {
  /// In how many orders the folds take the ops; a large log costs what many small ones do.
  private static func orders(of folds: FoldCheck) -> ClosedRange<UInt64> {
    folds.deliveries.count > 500 ? 1...2 : 1...20
  }

  @Test("scenarios come out as they say", arguments: ScenarioFiles.names)
  func cores(name: String) async throws {
    let player = try CorePlayer()
    let scenario = try ScenarioFiles.scenario(name)
    var run = ScenarioRun(scenario, on: player)
    try await run.play()
    for finding in run.findings { Issue.record("\(finding)") }

    // From here on all replicas hold all ops, but for those that were retired.
    let hub = try player.store(of: Scenario.hub)
    let places = try run.places.filter { place in
      try !hub.isRetired(player.store(of: place).identity.replica)
    }
    for _ in 1...2 { for place in places where place != Scenario.hub { try player.sync(place) } }
    let folds = try FoldCheck(hub)
    for place in places {
      let store = try player.store(of: place)
      let view = try player.view(of: place)
      let findings = try folds.findings(
        against: store, desk: view.desk(), resolved: Invariants.resolved(in: view))
      for finding in findings {
        Issue.record("\(name), at \(place): \(finding)")
      }
    }
    for finding in try ReportTotals.findings(hub) + PublicOutputs.findings(hub, scenario) {
      Issue.record("\(name), \(finding)")
    }
    for seed in Self.orders(of: folds) {
      for finding in folds.findings(seed: seed) { Issue.record("\(name), \(finding)") }
    }
  }

  @Test("their words are those of the desk", arguments: ScenarioFiles.names)
  func words(name: String) throws {
    for (code, words) in try ScenarioFiles.scenario(name).words {
      let reason = try #require(DeskReason(rawValue: code), "\(code)")
      #expect(words == reason.words, "\(name): \(code)")
    }
  }
}
