import Foundation
import Testing

/// Protocol/guarantees.md names tests as proof: `Suite/File`: *name*.
@Suite struct GuaranteesDocumentTests {
  @Test("every test that Protocol/guarantees.md names is there")
  func testsExist() throws {
    let proofs = try Self.document().matches(of: /`([A-Za-z]+Tests\/[A-Za-z]+)`: \*([^*]+)\*/)
    #expect(proofs.count > 50)
    for proof in proofs {
      let file = Repository.root.appending(path: "Tests/\(proof.1).swift")
      let source = try String(contentsOf: file, encoding: .utf8)
      let name = proof.2
      #expect(
        source.contains("@Test(\"\(name)\"") || source.contains("@Test func `\(name)`")
          || source.contains("@Test(\n    \"\(name)\","), "\(proof.0)")
    }
  }

  @Test("every invariant of Protocol/guarantees.md has a proof")
  func invariantsAreProved() throws {
    let document = try Self.document()
    let defined = document.matches(of: /\n\| \*\*(I[0-9]+)\*\* \|/).map { String($0.1) }
    #expect(defined == (1...15).map { "I\($0)" })
    let lines = document.split(separator: "\n").filter { $0.contains("Tests/") }
    for invariant in defined {
      let proofs = lines.filter { line in
        line.matches(of: /I[0-9]+/).contains { $0.0 == invariant }
      }
      #expect(!proofs.isEmpty, "\(invariant)")
    }
  }

  private static func document() throws -> String {
    try String(
      contentsOf: Repository.root.appending(path: "Protocol/guarantees.md"), encoding: .utf8)
  }
}
