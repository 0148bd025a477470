import Community
import Foundation
import Testing

@Suite struct OpsDocumentTests {
  /// `LINLI_RECORD=1 swift test --filter OpsDocumentTests` writes the table anew.
  @Test("Protocol/ops.md holds the catalogue's own table")
  func tableIsGenerated() throws {
    let file = Repository.root.appending(path: "Protocol/ops.md")
    let text = try String(contentsOf: file, encoding: .utf8)
    let begin = try #require(text.range(of: "<!-- catalogue begins -->\n"))
    let end = try #require(text.range(of: "<!-- catalogue ends -->"))
    let table = "\n" + CatalogueTable.markdown + "\n"
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
