/// Only SQLite calls the library, and only the modules of storage speak SQL.
enum DatabaseRule {
  static func findings(in file: SourceFile) -> [Finding] {
    file.tokens.compactMap { token in
      switch token.kind {
      case .word where token.text.hasPrefix("sqlite3_") && file.module != "SQLite":
        file.finding(at: token, "only Sources/SQLite calls sqlite3_*: use its Connection")
      case .string where isSQL(token.text) && mustNotSpeakSQL(file):
        file.finding(at: token, "SQL lives in Sources/Store: add a named statement there")
      default: nil
      }
    }
  }

  private static func isSQL(_ literal: String) -> Bool {
    let words = literal.split(maxSplits: 2, whereSeparator: \.isWhitespace)
    return switch words.first {
    case "SELECT", "INSERT", "UPDATE": words.count > 1
    case "DELETE": words.dropFirst().first == "FROM"
    default: false
    }
  }

  /// Tests may look into the tables, which are a documented interface.
  private static func mustNotSpeakSQL(_ file: SourceFile) -> Bool {
    file.module.map { !["Store", "SQLite", "linli-bench"].contains($0) } ?? false
  }
}
