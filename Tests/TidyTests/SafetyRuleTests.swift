import Testing

@Suite struct SafetyRuleTests {
  private func findings(_ source: String) -> [Int] {
    SafetyRule.findings(in: SourceFile(path: "Sources/Hub/A.swift", text: source)).map(\.line)
  }

  private static let unchecked = [
    "final class A: @unchecked Sendable {}", "nonisolated(unsafe) var a = 1",
    "unowned(unsafe) let a: A", "let a = unsafe b.c()",
  ]

  @Test("unchecked code without a reason is found", arguments: unchecked)
  func missing(code: String) {
    #expect(findings(code) == [1])
    #expect(findings("// SAFETY: too far\n\n\n\n\(code)") == [5])
    #expect(findings("\(code)  // SAFETY: not above") == [1])
    #expect(findings("let a = \"SAFETY:\"\n\(code)") == [2])
  }

  @Test("a reason up to three lines above is enough", arguments: unchecked)
  func given(code: String) {
    #expect(findings("// SAFETY: guarded\n\(code)") == [])
    #expect(findings("// SAFETY: guarded\n// by its queue\n@frozen\n\(code)") == [])
  }

  @Test("checked code needs no reason")
  func checked() {
    #expect(findings("struct A: Sendable {}\nf(unsafe: 1)\nlet b = a.unsafe\n// unsafe a") == [])
  }
}
