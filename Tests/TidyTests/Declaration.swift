/// A declaration that other modules can see.
struct Declaration {
  let start: Token
  /// The name with the labels of its parameters, such as `hash(into:)`; an operator has none.
  let signature: String

  /// Reads the declaration whose access level stands at an index; nil for an import, an extension,
  /// a setter's access, and a call of a function that has the name of an access level.
  init?(in file: SourceFile, at index: Int) {
    let code = file.code
    guard ["package", "public", "open"].contains(code[index].text),
      !file.code(at: index - 1, reads: ["."])
    else { return nil }
    var place = index + 1
    while place < code.count, Self.isModifier(file, at: place) {
      let hasArgument = file.code(at: place + 1, reads: ["("])
      place += hasArgument ? 4 : 1
    }
    guard place + 1 < code.count, Self.keywords.contains(code[place].text) else { return nil }
    start = code[index]
    let isNamedByKeyword = ["init", "subscript"].contains(code[place].text)
    signature = Self.signature(code[(isNamedByKeyword ? place : place + 1)...])
  }

  private static func isModifier(_ file: SourceFile, at index: Int) -> Bool {
    let text = file.code[index].text
    guard text == "class" else { return modifiers.contains(text) }
    return ["func", "var", "subscript"].contains { file.code(at: index + 1, reads: [$0]) }
  }

  private static func signature(_ code: ArraySlice<Token>) -> String {
    guard let name = code.first, name.kind == .word else {
      return code.prefix { $0.kind == .symbol && $0.text != "(" }.map(\.text).joined()
    }
    let rest = code.dropFirst().drop { $0.text == "?" }
    guard rest.first?.text == "(" else { return name.text }
    return name.text + "(" + labels(rest).map { $0 + ":" }.joined() + ")"
  }

  private static func labels(_ parameters: ArraySlice<Token>) -> [String] {
    var labels: [String] = []
    var depth = 0
    for index in parameters.indices {
      switch parameters[index].text {
      case "(", "[": depth += 1
      case ")", "]": depth -= 1
      default: break
      }
      if depth == 0 { break }
      let startsParameter = depth == 1 && ["(", ","].contains(parameters[index].text)
      guard startsParameter, index + 1 < parameters.endIndex,
        parameters[index + 1].kind == .word
      else { continue }
      labels.append(parameters[index + 1].text)
    }
    return labels
  }

  private static let keywords: Set<String> = [
    "func", "var", "let", "struct", "enum", "class", "actor", "protocol", "init", "typealias",
    "subscript",
  ]

  private static let modifiers: Set<String> = [
    "static", "final", "override", "mutating", "nonmutating", "nonisolated", "indirect", "lazy",
    "weak", "unowned", "dynamic", "required", "convenience", "borrowing", "consuming", "private",
    "fileprivate", "internal", "package", "infix", "prefix", "postfix",
  ]
}
