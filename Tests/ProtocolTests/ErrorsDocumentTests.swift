import Foundation
import Testing
import Wire

@Suite struct ErrorsDocumentTests {
  /// `LINLI_RECORD=1 swift test --filter ErrorsDocumentTests` writes the table anew.
  @Test("Protocol/errors.md holds the program's own table of problems")
  func tableIsGenerated() throws {
    var rows = [
      "| type | status | retry | meaning | 该怎么办 | what to do |", "|---|---|---|---|---|---|",
    ]
    for kind in ProblemKind.allCases {
      let cells = [
        "`\(kind.rawValue)`", "\(kind.status)", kind.isWorthRetrying ? "yes" : "no", kind.title,
        kind.advice.chinese, kind.advice.english,
      ]
      rows.append("| " + cells.joined(separator: " | ") + " |")
    }
    let table = "\n" + rows.joined(separator: "\n") + "\n\n"
    let file = Repository.root.appending(path: "Protocol/errors.md")
    let text = try String(contentsOf: file, encoding: .utf8)
    let begin = try #require(text.range(of: "<!-- problems begin -->\n"))
    let end = try #require(text.range(of: "<!-- problems end -->"))
    if ProcessInfo.processInfo.environment["LINLI_RECORD"] == "1" {
      let new = text.replacingCharacters(in: begin.upperBound..<end.lowerBound, with: table)
      try new.write(to: file, atomically: true, encoding: .utf8)
    } else {
      #expect(String(text[begin.upperBound..<end.lowerBound]) == table)
    }
  }
}
