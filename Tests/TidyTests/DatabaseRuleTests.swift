import Testing

@Suite struct DatabaseRuleTests {
  private func findings(_ source: String, at path: String) -> [Int] {
    DatabaseRule.findings(in: SourceFile(path: path, text: source)).map(\.line)
  }

  @Test("the library is called by SQLite alone")
  func calls() {
    #expect(findings("\nsqlite3_step(a)", at: "Sources/Store/A.swift") == [2])
    #expect(findings("\nsqlite3_step(a)", at: "Tests/StoreTests/A.swift") == [2])
    #expect(findings("sqlite3_step(a)", at: "Sources/SQLite/A.swift") == [])
    #expect(findings("// sqlite3_step\nlet a = \"sqlite3_step\"", at: "Sources/Hub/A.swift") == [])
  }

  @Test(
    "SQL is found outside storage",
    arguments: [
      "SELECT seq FROM op", "INSERT INTO op VALUES (1)", "UPDATE op SET seq = 1",
      "DELETE FROM op", "\n  SELECT seq\n",
    ])
  func sql(statement: String) {
    let source = "let a = \"\"\"\(statement)\"\"\""
    #expect(findings(source, at: "Sources/Hub/A.swift") == [1])
    for place in ["Sources/Store", "Sources/SQLite", "Sources/linli-bench", "Tests/HubTests"] {
      #expect(findings(source, at: place + "/A.swift") == [])
    }
  }

  @Test("words that only look like SQL are not", arguments: ["DELETE", "UPDATED a", "Select one"])
  func prose(text: String) {
    #expect(findings("let a = \"\(text)\"", at: "Sources/Hub/A.swift") == [])
  }
}
