/// What the compiler can't check says what guards it.
enum SafetyRule {
  /// How far above the code its `// SAFETY:` line may start.
  static let linesAbove = 3

  static func findings(in file: SourceFile) -> [Finding] {
    let reasons = Set(
      file.tokens.lazy.filter { $0.kind == .comment && $0.text.contains("SAFETY:") }.map(\.line))
    return file.code.indices.compactMap { index in
      let token = file.code[index]
      guard isUnchecked(file, at: index),
        reasons.isDisjoint(with: token.line - linesAbove..<token.line)
      else { return nil }
      return file.finding(at: token, "say what guards this in a `// SAFETY:` line above it")
    }
  }

  private static func isUnchecked(_ file: SourceFile, at index: Int) -> Bool {
    switch file.code[index].text {
    case "unchecked": file.code(at: index - 1, reads: ["@"])
    case "nonisolated", "unowned": file.code(at: index + 1, reads: ["(", "unsafe", ")"])
    case "unsafe": isMarker(file, at: index)
    default: false
    }
  }

  /// Whether `unsafe` marks an expression: a word follows it on the same line.
  private static func isMarker(_ file: SourceFile, at index: Int) -> Bool {
    guard index + 1 < file.code.count, !file.code(at: index - 1, reads: ["."]) else { return false }
    let next = file.code[index + 1]
    return next.kind == .word && next.line == file.code[index].line
  }
}
