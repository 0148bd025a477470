import OpLog
import Wire

/// Something to be recorded, by the names of `ops.md`.
struct Draft {
  /// What a field says, in the JSON of canonical.md §7.2.
  indirect enum Value {
    case text(String)
    case number(Int64)
    case texts([String])
    case records([[(name: String, value: Value)]])

    fileprivate func write(to json: inout JSONWriter) {
      switch self {
      case .text(let text): json.text(text)
      case .number(let number): json.integer(number)
      case .texts(let texts):
        json.openArray()
        for text in texts { json.text(text) }
        json.closeArray()
      case .records(let records):
        json.openArray()
        for record in records { Draft.write(record, to: &json) }
        json.closeArray()
      }
    }
  }

  /// The kind's name.
  let kind: String
  /// The fields of payload and body.
  var fields: [(name: String, value: Value)]
  /// Who records it; nil for the first of the staff.
  var actor: OpID?

  init(_ kind: String, _ fields: [(name: String, value: Value)], by actor: OpID? = nil) {
    self.kind = kind
    self.fields = fields
    self.actor = actor
  }

  /// The plainest op that there is.
  static func activity(_ title: String, points: Int64 = 3, on day: BusinessDate) -> Draft {
    Draft(
      "activity.publish",
      [
        ("title", .text(title)), ("category", .text("labour")), ("points", .number(points)),
        ("held_on", .text(day.description)),
      ])
  }

  /// Writes the fields as an object.
  func write(to json: inout JSONWriter) { Self.write(fields, to: &json) }

  private static func write(
    _ fields: [(name: String, value: Value)], to json: inout JSONWriter
  ) {
    json.openObject()
    for (name, value) in fields {
      json.key(name)
      value.write(to: &json)
    }
    json.closeObject()
  }
}
