import Community
import Conformance
import Hub
import OpLog
import Testing
import Wire

/// The conformance runner against hubs that break one rule each.
@Suite struct BrokenHubTests {
  @Test("the hub as it is fails no rule, and nothing stands in the way of one")
  func soundHub() throws {
    for result in try HubBench(nil).results() {
      switch result.outcome {
      case .passed: break
      case .notTested: #expect(result.rule.reason != nil, "\(result.rule.id)")
      case .failed(let finding), .blocked(let finding):
        Issue.record("\(result.rule.id): \(finding)")
      }
    }
  }

  @Test(
    "a broken hub fails exactly the rules that it breaks",
    arguments: HubFault.all)
  func brokenHub(fault: HubFault) throws {
    let results = try HubBench(fault).results()
    var failed: Set<String> = []
    var blocked: [String] = []
    for result in results {
      if case .failed = result.outcome { failed.insert(result.rule.id) }
      if case .blocked(let finding) = result.outcome {
        blocked.append("\(result.rule.id): \(finding)")
      }
    }
    let surplus = results.filter {
      !fault.breaks.contains($0.rule.id) && failed.contains($0.rule.id)
    }
    #expect(failed == fault.breaks, "\(surplus.map { "\($0.rule.id) \($0.outcome)" })")
    #expect(blocked.isEmpty || fault.blocks, "\(blocked)")
  }

  @Test("what a hub need not offer is not tested where it does not offer it")
  func absent() throws {
    let bench = try HubBench(
      HubFault("gives no checkpoint", []) { hub, call in
        guard call.path.starts(with: ["v1", "checkpoint"]) else { return hub.real(call) }
        return hub.core.answer(Problem(.notFound, detail: "there is no such address"))
      })
    let results = bench.results(only: ["checkpoint", "sync.1.1"])
    let tested = results.filter { $0.outcome == .passed }.map(\.rule.id)
    #expect(tested == ["sync.1.1.a", "sync.1.1.b"])
    for result in results where !tested.contains(result.rule.id) {
      guard case .notTested(let reason) = result.outcome else {
        Issue.record("\(result.rule.id): \(result.outcome)")
        continue
      }
      #expect(reason.english.contains("no checkpoint"))
    }
    #expect(results.count == 7)
  }

  /// What no filter between the server and the hub can break: bytes that make no request, and the chain
  /// of the hub's own log.
  private static let beyondFilters: Set<String> = [
    "errors.1.3.a", "limits.0.a", "canonical.3.3.a", "bundle.7.1.b",
  ]

  @Test("each rule that can be tested is broken by a hub, and each hub has a name of its own")
  func coverage() {
    let faults = HubFault.all
    let broken = faults.reduce(into: Set<String>()) { $0.formUnion($1.breaks) }
    let testable = Set(ConformanceRule.all.filter { $0.reason == nil }.map(\.id))
    #expect(broken == testable.subtracting(Self.beyondFilters))
    #expect(faults.count >= 25)
    #expect(Set(faults.map(\.name)).count == faults.count)
  }
}
