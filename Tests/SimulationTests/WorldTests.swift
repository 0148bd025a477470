import Simulation
import Testing

/// Seeded worlds; `.ci/run` goes on to many more of them in a release build, which is ten times as fast.
@Suite struct WorldTests {
  /// The first of each ten seeds that are lived through in a row.
  static let tens = stride(from: 1, to: 40, by: 10).map { UInt64($0) }

  /// One after the other: side by side they leave no thread to the tests that wait for answers.
  @Test("every promise holds in every world", .serialized, arguments: tens)
  func promises(first: UInt64) {
    for seed in first..<first + 10 {
      let report = Simulation.run(WorldOptions(seed: seed))
      if let violation = report.violation {
        Issue.record(
          "\(violation.invariant): \(violation.finding); linli simulate --seed \(seed)")
      }
    }
  }

  @Test("one seed tells one story", arguments: [3, 8, 21] as [UInt64])
  func story(seed: UInt64) {
    let options = WorldOptions(seed: seed, keepsTrace: true)
    let (first, second) = (Simulation.run(options), Simulation.run(options))
    #expect(first.trace.lines == second.trace.lines)
    #expect(first.trace.lines.count > 100)
    #expect(first.trace.digest == second.trace.digest)
  }

  @Test("one seed tells one story in two processes")
  func storyElsewhere() async throws {
    let result = await #expect(
      processExitsWith: .success, observing: [\.standardOutputContent]
    ) {
      print("trace \(Simulation.run(WorldOptions(seed: 5)).trace.digest)")
    }
    let output = String(decoding: try #require(result).standardOutputContent, as: UTF8.self)
    let digest = Simulation.run(WorldOptions(seed: 5)).trace.digest
    #expect(output.contains("trace \(digest)"))
  }

  @Test("another seed tells another story")
  func otherStory() {
    let digests = (1...4 as ClosedRange<UInt64>).map {
      Simulation.run(WorldOptions(seed: $0, steps: 20)).trace.digest
    }
    #expect(Set(digests).count == 4)
  }
}
