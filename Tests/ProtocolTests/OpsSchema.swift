import Community
import OpLog

/// The catalogue as JSON Schemas: `Protocol/schemas/ops.json` and `bodies.json`.
enum OpsSchema {
  private static let dialect: SchemaText = "https://json-schema.org/draft/2020-12/schema"

  /// An op, by its kind.
  static var ops: SchemaText {
    let names = Catalogue.kinds.flatMap { [SchemaText.text($0.name), .text("#\($0.number)")] }
    let unknown: SchemaText = [
      "if": ["properties": ["kind": ["not": ["enum": .array(names)]]]],
      "then": [
        "properties": [
          "kind": ["pattern": "^#[1-9][0-9]{0,4}$"], "payload": value("numbered"),
        ]
      ],
    ]
    return [
      "$schema": dialect, "title": "An op",
      "description": .text(
        "canonical.md §7, with the kinds of ops.md; generated from catalogue \(Catalogue.version)"),
      "type": "object", "required": ["id", "stamp", "kind", "occurred_on", "payload"],
      "properties": [
        "id": value("opId"), "stamp": value("stamp"),
        "kind": ["type": "string", "minLength": .integer(1), "maxLength": .integer(64)],
        "actor": value("opId"), "occurred_on": value("date"), "policy": value("opId"),
        "payload": ["type": "object"], "names": value("bytes8"), "body": value("digest"),
        "was": value("digest"),
      ],
      "additionalProperties": .flag(false),
      "allOf": .array(Catalogue.kinds.map(choice) + [unknown]),
      "$defs": .object(Catalogue.kinds.map { ($0.name, payload(of: $0)) }),
    ]
  }

  /// The contents of bodies, by the kind of op that names them.
  static var bodies: SchemaText {
    let kinds = Catalogue.kinds.filter { !$0.body.isEmpty }
    return [
      "$schema": dialect, "title": "The contents of bodies, by kind of op",
      "description": .text(
        "bodies.md §1.2, with the members of ops.md; generated from catalogue \(Catalogue.version)"),
      "$defs": .object(
        kinds.map { kind in
          let required = kind.body.filter(\.isRequired).map { SchemaText.text($0.name) }
          let members = kind.body.map { field in
            (field.name, SchemaText.object([("type", "string")] + length(field.length)))
          }
          return (
            kind.name,
            .object(
              [("type", "object")] + (required.isEmpty ? [] : [("required", .array(required))])
                + [
                  ("properties", .object(members)), ("additionalProperties", ["type": "string"]),
                ])
          )
        }),
    ]
  }

  /// What holds of an op of a kind, which is named or numbered.
  private static func choice(_ kind: Kind) -> SchemaText {
    [
      "if": ["properties": ["kind": ["enum": [.text(kind.name), .text("#\(kind.number)")]]]],
      "then": ["properties": ["payload": ["$ref": .text("#/$defs/\(kind.name)")]]],
    ]
  }

  /// A payload by names, with keys of a newer version by numbers; or all of it by numbers.
  private static func payload(of kind: Kind) -> SchemaText {
    [
      "description": .text("\(kind.number) \(kind.words.chinese): \(kind.words.english)"),
      "anyOf": [map(kind.schema.fields), value("numbered")],
    ]
  }

  private static func map(_ fields: [Field]) -> SchemaText {
    let required = fields.filter(\.isRequired).map { SchemaText.text($0.name) }
    return .object(
      [("type", "object")] + (required.isEmpty ? [] : [("required", .array(required))]) + [
        ("properties", .object(fields.map { ($0.name, schema(of: $0.type)) })),
        ("patternProperties", ["^#(0|[1-9][0-9]{0,19})$": value("generic")]),
        ("additionalProperties", .flag(false)),
      ])
  }

  private static func schema(of type: FieldType) -> SchemaText {
    switch type {
    case .integer(let range):
      let bounds: [(String, SchemaText)] = [
        ("type", "integer"), ("minimum", .integer(max(range.lowerBound, -exact))),
        ("maximum", .integer(min(range.upperBound, exact))),
      ]
      guard range.lowerBound < -exact || range.upperBound > exact else { return .object(bounds) }
      return ["anyOf": [.object(bounds), value("wideInteger")]]
    case .text(let range): return .object([ref("text")] + length(range))
    case .bytes(let range):
      return .object([
        ref("bytes"), ("minLength", .integer(letters(range.lowerBound))),
        ("maxLength", .integer(letters(range.upperBound))),
      ])
    case .flag: return ["type": "boolean"]
    case .choice(let names): return ["enum": .array(names.map { .text($0) })]
    case .choices(let names):
      return [
        "type": "array", "minItems": .integer(1), "uniqueItems": .flag(true),
        "items": ["enum": .array(names.map { .text($0) })],
      ]
    case .date: return value("date")
    case .replica: return value("replica")
    case .reference: return value("opId")
    case .references(_, let count):
      return .object(
        [("type", "array")] + items(count) + [
          ("uniqueItems", .flag(true)), ("items", value("opId")),
        ])
    case .records(let fields, let count):
      return .object([("type", "array")] + items(count) + [("items", map(fields))])
    }
  }

  private static let exact: Int64 = EnvelopeLimits.integerMax

  /// Letters of base64url for so many bytes.
  private static func letters(_ bytes: Int) -> Int64 { Int64((bytes * 4 + 2) / 3) }

  private static func items(_ count: ClosedRange<Int>) -> [(String, SchemaText)] {
    [
      ("minItems", .integer(Int64(count.lowerBound))),
      ("maxItems", .integer(Int64(count.upperBound))),
    ]
  }

  /// A schema counts characters: each has 1 to 4 bytes.
  private static func length(_ bytes: ClosedRange<Int>) -> [(String, SchemaText)] {
    [
      ("minLength", .integer(Int64((bytes.lowerBound + 3) / 4))),
      ("maxLength", .integer(Int64(bytes.upperBound))),
    ]
  }

  private static func ref(_ name: String) -> (String, SchemaText) {
    ("$ref", .text("values.json#/$defs/\(name)"))
  }

  private static func value(_ name: String) -> SchemaText { .object([ref(name)]) }
}
