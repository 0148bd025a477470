/// What `try?` is meant to swallow stands right behind it: an argument that fails too, such as an op that
/// has to be read first, would be swallowed along, and a disk that fails taken for an op that does not
/// fit.
enum SwallowRule {
  static func findings(in file: SourceFile) -> [Finding] {
    guard file.path.hasPrefix("Sources/") else { return [] }
    return file.code.indices.compactMap { index in
      guard file.code(at: index, reads: ["try", "?"]), swallowsArgument(file, from: index + 2)
      else {
        return nil
      }
      return file.finding(at: file.code[index], "read the argument first, by a `try` of its own")
    }
  }

  /// Whether another `try` stands among the arguments of the call that begins at a token.
  private static func swallowsArgument(_ file: SourceFile, from start: Int) -> Bool {
    var depth = 0
    for token in file.code[start...] {
      switch token.text {
      case "(", "[": depth += 1
      case ")", "]":
        depth -= 1
        if depth <= 0 { return false }
      case "{", "}": return false
      case "try" where depth > 0: return true
      case ".": break
      default: if depth == 0, token.kind == .symbol { return false }
      }
    }
    return false
  }
}
