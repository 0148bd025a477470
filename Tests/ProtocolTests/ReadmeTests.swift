import Foundation
import Testing

@Suite struct ReadmeTests {
  @Test("README.md shows the example that the tests run")
  func example() throws {
    let source = try text("Tests/OfficeTests/LibraryExampleTests.swift")
    let begin = try #require(source.range(of: "  func example(\n    hub: String, code"))
    let lines = source[begin.lowerBound...]
      .split(separator: "\n", omittingEmptySubsequences: false).dropLast(2)
    let function = lines.map { $0.hasPrefix("  ") ? String($0.dropFirst(2)) : String($0) }
      .joined(separator: "\n")
    #expect(function.split(separator: "\n").count <= 30)
    #expect(try text("README.md").contains("```swift\n\(function)\n```"))
  }

  @Test("the test command of README.md is the one that the continuous check calls")
  func testCommand() throws {
    #expect(try text("README.md").contains("\n```sh\nswift test\n```\n"))
    #expect(try text(".ci/run").contains("swift test"))
  }

  private func text(_ path: String) throws -> String {
    try String(contentsOf: Repository.root.appending(path: path), encoding: .utf8)
  }
}
