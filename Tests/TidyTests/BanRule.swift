/// Looks for banned code; literals and comments may name it.
struct BanRule {
  /// By first token, because nearly every token of a file starts no ban.
  private let patterns: [String: [(tokens: [String], ban: Ban)]]

  init(_ bans: [Ban]) {
    let patterns = bans.map { ban in (tokens: Lexer.tokens(of: ban.code).map(\.text), ban: ban) }
    self.patterns = Dictionary(grouping: patterns) { $0.tokens.first ?? "" }
  }

  func findings(in file: SourceFile) -> [Finding] {
    file.code.indices.flatMap { index in
      patterns[file.code[index].text, default: []].compactMap { tokens, ban in
        guard ban.scope.contains(file), file.code(at: index, reads: tokens),
          !isMember(in: file, at: index)
        else { return nil }
        return file.finding(at: file.code[index], "`\(ban.code)` is banned: \(ban.instead)")
      }
    }
  }

  /// Whether a word belongs to some value, like `page.print()`, and not to a system module.
  private func isMember(in file: SourceFile, at index: Int) -> Bool {
    guard file.code[index].kind == .word, file.code(at: index - 1, reads: ["."]) else {
      return file.code(at: index - 1, reads: ["func"])
    }
    return !Self.systemModules.contains { file.code(at: index - 2, reads: [$0]) }
  }

  private static let systemModules = ["Swift", "Glibc", "Foundation", "FoundationEssentials"]
}
