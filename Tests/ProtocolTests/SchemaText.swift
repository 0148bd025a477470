/// A JSON document in the order in which it was made, as people like to read it.
indirect enum SchemaText {
  case object([(String, SchemaText)])
  case array([SchemaText])
  case text(String)
  case integer(Int64)
  case flag(Bool)

  /// The document: what fits stands on one line, all else is indented by 2.
  func formatted(indent: Int = 0, behind lead: Int = 0) -> String {
    let line = oneLine
    guard line.count + indent + lead > 99 else { return line }
    let pad = String(repeating: " ", count: indent)
    switch self {
    case .object(let members) where !members.isEmpty:
      let parts = members.map { name, value in
        let key = Self.quoted(name) + ": "
        return "\(pad)  \(key)\(value.formatted(indent: indent + 2, behind: key.count))"
      }
      return "{\n" + parts.joined(separator: ",\n") + "\n\(pad)}"
    case .array(let parts) where !parts.isEmpty:
      let lines = parts.map { "\(pad)  \($0.formatted(indent: indent + 2))" }
      return "[\n" + lines.joined(separator: ",\n") + "\n\(pad)]"
    default: return line
    }
  }

  private var oneLine: String {
    switch self {
    case .object(let members):
      "{" + members.map { "\(Self.quoted($0)): \($1.oneLine)" }.joined(separator: ", ") + "}"
    case .array(let parts): "[" + parts.map(\.oneLine).joined(separator: ", ") + "]"
    case .text(let text): Self.quoted(text)
    case .integer(let number): String(number)
    case .flag(let flag): flag ? "true" : "false"
    }
  }

  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      if scalar == "\"" || scalar == "\\" { quoted += "\\" }
      quoted.unicodeScalars.append(scalar)
    }
    return quoted + "\""
  }
}

extension SchemaText: ExpressibleByStringLiteral, ExpressibleByDictionaryLiteral,
  ExpressibleByArrayLiteral
{
  init(stringLiteral text: String) { self = .text(text) }

  init(dictionaryLiteral members: (String, SchemaText)...) { self = .object(members) }

  init(arrayLiteral parts: SchemaText...) { self = .array(parts) }
}
