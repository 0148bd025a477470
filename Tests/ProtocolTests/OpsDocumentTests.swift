import Community
import Foundation
import Testing

@Suite struct OpsDocumentTests {
  /// `LINLI_RECORD=1 swift test --filter OpsDocumentTests` writes the tables anew.
  @Test("Protocol/ops.md holds the catalogue's own table")
  func tableIsGenerated() throws {
    try check("\n" + CatalogueTable.markdown + "\n", between: "catalogue", in: "ops.md")
  }

  @Test("Protocol/state.md holds the tables that there are")
  func tablesAreGenerated() throws {
    try check(CatalogueTable.tables, between: "tables", in: "state.md")
  }

  private func check(_ table: String, between mark: String, in document: String) throws {
    let file = Repository.root.appending(path: "Protocol/" + document)
    let text = try String(contentsOf: file, encoding: .utf8)
    let begin = try #require(text.range(of: "<!-- \(mark) begins -->\n"))
    let end = try #require(text.range(of: "<!-- \(mark) ends -->"))
    if ProcessInfo.processInfo.environment["LINLI_RECORD"] == "1" {
      let new = text.replacingCharacters(in: begin.upperBound..<end.lowerBound, with: table)
      try new.write(to: file, atomically: true, encoding: .utf8)
    } else {
      #expect(String(text[begin.upperBound..<end.lowerBound]) == table)
    }
  }
}

enum Repository {
  /// The folder with Package.swift.
  static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
}
