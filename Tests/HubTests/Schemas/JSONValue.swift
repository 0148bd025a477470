import Foundation
import Wire

/// A JSON text as a tree, for tests of schemas.
indirect enum JSONValue: Hashable, Sendable {
  case object([String: JSONValue])
  case array([JSONValue])
  case text(String)
  case integer(Int64)
  case flag(Bool)
  case null

  /// Reads a whole text.
  ///
  /// - Throws: `WireError` for what is no JSON as this protocol wants it.
  init(_ bytes: [UInt8]) throws(WireError) {
    var reader = try JSONReader(bytes, max: .max)
    self = try Self.read(&reader)
    try reader.finish()
  }

  private static func read(_ reader: inout JSONReader) throws(WireError) -> JSONValue {
    switch try reader.peek() {
    case .object:
      var members: [String: JSONValue] = [:]
      try reader.object { (name, reader) throws(WireError) in members[name] = try read(&reader) }
      return .object(members)
    case .array:
      var parts: [JSONValue] = []
      try reader.array(max: .max) { (reader) throws(WireError) in parts.append(try read(&reader)) }
      return .array(parts)
    case .string: return .text(try reader.text(0...Int.max))
    case .number:
      return .integer(try reader.integer(in: -JSONReader.integerMax...JSONReader.integerMax))
    case .flag: return .flag(try reader.flag())
    case .null:
      try reader.skip()
      return .null
    }
  }

  /// The text, its members by name.
  var text: String {
    switch self {
    case .object(let members):
      "{"
        + members.sorted { $0.key < $1.key }
        .map { "\(JSONValue.text($0).text):\($1.text)" }.joined(separator: ",") + "}"
    case .array(let parts): "[" + parts.map(\.text).joined(separator: ",") + "]"
    case .text(let text): Self.quoted(text)
    case .integer(let number): String(number)
    case .flag(let flag): flag ? "true" : "false"
    case .null: "null"
    }
  }

  /// The text as it travels.
  var bytes: [UInt8] { Array(text.utf8) }

  private static func quoted(_ text: String) -> String {
    var writer = JSONWriter()
    writer.text(text)
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  /// The member of an object; nil where there is none.
  subscript(name: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members[name]
  }

  /// The elements of an array; none of anything else.
  var elements: [JSONValue] {
    guard case .array(let parts) = self else { return [] }
    return parts
  }

  /// The members of an object; none of anything else.
  var members: [String: JSONValue] {
    guard case .object(let members) = self else { return [:] }
    return members
  }

  /// The text of a string.
  var string: String? {
    guard case .text(let text) = self else { return nil }
    return text
  }

  /// The number.
  var number: Int64? {
    guard case .integer(let number) = self else { return nil }
    return number
  }

  /// What a JSON Pointer (RFC 6901) leads to.
  func at(_ pointer: some StringProtocol) -> JSONValue? {
    var place: JSONValue? = self
    for part in pointer.split(separator: "/") {
      let name = part.replacingOccurrences(of: "~1", with: "/")
        .replacingOccurrences(of: "~0", with: "~")
      if case .array(let parts)? = place, let index = Int(name), parts.indices.contains(index) {
        place = parts[index]
      } else {
        place = place?[name]
      }
    }
    return place
  }
}
