/// One Swift file, cut into tokens once for all rules.
struct SourceFile {
  /// From the root of the repository, such as `Sources/Hub/Core.swift`.
  let path: String
  let lineCount: Int
  let tokens: [Token]
  /// The words and symbols, without literals and comments.
  let code: [Token]

  init(path: String, text: String) {
    self.path = path
    lineCount =
      text.split(separator: "\n", omittingEmptySubsequences: false).count
      - (text.hasSuffix("\n") ? 1 : 0)
    tokens = Lexer.tokens(of: text)
    code = tokens.filter { $0.kind == .word || $0.kind == .symbol }
  }

  /// The folder below `Sources` that holds the file; nil for tests and the manifest.
  var module: String? {
    let parts = path.split(separator: "/")
    return parts.count > 2 && parts[0] == "Sources" ? String(parts[1]) : nil
  }

  var isTest: Bool { path.hasPrefix("Tests/") }

  func finding(at token: Token, _ message: String) -> Finding {
    Finding(path: path, line: token.line, message: message)
  }

  /// Whether the code at an index reads as these words and symbols.
  func code(at index: Int, reads pattern: [String]) -> Bool {
    index >= 0 && index + pattern.count <= code.count
      && pattern.indices.allSatisfy { code[index + $0].text == pattern[$0] }
  }
}
