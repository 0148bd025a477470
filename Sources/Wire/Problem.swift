/// Why the hub refused a request, as a problem document (RFC 9457).
package struct Problem: Error, Equatable, Sendable {
  /// What is wrong.
  package let kind: ProblemKind
  /// What is wrong this time, in English; for people only.
  package let detail: String
  /// The path of the field that is wrong, such as `ops[3].payload.points`.
  package let field: String?

  /// Makes a problem; a detail or field beyond ``WireLimits/detailBytes`` is cut, and an empty field is
  /// none: what is wrong with a message as a whole has no path.
  package init(_ kind: ProblemKind, detail: String, field: String? = nil) {
    self.kind = kind
    self.detail = Problem.cut(detail)
    self.field = field.flatMap { $0.isEmpty ? nil : Problem.cut($0) }
  }

  /// The problem document.
  package func encode() -> [UInt8] {
    var json = JSONWriter()
    json.openObject()
    json.key("type")
    json.text(kind.type)
    json.key("title")
    json.text(kind.title)
    json.key("status")
    json.integer(Int64(kind.status))
    json.key("detail")
    json.text(detail)
    if let field {
      json.key("field")
      json.text(field)
    }
    json.key("retry")
    json.flag(kind.isWorthRetrying)
    let advice = kind.advice
    json.key("advice")
    json.openObject()
    json.key("zh")
    json.text(advice.chinese)
    json.key("en")
    json.text(advice.english)
    json.closeObject()
    json.closeObject()
    return json.bytes
  }

  /// Reads a problem document; what follows from its type is not read, as RFC 9457 §3.2 wants of
  /// members that are not known.
  ///
  /// - Throws: ``WireError``; ``WireError/outOfRange(field:)`` for `type` that is none of ours.
  package init(decoding bytes: [UInt8]) throws(WireError) {
    var json = try JSONReader(bytes, max: WireLimits.smallMessageBytesMax)
    var kind: ProblemKind?
    var detail: String?
    var field: String?
    try json.object { (name, json) throws(WireError) in
      switch name {
      case "type":
        kind = ProblemKind(type: try json.text(0...200))
        guard kind != nil else { throw .outOfRange(field: "") }
      case "detail": detail = try json.text(WireLimits.detailBytes)
      case "field": field = try json.text(WireLimits.detailBytes)
      default: try json.skip()
      }
    }
    try json.finish()
    self.init(try kind.required("type"), detail: try detail.required("detail"), field: field)
  }

  /// Shortens a text to the limit, between two characters.
  private static func cut(_ text: String) -> String {
    guard text.utf8.count > WireLimits.detailBytes.upperBound else { return text }
    var short = ""
    for scalar in text.unicodeScalars {
      guard short.utf8.count + 4 <= WireLimits.detailBytes.upperBound else { break }
      short.unicodeScalars.append(scalar)
    }
    return short
  }
}

extension WireError {
  /// The problem document that answers a message with this error.
  package var problem: Problem {
    switch self {
    case .malformed(let fault, let offset):
      Problem(.malformedJSON, detail: "\(fault) at byte \(offset)")
    case .missing(let field): Problem(.missingField, detail: "not there: \(field)", field: field)
    case .wrongType(let field):
      Problem(.wrongType, detail: "wrong type: \(WireError.name(field))", field: field)
    case .outOfRange(let field):
      Problem(.outOfRange, detail: "value refused: \(WireError.name(field))", field: field)
    case .unknownField(let field): Problem(.unknownField, detail: "unknown: \(field)", field: field)
    case .malformedOp(let error, let field):
      Problem(.malformedOp, detail: "not an op: \(error)", field: field)
    case .malformedCBOR(let error):
      Problem(.outOfRange, detail: "not a message: \(error)", field: "")
    case .malformedSegment(let error):
      Problem(.malformedOp, detail: "not a segment: \(error)", field: "ops")
    case .tooLarge(let bytes, let max):
      Problem(.tooLarge, detail: "\(bytes) bytes, at most \(max)")
    }
  }

  private static func name(_ field: String) -> String { field.isEmpty ? "the message" : field }
}
