import Testing

/// The rules, applied to the repository itself.
@Suite("The repository is tidy") struct RepositoryTests {
  @Test("modules import only what the table allows") func imports() throws {
    report(ImportRule.findings(modules: try Repository.modules(), rows: ImportTable.rows))
    try reportSwift { ImportRule.findings(in: $0, rows: ImportTable.rows) }
  }

  @Test("files and functions are short") func sizes() throws {
    try reportSwift(SizeRule.findings)
  }

  @Test("banned code is not used") func bans() throws {
    try reportSwift(BanRule(Ban.all).findings)
  }

  @Test("SQLite and SQL stay in their modules") func database() throws {
    try reportSwift(DatabaseRule.findings)
  }

  @Test("unchecked code says what guards it") func safety() throws {
    try reportSwift(SafetyRule.findings)
  }

  @Test("no `try?` swallows more than the call behind it") func swallowed() throws {
    try reportSwift(SwallowRule.findings)
  }

  @Test("declarations for other modules are documented") func documentation() throws {
    try reportSwift(DocumentationRule.findings)
  }

  @Test("no text holds a leftover marker or a path of a workplace") func texts() throws {
    let files = try Repository.textFiles.get()
    report(files.flatMap { TextRule.findings(path: $0.path, text: $0.text) })
  }

  @Test("the top level is what a newcomer expects, without packages") func layout() throws {
    report(LayoutRule.findings(topLevel: try Repository.topLevel()))
    let manifest = try #require(
      try Repository.swiftFiles.get().first { $0.path == "Package.swift" })
    report(LayoutRule.findings(manifest: manifest))
  }

  private func reportSwift(_ rule: (SourceFile) -> [Finding]) throws {
    let files = try Repository.swiftFiles.get()
    #expect(files.contains { $0.isTest })
    report(files.flatMap(rule))
  }

  private func report(_ findings: [Finding]) {
    for finding in findings { Issue.record("\(finding)") }
  }
}
