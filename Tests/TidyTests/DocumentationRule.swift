/// Every declaration that other modules can see has a `///` comment.
enum DocumentationRule {
  /// Requirements of the standard library's protocols, which are documented there.
  static let witnesses: Set<String> = [
    "description", "hash(into:)", "==", "<", "encode(to:)", "init(from:)",
    "rawValue", "init(rawValue:)",
  ]

  static func findings(in file: SourceFile) -> [Finding] {
    let starts = Dictionary(file.tokens.map { ($0.line, $0) }) { first, _ in first }
    return file.code.indices.compactMap { index in
      guard let declaration = Declaration(in: file, at: index),
        !witnesses.contains(declaration.signature),
        !isDocumented(line: declaration.start.line, starts: starts)
      else { return nil }
      return file.finding(
        at: declaration.start, "write a `///` comment for \(declaration.signature)")
    }
  }

  /// Walks up over attributes and plain comments to the doc comment.
  private static func isDocumented(line: Int, starts: [Int: Token]) -> Bool {
    guard let above = starts[line - 1] else { return false }
    if above.kind == .comment, above.text.hasPrefix("///") { return true }
    guard above.kind == .comment || above.text == "@" else { return false }
    return isDocumented(line: line - 1, starts: starts)
  }
}
