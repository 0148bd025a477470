/// Files and functions stay short enough to be read in one go.
enum SizeRule {
  static let fileLinesMax = 600
  static let functionLinesMax = 70

  static func findings(in file: SourceFile) -> [Finding] {
    fileFindings(in: file) + functionFindings(in: file)
  }

  private static func fileFindings(in file: SourceFile) -> [Finding] {
    guard file.lineCount > fileLinesMax else { return [] }
    let message = "\(file.lineCount) lines, at most \(fileLinesMax): split it by concept"
    return [Finding(path: file.path, line: file.lineCount, message: message)]
  }

  private static func functionFindings(in file: SourceFile) -> [Finding] {
    file.code.indices.compactMap { start in
      guard startsFunction(file, at: start), let end = closingBrace(in: file, from: start) else {
        return nil
      }
      let lines = file.code[end].line - file.code[start].line + 1
      guard lines > functionLinesMax else { return nil }
      let message = "function of \(lines) lines, at most \(functionLinesMax): name its parts"
      return file.finding(at: file.code[start], message)
    }
  }

  private static func startsFunction(_ file: SourceFile, at index: Int) -> Bool {
    switch file.code[index].text {
    case "func", "deinit": true
    case "init", "subscript":
      !file.code(at: index - 1, reads: ["."])
        && ["(", "<", "?", "!"].contains { file.code(at: index + 1, reads: [$0]) }
    default: false
    }
  }

  /// The end of the body that belongs to a function; nil for a protocol's requirement.
  private static func closingBrace(in file: SourceFile, from start: Int) -> Int? {
    var (brackets, braces) = (0, 0)
    // The name may read like a keyword, so the search starts behind it.
    let header = file.code[start].text == "func" ? start + 2 : start + 1
    for index in file.code.indices.dropFirst(header) {
      switch file.code[index].text {
      case "(", "[": brackets += 1
      case ")", "]": brackets -= 1
      case "{" where brackets == 0 || braces > 0: braces += 1
      case "}" where brackets == 0 || braces > 0:
        braces -= 1
        if braces <= 0 { return braces == 0 ? index : nil }
      case let word where braces == 0 && brackets == 0 && declarationWords.contains(word):
        return nil
      default: break
      }
    }
    return nil
  }

  private static let declarationWords: Set<String> = [
    "func", "init", "deinit", "subscript", "var", "let", "case", "struct", "class", "enum",
    "protocol", "extension", "typealias", "associatedtype", "import", "static", "mutating",
  ]
}
