import Community
import Foundation
import Testing

/// One after another, because several of them may write `Protocol/state.md` anew.
@Suite(.serialized) struct OpsDocumentTests {
  /// `LINLI_RECORD=1 swift test --filter OpsDocumentTests` writes the tables anew.
  @Test("Protocol/ops.md holds the catalogue's own table")
  func tableIsGenerated() throws {
    try check("\n" + CatalogueTable.markdown + "\n", between: "catalogue", in: "ops.md")
  }

  @Test("Protocol/state.md holds the tables that there are")
  func tablesAreGenerated() throws {
    try check(CatalogueTable.tables, between: "tables", in: "state.md")
  }

  @Test("Protocol/state.md says which columns are text and which may be null")
  func cellsAreGenerated() throws {
    try check(StateDocument.cells, between: "cells", in: "state.md")
  }

  @Test("Protocol/state.md says how each entry of the desk may end")
  func outcomesAreGenerated() throws {
    try check(StateDocument.outcomes, between: "outcomes", in: "state.md")
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

/// Tables of `Protocol/state.md` that follow from the program.
private enum StateDocument {
  /// The columns of each table that are text, and those that may be null.
  static var cells: String {
    let rows = Tables.all.sorted { $0.number < $1.number }.compactMap { table -> String? in
      let texts = table.columns.filter(\.isText).map(\.name)
      let optionals = table.columns.filter(\.isOptional).map(\.name)
      guard !texts.isEmpty || !optionals.isEmpty else { return nil }
      return "| `\(table.name)` | \(listed(texts)) | \(listed(optionals)) |"
    }
    return markdown(["table", "text", "may be null"], rows)
  }

  /// The outcomes that each reason allows, and whether its entries end by themselves.
  static var outcomes: String {
    let rows = DeskReason.allCases.map { reason in
      let outcomes = reason.resolutions.map { "`\($0.name)`" }
      let endsByItself = outcomes.isEmpty ? "yes" : "no"
      return "| `\(reason.rawValue)` | \(listed(outcomes)) | \(endsByItself) |"
    }
    return markdown(["reason", "outcomes", "ends by itself"], rows)
  }

  private static func listed(_ names: [String]) -> String {
    names.isEmpty ? "–" : names.joined(separator: ", ")
  }

  private static func markdown(_ head: [String], _ rows: [String]) -> String {
    let lines = [
      "| " + head.joined(separator: " | ") + " |",
      "|" + head.map { _ in "---|" }.joined(),
    ]
    return (lines + rows).joined(separator: "\n") + "\n"
  }
}

enum Repository {
  /// The folder with Package.swift.
  static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
}
