import Foundation

/// The documents of `Protocol/schemas`, and a validator for what they use of JSON Schema 2020-12.
///
/// A keyword that it does not know is an error of the schema: nothing is passed over.
final class JSONSchemas {
  private var documents: [String: JSONValue] = [:]
  private var patterns: [String: Regex<AnyRegexOutput>] = [:]
  private let folder: URL

  /// The folder `Protocol`.
  static let protocolFolder = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Protocol")

  /// What keeps a value from being what a schema says.
  struct Fault: Error, CustomStringConvertible {
    let description: String
  }

  /// The schemas as they stand.
  init(_ folder: URL = JSONSchemas.protocolFolder.appending(path: "schemas")) {
    self.folder = folder
  }

  /// A document by its file's name.
  func document(_ name: String) throws -> JSONValue {
    if let document = documents[name] { return document }
    let document = try JSONValue(Array(Data(contentsOf: folder.appending(path: name))))
    documents[name] = document
    return document
  }

  /// What is wrong with a value, by the schema `sync-request.json` or `values.json#/$defs/head`; nil for
  /// nothing.
  func fault(in value: JSONValue, by reference: String) throws -> String? {
    try fault(value, Place(document: "", schema: .object(["$ref": .text(reference)])), "$")
  }

  /// A schema, and the document in which its references are looked up.
  private struct Place {
    let document: String
    let schema: JSONValue
    func at(_ schema: JSONValue) -> Place { Place(document: document, schema: schema) }
  }

  private func place(_ reference: String, from place: Place) throws -> Place {
    let parts = reference.split(separator: "#", omittingEmptySubsequences: false)
    let name = parts[0].isEmpty ? place.document : String(parts[0])
    guard let schema = try document(name).at(parts.count > 1 ? parts[1] : "") else {
      throw Fault(description: "\(place.document): nothing at \(reference)")
    }
    return Place(document: name, schema: schema)
  }

  /// Keywords that say something to people.
  private static let notes: Set<String> = ["$schema", "$defs", "title", "description", "format"]

  private func fault(_ value: JSONValue, _ place: Place, _ path: String) throws -> String? {
    guard case .object(let keywords) = place.schema else {
      throw Fault(description: "\(place.document): a schema that is no object")
    }
    for (keyword, argument) in keywords.sorted(by: { $0.key < $1.key })
    where !Self.notes.contains(keyword) {
      let found =
        try logical(keyword, argument, value, place, path)
        ?? scalar(keyword, argument, value)
        ?? array(keyword, argument, value, place, path)
        ?? object(keyword, argument, value, place, path)
      switch found {
      case .fault(let words): return "\(path): \(words)"
      case .inside(let words): return words
      case .fine: break
      case nil: throw Fault(description: "\(place.document): unknown keyword \(keyword)")
      }
    }
    return nil
  }

  private enum Finding {
    case fine
    case fault(String)
    case inside(String)

    init(_ isFine: Bool, _ words: @autoclosure () -> String) {
      self = isFine ? .fine : .fault(words())
    }

    init(inside words: String?) { self = words.map { .inside($0) } ?? .fine }
  }

  private func logical(
    _ keyword: String, _ argument: JSONValue, _ value: JSONValue, _ place: Place, _ path: String
  ) throws -> Finding? {
    switch keyword {
    case "$ref":
      return Finding(
        inside: try fault(value, self.place(argument.string ?? "", from: place), path))
    case "allOf":
      for part in argument.elements {
        if let words = try fault(value, place.at(part), path) { return .inside(words) }
      }
      return .fine
    case "anyOf", "oneOf":
      let faults = try argument.elements.compactMap { try fault(value, place.at($0), path) }
      let count = argument.elements.count - faults.count
      return Finding(
        keyword == "anyOf" ? count > 0 : count == 1, "\(keyword): \(count) fit; \(faults)")
    case "not": return Finding(try fault(value, place.at(argument), path) != nil, "fits `not`")
    case "if":
      let branch = try fault(value, place.at(argument), path) == nil ? "then" : "else"
      guard let schema = place.schema[branch] else { return .fine }
      return Finding(inside: try fault(value, place.at(schema), path))
    case "then", "else": return .fine
    default: return nil
    }
  }

  private func scalar(
    _ keyword: String, _ argument: JSONValue, _ value: JSONValue
  ) throws -> Finding? {
    switch keyword {
    case "type":
      let types = argument.string.map { [$0] } ?? argument.elements.compactMap(\.string)
      return Finding(types.contains(value.type), "is no \(types)")
    case "const": return Finding(value == argument, "is not \(argument.text)")
    case "enum": return Finding(argument.elements.contains(value), "is none of the values")
    case "minimum", "maximum":
      guard let number = value.number, let bound = argument.number else { return .fine }
      return Finding(
        keyword == "minimum" ? number >= bound : number <= bound, "\(number) beyond \(bound)")
    case "minLength", "maxLength":
      guard let text = value.string, let bound = argument.number else { return .fine }
      let count = Int64(text.unicodeScalars.count)
      return Finding(keyword == "minLength" ? count >= bound : count <= bound, "length \(count)")
    case "pattern":
      guard let text = value.string, let pattern = argument.string else { return .fine }
      return Finding(try matches(text, pattern), "does not match \(pattern)")
    default: return nil
    }
  }

  /// Whether a text matches; patterns of ours name the whole text, or its beginning.
  private func matches(_ text: String, _ pattern: String) throws -> Bool {
    guard pattern.hasPrefix("^") else { throw Fault(description: "pattern without ^: \(pattern)") }
    let isWhole = pattern.hasSuffix("$")
    let body = String(pattern.dropFirst().dropLast(isWhole ? 1 : 0))
    let regex: Regex<AnyRegexOutput>
    if let known = patterns[pattern] {
      regex = known
    } else {
      regex = try Regex(body).matchingSemantics(.unicodeScalar)
      patterns[pattern] = regex
    }
    return try isWhole ? regex.wholeMatch(in: text) != nil : regex.prefixMatch(in: text) != nil
  }

  private func array(
    _ keyword: String, _ argument: JSONValue, _ value: JSONValue, _ place: Place, _ path: String
  ) throws -> Finding? {
    guard ["items", "minItems", "maxItems", "uniqueItems"].contains(keyword) else { return nil }
    guard case .array(let parts) = value else { return .fine }
    switch keyword {
    case "items":
      for (index, part) in parts.enumerated() {
        if let words = try fault(part, place.at(argument), "\(path)[\(index)]") {
          return .inside(words)
        }
      }
      return .fine
    case "uniqueItems": return Finding(Set(parts).count == parts.count, "has one twice")
    default:
      let (count, bound) = (Int64(parts.count), argument.number ?? 0)
      return Finding(keyword == "minItems" ? count >= bound : count <= bound, "\(count) elements")
    }
  }

  private func object(
    _ keyword: String, _ argument: JSONValue, _ value: JSONValue, _ place: Place, _ path: String
  ) throws -> Finding? {
    guard
      [
        "required", "properties", "patternProperties", "additionalProperties", "dependentRequired",
        "minProperties", "maxProperties",
      ].contains(keyword)
    else { return nil }
    guard case .object(let members) = value else { return .fine }
    switch keyword {
    case "required":
      let missing = argument.elements.compactMap(\.string).filter { members[$0] == nil }
      return Finding(missing.isEmpty, "lacks \(missing)")
    case "properties":
      for (name, schema) in argument.members {
        guard let member = members[name] else { continue }
        if let words = try fault(member, place.at(schema), "\(path).\(name)") {
          return .inside(words)
        }
      }
      return .fine
    case "dependentRequired":
      for (name, others) in argument.members where members[name] != nil {
        let missing = others.elements.compactMap(\.string).filter { members[$0] == nil }
        guard missing.isEmpty else { return .fault("\(name) without \(missing)") }
      }
      return .fine
    case "minProperties": return Finding(members.count >= argument.number ?? 0, "too few members")
    case "maxProperties": return Finding(members.count <= argument.number ?? 0, "too many members")
    default: return try others(keyword, argument, members, place, path)
    }
  }

  /// Members whose names a pattern matches, and those that nothing names.
  private func others(
    _ keyword: String, _ argument: JSONValue, _ members: [String: JSONValue], _ place: Place,
    _ path: String
  ) throws -> Finding {
    let named = Set(place.schema["properties"]?.members.keys.map { $0 } ?? [])
    let patterns = place.schema["patternProperties"]?.members ?? [:]
    for (name, member) in members {
      if keyword == "patternProperties" {
        for (pattern, schema) in patterns where try matches(name, pattern) {
          if let words = try fault(member, place.at(schema), "\(path).\(name)") {
            return .inside(words)
          }
        }
        continue
      }
      guard !named.contains(name), try !patterns.keys.contains(where: { try matches(name, $0) })
      else { continue }
      if argument == .flag(false) { return .fault("unknown member \(name)") }
      if let words = try fault(member, place.at(argument), "\(path).\(name)") {
        return .inside(words)
      }
    }
    return .fine
  }
}

extension JSONValue {
  /// The type as JSON Schema calls it.
  fileprivate var type: String {
    switch self {
    case .object: "object"
    case .array: "array"
    case .text: "string"
    case .integer: "integer"
    case .flag: "boolean"
    case .null: "null"
    }
  }
}
