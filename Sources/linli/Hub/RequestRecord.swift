import Community
import OpLog
import Store
import Wire

/// A record that somebody is to judge: what it says, who made it, and whom and what it names.
struct RequestRecord {
  /// One of its fields.
  struct Field {
    let name: String
    /// The value, with choices by their names; nil while the body that holds it is not here.
    let value: String?
    /// What people call the record that the value names.
    let called: String?
  }

  let id: OpID
  let kind: String
  let words: Words
  let actor: OpID?
  /// The recorder's name; nil while it is not here.
  let recorder: String?
  let occurredOn: BusinessDate
  /// The record in a line.
  let about: String
  let fields: [Field]
  /// Whether there is no more to it than what people call it: staff, a community.
  let isNameAlone: Bool
  /// The records that it names, but for those that it replaces.
  let references: [OpID]

  /// Reads one from the log; nil for a kind that this version does not know.
  init?(
    _ id: OpID, in store: Store, _ subjects: DeskSubject
  ) throws(StoreError) {
    let op = try subjects.op(id)
    guard let kind = Catalogue.kind(op.kind),
      let payload = kind.schema.payload(of: op)
    else { return nil }
    self.id = id
    self.kind = kind.name
    words = kind.words
    actor = op.actor
    recorder = try op.actor.flatMap { (actor) throws(StoreError) in try store.staffName(actor) }
    occurredOn = op.occurredOn
    about = try subjects.about(id)
    let name = try subjects.name(of: id)
    isNameAlone = kind.isHubOnly && name != nil
    var fields: [Field] = []
    var references: [OpID] = []
    for (field, value) in zip(kind.schema.fields, payload.values) {
      guard let value, let text = Self.text(value, field.type) else { continue }
      var called: String?
      if case .reference(let id) = value { called = try subjects.name(of: id) }
      fields.append(Field(name: field.name, value: text, called: called))
      switch value {
      case .reference(let id): references.append(id)
      case .references(let ids): if field.name != "replaces" { references += ids }
      default: break
      }
    }
    for field in kind.body {
      let value = try ResidentFile.value(of: field.name, by: op, in: store)
      if value != "" { fields.append(Field(name: field.name, value: value, called: nil)) }
    }
    self.fields = fields
    self.references = references
  }

  /// Writes its members but for the id.
  func write(to json: inout JSONWriter) {
    json.member("kind", kind)
    json.member("as", actor)
    json.member("recorder", recorder)
    json.member("on", occurredOn.description)
    json.member("fields") { json in
      for field in fields { json.member(field.name, field.value) }
    }
  }

  /// A value as people read it; nil for lists of records, which the line about the record tells.
  private static func text(_ value: PayloadValue, _ type: FieldType) -> String? {
    switch (value, type) {
    case (.integer(let index), .choice(let names)) where names.indices.contains(Int(index)):
      names[Int(index)]
    case (.integer(let day), .date): BusinessDate(day: day)?.description ?? String(day)
    case (.integer(let number), _): String(number)
    case (.text(let text), _): text
    case (.reference(let id), _): id.description
    case (.references(let ids), _): ids.map(\.description).joined(separator: ", ")
    case (.bytes, _), (.records, _): nil
    }
  }
}
