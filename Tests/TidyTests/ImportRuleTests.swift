import Testing

@Suite struct ImportRuleTests {
  private func findings(_ source: String, in module: String) -> [Int] {
    let file = SourceFile(path: "Sources/\(module)/A.swift", text: source)
    return ImportRule.findings(in: file, rows: ImportTable.rows).map(\.line)
  }

  @Test(
    "sees an import in each of its forms",
    arguments: [
      "import Store", "@testable import Store", "package import Store", "public import Store",
      "import struct Store.Log", "import Store.Log", "#if DEBUG\nimport Store\n#endif",
      "@preconcurrency\nimport Store", "import OpLog; import Store", "import Foundation",
    ])
  func forms(source: String) {
    #expect(findings(source, in: "Wire").count == 1)
  }

  @Test("allows what the table names, and nothing that only looks like an import")
  func allowed() {
    #expect(findings("import OpLog\n// import Store\nlet a = \"import Store\"", in: "Wire") == [])
    #expect(findings("import Glibc\nimport CSQLite", in: "SQLite") == [])
    #expect(findings("import Hub\nimport Foundation", in: "linli") == [])
    #expect(findings("page.import(Store)", in: "Wire") == [])
  }

  @Test("keeps the hub and the office apart")
  func hubAndOffice() {
    #expect(findings("import Office", in: "Hub") == [1])
    #expect(findings("import Hub", in: "Office") == [1])
  }

  @Test("asks for a row for a new module")
  func unknownModule() {
    let findings = ImportRule.findings(modules: ["Wire", "Extra"], rows: ImportTable.rows)
    #expect(findings.map(\.path) == ["Sources/Extra"])
  }

  @Test("rows name only modules that have a row")
  func closedTable() {
    let named = ImportTable.rows.values.reduce(into: Set()) { $0.formUnion($1.ours) }
    #expect(named.subtracting(ImportTable.rows.keys) == [])
  }
}
