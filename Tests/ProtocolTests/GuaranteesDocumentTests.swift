import Foundation
import Testing

/// Protocol/guarantees.md and conformance.md name tests as proof: `Suite/File`: *name*.
@Suite struct GuaranteesDocumentTests {
  @Test(
    "every test that a document names as proof is there",
    arguments: [("guarantees", 50), ("conformance", 4)])
  func testsExist(document: (name: String, proofs: Int)) throws {
    let text = try Self.document(document.name)
    let proofs = text.matches(of: /`([A-Za-z]+Tests\/[A-Za-z]+)`: \*([^*]+)\*/)
    #expect(proofs.count > document.proofs)
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
    let document = try Self.document("guarantees")
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

  @Test("every rule that no line shows has a proof from inside")
  func untestableRulesAreProved() throws {
    let document = try Self.document("conformance")
    let end = try #require(document.range(of: "<!-- rules end -->"))
    let untestable = document[..<end.lowerBound].matches(
      of: /\n\| `([a-z0-9.]+)` \|[^\n]*\| not testable:/)
    #expect(!untestable.isEmpty)
    let next = try #require(document.range(of: "\n## 5. "))
    let proofs = document[end.upperBound..<next.lowerBound]
    for rule in untestable { #expect(proofs.contains("`\(rule.1)`"), "\(rule.1)") }
  }

  private static func document(_ name: String) throws -> String {
    try String(
      contentsOf: Repository.root.appending(path: "Protocol/\(name).md"), encoding: .utf8)
  }
}
