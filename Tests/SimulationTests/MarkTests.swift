import Foundation
import Simulation
import Testing

/// What a long run must hit, and what it need not.
@Suite struct MarkTests {
  private static let tests = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent()

  @Test("what worlds do not reach, a test that is there plays")
  func exceptions() throws {
    for (mark, proof) in Marks.elsewhere {
      let file = Self.tests.appending(path: "\(proof.file).swift")
      let source = try String(contentsOf: file, encoding: .utf8)
        .replacing("@Test(\n    \"", with: "@Test(\"")
      #expect(
        source.contains("@Test(\"\(proof.test)\"") || source.contains("func `\(proof.test)`"),
        "\(mark): \(proof)")
      #expect(Marks.families.contains(mark), "\(mark) is no mark")
    }
  }

  @Test("nothing is asked of worlds twice")
  func required() { #expect(Set(Marks.families).count == Marks.families.count) }

  @Test("whatever a world hits is asked of a long run, or excused")
  func known() {
    for seed in 1...8 as ClosedRange<UInt64> {
      let hits = Simulation.run(WorldOptions(seed: seed)).marks.all.map(\.name)
      #expect(hits.filter { !Marks.families.contains($0) } == [], "seed \(seed)")
    }
  }
}
