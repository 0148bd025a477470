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
    arguments: HubFault.pushes + HubFault.replies + HubFault.others)
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

  @Test("there are at least 25 broken hubs, and each has a name of its own")
  func count() {
    let faults = HubFault.pushes + HubFault.replies + HubFault.others
    #expect(faults.count >= 25)
    #expect(Set(faults.map(\.name)).count == faults.count)
  }
}
