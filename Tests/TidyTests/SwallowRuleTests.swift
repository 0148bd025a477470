import Testing

@Suite struct SwallowRuleTests {
  private func findings(_ source: String, path: String = "Sources/Hub/A.swift") -> [Int] {
    SwallowRule.findings(in: SourceFile(path: path, text: source)).map(\.line)
  }

  @Test(
    "an argument that may fail is found behind `try?`",
    arguments: [
      "let a = try? f(try g())", "let a = try? b.c.f(1, d(try g()))", "let a = try? f([try g()])",
      "guard let a = try? schema.decode(\n  try state.op(id)) else { return }",
    ])
  func swallowed(code: String) {
    #expect(findings("\n\(code)") == [2])
    #expect(findings(code, path: "Tests/HubTests/ATests.swift").isEmpty)
  }

  @Test("what is swallowed by itself is not found")
  func plain() {
    let code = """
      let a = try? f(g())
      let b = try f(try g())
      let c = (try? f(), try g())
      let d = try? f { () throws(E) in try g() }
      // try? f(try g())
      let e = "try? f(try g())"
      if let f = try? g, let h = i(try j()) {}
      """
    #expect(findings(code).isEmpty)
  }
}
