import Testing

@Suite struct BanRuleTests {
  private func findings(_ source: String, at path: String) -> [String] {
    BanRule(Ban.all).findings(in: SourceFile(path: path, text: source)).map(\.description)
  }

  @Test(
    "finds each ban where it holds",
    arguments: [
      ("let a = try! b()", "Sources/linli/A.swift"), ("a as! B", "Tests/HubTests/A.swift"),
      ("String(format: a)", "Sources/Hub/A.swift"),
      ("DispatchSemaphore(value: 0)", "Sources/Hub/A.swift"),
      ("let a = NSLock()", "Sources/Hub/A.swift"), ("fatalError()", "Sources/Hub/A.swift"),
      ("print(a)", "Sources/Store/A.swift"), ("Swift.print(a)", "Sources/Store/A.swift"),
      ("Data(a)", "Sources/Wire/A.swift"), ("task.cancel()", "Sources/HTTPClient/A.swift"),
      ("JSONEncoder()", "Sources/Office/A.swift"), ("JSONDecoder()", "Sources/HTTP/A.swift"),
      ("JSONSerialization.data(a)", "Sources/OpLog/A.swift"),
      ("try await Task.sleep(for: a)", "Tests/HubTests/A.swift"),
      ("Thread.sleep(forTimeInterval: 1)", "Tests/HubTests/A.swift"),
      ("sleep(1)", "Tests/HubTests/A.swift"), ("Glibc.usleep(1)", "Tests/HubTests/A.swift"),
      ("let a = \"\\(try! b())\"", "Sources/Hub/A.swift"),
    ])
  func found(source: String, path: String) {
    #expect(findings(source, at: path).count == 1)
  }

  @Test(
    "leaves other places, other names, literals, and comments alone",
    arguments: [
      ("print(a)", "Sources/linli/A.swift"), ("print(a)", "Sources/linli-bench/A.swift"),
      ("print(a)", "Tests/HubTests/A.swift"), ("page.print(a)", "Sources/Hub/A.swift"),
      ("func print(a: Int) {}", "Sources/Hub/A.swift"), ("Data(a)", "Sources/Hub/A.swift"),
      ("OpData(a)", "Sources/Wire/A.swift"), ("task.cancel()", "Sources/Hub/A.swift"),
      ("JSONEncoder()", "Sources/linli/A.swift"), ("sleep(1)", "Sources/linli/A.swift"),
      ("guard try !isEmpty else { return }", "Sources/Hub/A.swift"),
      ("// try! it\nlet a = \"as! NSLock\"", "Sources/Hub/A.swift"),
    ])
  func allowed(source: String, path: String) {
    #expect(findings(source, at: path) == [])
  }

  @Test("a finding names its place and the replacement")
  func message() {
    let message = "Sources/Hub/A.swift:2: `NSLock` is banned: use Mutex"
    #expect(findings("\nNSLock()", at: "Sources/Hub/A.swift") == [message])
  }
}
