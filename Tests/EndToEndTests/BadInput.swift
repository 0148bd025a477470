import Community
import OpLog

/// Bad ops as JSON text, made from the catalogue: whatever kind is added gets its cases here.
enum BadInput {
  /// One op that a hub must refuse, and what is wrong with it.
  struct Case: Sendable {
    let name: String
    let json: String
  }

  /// Every case for every field of every kind that offices write, and for the envelope.
  static func ops(of writer: String) -> [Case] {
    var cases: [Case] = []
    for kind in Catalogue.kinds where !kind.isHubOnly {
      let good = kind.schema.fields.map { ($0.name, Self.good($0.type)) }
      for (index, field) in kind.schema.fields.enumerated() {
        for (what, bad) in Self.bad(field.type) {
          var fields = good
          fields[index].1 = bad
          cases.append(
            Case(
              name: "\(kind.name).\(field.name) \(what)",
              json: op(writer, kind: quoted(kind.name), payload: object(fields))))
        }
        guard field.isRequired, good.count > 1 else { continue }
        var fields = good
        fields.remove(at: index)
        cases.append(
          Case(
            name: "\(kind.name).\(field.name) missing",
            json: op(writer, kind: quoted(kind.name), payload: object(fields))))
      }
      let surplus = good + [("surplus", "1")]
      cases.append(
        Case(
          name: "\(kind.name) unknown field",
          json: op(writer, kind: quoted(kind.name), payload: object(surplus))))
      let twice = good + good.prefix(1)
      cases.append(
        Case(
          name: "\(kind.name) field twice",
          json: op(writer, kind: quoted(kind.name), payload: object(twice))))
    }
    return cases + envelopes(writer)
  }

  /// An op that a hub could read.
  static func goodOp(of writer: String) -> String {
    op(
      writer, kind: #""award.grant""#,
      payload: #"{"activity":"4097-1","resident":"4097-2","points":3}"#)
  }

  private static func envelopes(_ writer: String) -> [Case] {
    let fields: [(String, [String])] = [
      ("id", [#""x""#, "5", "null", #""4097-0""#, #""0-1""#, #""4097-4294967296""#]),
      ("stamp", [#""x""#, "-1", "1.5", "9007199254740992", "null", "true"]),
      ("kind", [#""nope""#, "19", "null", ##""#0""##, ##""#65536""##, #""""#]),
      ("actor", [#""x""#, "5", "null", #""4097""#, #""4097-01""#]),
      ("occurred_on", [#""2026-02-30""#, #""20260105""#, "20458", "null", #""2026-1-5""#]),
      ("policy", [#""x""#, "5", "null", #""-1""#, "[]"]),
      ("payload", [#""x""#, "5", "null", "[]", "true"]),
      ("names", [#""x""#, "5", "null", #""AAAAAAAAAA""#, #""AAAAAAAAAAA=""#]),
      ("body", [#""x""#, "5", "null", #""AAAA""#, "{}"]),
      ("was", [#""x""#, "5", "null", #""AAAA""#, "{}"]),
      ("surplus", ["1"]),
    ]
    return fields.flatMap { field, values in
      values.map { value in
        Case(
          name: "envelope.\(field) \(value)",
          json: op(writer, kind: #""award.grant""#, payload: "{}", replacing: (field, value)))
      }
    }
  }

  private static func op(
    _ writer: String, kind: String, payload: String, replacing: (String, String)? = nil
  ) -> String {
    var fields = [
      ("id", quoted("\(writer)-1")), ("stamp", "1767600000000"), ("kind", kind),
      ("actor", #""4096-4""#), ("occurred_on", #""2026-01-05""#), ("policy", #""4096-3""#),
      ("payload", payload), ("names", #""AAAAAAAAAAA""#),
    ]
    if let (name, value) = replacing {
      fields.removeAll { $0.0 == name }
      fields.append((name, value))
    }
    return object(fields)
  }

  private static func good(_ type: FieldType) -> String {
    switch type {
    case .integer(let range): String(range.lowerBound)
    case .text(let range): quoted(String(repeating: "a", count: max(range.lowerBound, 1)))
    case .bytes(let range): quoted(base64URL(count: range.lowerBound))
    case .flag: "true"
    case .choice(let names): quoted(names[0])
    case .choices(let names): "[\(quoted(names[0]))]"
    case .date: #""2026-01-05""#
    case .replica: "4097"
    case .reference: #""4097-1""#
    case .references(_, let range):
      "[" + (1...max(range.lowerBound, 1)).map { quoted("4097-\($0)") }.joined(separator: ",") + "]"
    case .records(let fields, _): "[" + object(fields.map { ($0.name, good($0.type)) }) + "]"
    }
  }

  /// At least five values that a type refuses, each with what is wrong.
  private static func bad(_ type: FieldType) -> [(String, String)] {
    let always = [("null", "null"), ("an object", "{}"), ("deep", deep)]
    return always + specific(type)
  }

  private static func specific(_ type: FieldType) -> [(String, String)] {
    switch type {
    case .integer(let range):
      [
        ("text", #""5""#), ("flag", "true"), ("below", "\(range.lowerBound - 1)"),
        ("above", "\(range.upperBound + 1)"), ("fraction", "1.5"), ("exponent", "1e3"),
        ("beyond 64 bits", "99999999999999999999"),
      ]
    case .text(let range):
      [
        ("number", "5"), ("flag", "true"), ("control", #""a\u0001""#), ("surrogate", #""\ud800""#),
        ("too long", quoted(String(repeating: "a", count: range.upperBound + 1))),
        ("oversized", quoted(String(repeating: "a", count: 100_000))),
      ]
    case .bytes:
      [
        ("number", "5"), ("not base64url", #""!!!!""#), ("padded", #""AAAA====""#),
        ("short", #""""#),
      ]
    case .flag: [("text", #""true""#), ("number", "1")]
    case .choice:
      [
        ("number", "0"), ("unknown", #""nope""#), ("empty", #""""#), ("flag", "true"),
        ("list", "[]"),
      ]
    case .choices:
      [("text", #""clerk""#), ("empty", "[]"), ("unknown", #"["nope"]"#), ("number", "1")]
    case .date:
      [
        ("no such day", #""2026-02-30""#), ("no month", #""2026-13-01""#), ("number", "20458"),
        ("short", #""2026-1-5""#), ("empty", #""""#),
      ]
    case .replica: [("zero", "0"), ("negative", "-1"), ("above", "2147483648"), ("text", #""x""#)]
    case .reference:
      [
        ("no seq", #""4097""#), ("seq zero", #""4097-0""#), ("leading zero", #""4097-01""#),
        ("number", "4097"), ("list", #"["4097-1"]"#), ("empty", #""""#),
      ]
    case .references(_, let range):
      [
        ("empty", "[]"), ("text", #""4097-1""#), ("number inside", "[5]"),
        ("twice", #"["4097-1","4097-1"]"#), ("descending", #"["4097-2","4097-1"]"#),
        ("too many", many(range.upperBound + 1) { quoted("4097-\($0)") }),
      ]
    case .records(let fields, let range):
      [("empty", "[]"), ("text", #""x""#), ("number inside", "[5]"), ("empty record", "[{}]")]
        + [("too many", many(range.upperBound + 1) { _ in record(fields) })]
        + inner(fields)
    }
  }

  /// Every bad value of every field inside a record.
  private static func inner(_ fields: [Field]) -> [(String, String)] {
    fields.enumerated().flatMap { index, field in
      bad(field.type).map { what, value in
        var values = fields.map { ($0.name, good($0.type)) }
        values[index].1 = value
        return ("\(field.name) \(what)", "[" + object(values) + "]")
      }
    }
  }

  private static let deep = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)

  private static func record(_ fields: [Field]) -> String {
    object(fields.map { ($0.name, good($0.type)) })
  }

  private static func many(_ count: Int, _ item: (Int) -> String) -> String {
    "[" + (1...count).map(item).joined(separator: ",") + "]"
  }

  private static func base64URL(count: Int) -> String {
    Base64URL.encode([UInt8](repeating: 0, count: count))
  }

  private static func object(_ fields: [(String, String)]) -> String {
    "{" + fields.map { "\(quoted($0.0)):\($0.1)" }.joined(separator: ",") + "}"
  }

  private static func quoted(_ text: String) -> String { "\"\(text)\"" }
}
