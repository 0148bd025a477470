import SQLite
import Testing

@testable import Store

/// What each sync asks about former ids.
@Suite struct RejoinIndexTests {
  @Test("whether something is to be recorded again is read from an index of nothing else")
  func pending() throws {
    let connection = try Street.makeStore(4097).connection
    let plan = try connection.prepare(text: "EXPLAIN QUERY PLAN \(Store.isPending)")
    var steps: [String] = []
    while try plan.step() { steps.append(plan.text(3)) }
    #expect(steps.count == 1 && steps[0].contains("former_pending"), "\(steps)")
  }
}
