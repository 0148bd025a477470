/// A message with one thing in it changed.
struct Mutation {
  /// What was changed, and how.
  let label: String
  /// The message then.
  let message: JSONValue
  /// What stands there then; nil where something was dropped.
  let leaf: JSONValue?

  /// An id of a replica that there cannot be.
  static let highID = "2147483648-1"
  /// A kind that there cannot be.
  static let highKind = "#65536"
  /// More than 64 bits.
  static let wideNumber = "9999999999999999999"

  /// Every message that is one step away from this one: a member dropped or added, another type, another
  /// value.
  static func all(of message: JSONValue) -> [Mutation] {
    var found: [Mutation] = []
    walk(message, "$") { found.append(Mutation(label: $0, message: $1, leaf: $2)) }
    return found
  }

  /// Gives each changed version of a value; `put` gets the label, the whole, and the part.
  private static func walk(
    _ value: JSONValue, _ path: String, _ put: (String, JSONValue, JSONValue?) -> Void
  ) {
    for other in replacements(of: value) {
      put("\(path) := \(other.text.prefix(40))", other, other)
    }
    switch value {
    case .object(let members):
      var more = members
      more["zzz"] = .integer(1)
      put("\(path) + zzz", .object(more), nil)
      for (name, member) in members.sorted(by: { $0.key < $1.key }) {
        var rest = members
        rest[name] = nil
        put("\(path) - \(name)", .object(rest), nil)
        walk(member, "\(path).\(name)") { label, part, leaf in
          rest[name] = part
          put(label, .object(rest), leaf)
        }
      }
    case .array(let parts):
      put("\(path) twice", .array(parts + parts.prefix(1)), parts.first)
      if parts.count > 1 { put("\(path) reversed", .array(parts.reversed()), nil) }
      for index in parts.indices.prefix(2) {
        var others = parts
        walk(parts[index], "\(path)[\(index)]") { label, part, leaf in
          others[index] = part
          put(label, .array(others), leaf)
        }
      }
    default: break
    }
  }

  private static func replacements(of value: JSONValue) -> [JSONValue] {
    switch value {
    case .object: return [.null, .array([]), .text("x"), .integer(1), .object([:])]
    case .array: return [.null, .array([]), .text("x"), .object([:])]
    case .flag(let flag): return [.null, .flag(!flag), .text("true"), .integer(1)]
    case .null: return [.integer(0)]
    case .integer(let number):
      let edges: [Int64] = [
        -1, 0, 1, number - 1, number + 1, 256, 1 << 16, 1 << 20, (1 << 31) - 1, 1 << 31,
        (1 << 32) - 1, 1 << 32, (1 << 53) - 1, -((1 << 53) - 1),
      ]
      return edges.map { .integer($0) } + [.null, .flag(true), .text("1"), .array([])]
    case .text(let text):
      var texts = ["", "A", "0", "-", "街", "\u{7}", "\u{202E}", text + "A", text + "=", "A" + text]
      texts += [String(text.dropLast()), String(text.dropLast()) + "B", text.uppercased()]
      texts += [text + "\n", " " + text, "#0", "#46", "2026-02-30", highID, highKind, wideNumber]
      texts += [20, 21, 60, 200].map { String(repeating: "街", count: $0) }
      return texts.map { .text($0) } + [.null, .flag(true), .integer(1), .object([:])]
    }
  }
}

/// Why a schema takes what a reader refuses, or the other way round: a row of `schemas/README.md`.
enum Laxness: String, CaseIterable {
  case utf8, op, id, date, order, wide, total, twice, mixed
}
