import Testing

@Suite struct DocumentationRuleTests {
  private func findings(_ source: String) -> [Int] {
    DocumentationRule.findings(in: SourceFile(path: "Sources/Hub/A.swift", text: source))
      .map(\.line)
  }

  private static let declarations = [
    "package func f()", "public var a: Int", "package static let a = 1", "public struct A {}",
    "package indirect enum A {}", "package final class A {}", "public actor A {}",
    "package protocol P {}", "package init(a: Int)", "public typealias A = B",
    "package private(set) var a: Int", "package class func f()", "package mutating func hash()",
    "open class A {}", "package subscript(i: Int) -> Int { i }", "package static func + (a: A)",
  ]

  @Test("a declaration without a comment is found", arguments: declarations)
  func missing(declaration: String) {
    #expect(findings(declaration) == [1])
    #expect(findings("// plain\n\(declaration)") == [2])
    #expect(findings("/// apart\n\n\(declaration)") == [3])
    #expect(findings("/// of another\nlet a = 1\n\(declaration)") == [3])
  }

  @Test("a comment above it, or above its attributes, documents it", arguments: declarations)
  func documented(declaration: String) {
    #expect(findings("/// What.\n\(declaration)") == [])
    #expect(findings("/// What.\n@frozen\n// SAFETY: why.\n\(declaration)") == [])
  }

  @Test(
    "requirements of the standard library are documented there",
    arguments: [
      "package var description: String", "public func hash(into hasher: inout Hasher)",
      "package static func == (a: A, b: A) -> Bool", "package static func < (a: A, b: A) -> Bool",
      "public func encode(to encoder: any Encoder) throws",
      "public init(from decoder: any Decoder)",
      "package var rawValue: Int", "package init?(rawValue: Int)",
    ])
  func witnesses(declaration: String) {
    #expect(findings(declaration) == [])
  }

  @Test(
    "what is no declaration of its own needs no comment",
    arguments: [
      "package import Wire", "package extension A {}", "internal func f()", "func f()",
      "open(path, flags)", "a.package(b)", "let package = 1", "// package func f()",
    ])
  func others(source: String) {
    #expect(findings(source) == [])
  }
}
