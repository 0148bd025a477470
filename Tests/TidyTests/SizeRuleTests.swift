import Testing

@Suite struct SizeRuleTests {
  private func findings(_ source: String) -> [Finding] {
    SizeRule.findings(in: SourceFile(path: "Sources/Hub/A.swift", text: source))
  }

  private func lines(_ count: Int, of text: String = "work()") -> String {
    String(repeating: text + "\n", count: count)
  }

  @Test("a file may have 600 lines, not 601")
  func files() {
    #expect(findings(lines(600)).isEmpty)
    #expect(findings(lines(601)).map(\.line) == [601])
  }

  @Test(
    "a function may have 70 lines, not 71",
    arguments: [
      "func f() {", "init?(a: Int = 1) {", "deinit {", "subscript(i: Int) -> Int {",
      "func < (a: A, b: A) throws(E) -> [Int] {", "func f(a: () -> Void = {}) where A: B {",
      "func actor<T>(_ a: T) {",
    ])
  func functions(header: String) {
    #expect(findings("\n\(header)\n\(lines(68))}").isEmpty)
    #expect(findings("\n\(header)\n\(lines(69))}").map(\.line) == [2])
  }

  @Test("braces in literals, comments, and interpolations move no end")
  func braces() {
    let odd = "let a = \"}\" // }\nlet b = \"\"\"\n}}\n\"\"\"\nlet c = \"\\(d { 1 })\"\n"
    #expect(findings("func f() {\n\(odd)}\n\(lines(80))").isEmpty)
    #expect(findings("func f() {\n\(odd)\(lines(80))}").count == 1)
  }

  @Test("a requirement without a body doesn't take the body of what follows")
  func requirements() {
    let long = "struct A {\n\(lines(80, of: "  case a"))}"
    #expect(findings("protocol P {\n  func f()\n  init(a: Int)\n}\n\(long)").isEmpty)
    #expect(findings("func f() { a.init(1) }\nfunc g() { self.init() }\n\(long)").isEmpty)
  }
}
