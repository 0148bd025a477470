import Testing

@Suite struct TextRuleTests {
  private func findings(_ text: String) -> [Int] {
    TextRule.findings(path: "README.md", text: text).map(\.line)
  }

  @Test("markers of unfinished work are found", arguments: ["TO" + "DO", "FIX" + "ME", "XX" + "X"])
  func markers(marker: String) {
    #expect(findings("a\n// \(marker): later") == [2])
    #expect(findings("\(marker)(me)") == [1])
    #expect(findings("A\(marker) \(marker)A \(marker)\(marker)") == [])
  }

  @Test("paths of a workplace are found", arguments: ["/" + "work/a", ".." + "/shared"])
  func workplaces(path: String) {
    #expect(findings("see `\(path)`") == [1])
    #expect(findings("a/net\(path)ed") == [])
  }
}
