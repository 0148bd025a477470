import Community
import OpLog
import Pages
import Store

/// One of several values that stand at once.
struct ForkedValue {
  /// The op that wrote it.
  let op: OpID
  /// The value, empty where the op cleared the field; nil while its body is not here.
  let value: String?
}

/// What was changed at two places at once: the values, and the record that decides between them.
struct Fork {
  /// The field: one of a resident's file or an activity, `points` of an item, those of a
  /// household's file in which its versions differ.
  let field: String
  /// All values that stand.
  let values: [ForkedValue]
  /// The kind of record that decides.
  let kind: String

  /// The fork of an entry of the desk; nil where its subject is not here.
  init?(of subject: OpID, detail: String?, in store: Store) throws(StoreError) {
    guard let op = try? store.op(subject) else { return nil }
    switch Catalogue.kind(op.kind)?.name {
    case "resident.register":
      guard let field = ResidentFile.field(detail) else { return nil }
      self.init(
        field: field, values: try ResidentFile.values(of: subject, field: field, in: store),
        kind: "resident.update")
    case "item.define":
      let values = try store.livePrices(of: subject).map { (id) throws(StoreError) in
        ForkedValue(op: id, value: try Self.value(of: "points", by: id, in: store))
      }
      self.init(field: "points", values: values, kind: "item.reprice")
    case "activity.publish":
      guard let register = detail.flatMap({ Int64($0) }).flatMap(ActivityRegister.init) else {
        return nil
      }
      let name = register.name
      let values = try store.liveValues(of: subject, register).map { (id) throws(StoreError) in
        ForkedValue(op: id, value: try Self.value(of: name, by: id, in: store))
      }
      self.init(field: name, values: values, kind: "activity.amend")
    case "household.upsert_file":
      try self.init(ofHousehold: subject, in: store)
    default: return nil
    }
  }

  /// The versions of a household's file, as far as they differ: each is a whole file.
  private init(ofHousehold household: OpID, in store: Store) throws(StoreError) {
    let kind = "household.upsert_file"
    let names = ["head"] + (Catalogue.kind(named: kind)?.body.map(\.name) ?? [])
    var versions: [(op: OpID, values: [String?])] = []
    for id in try store.household(household)?.versions ?? [] {
      let op = try store.op(id)
      let values = try names.map { (name) throws(StoreError) in
        name == "head"
          ? try Self.value(of: name, by: id, in: store) ?? ""
          : try ResidentFile.value(of: name, by: op, in: store)
      }
      versions.append((id, values))
    }
    let differing = names.indices.filter { index in Set(versions.map { $0.values[index] }).count > 1
    }
    let values = versions.map { version in
      let shown = differing.compactMap { version.values[$0] }
      let isWhole = shown.count == differing.count
      return ForkedValue(op: version.op, value: isWhole ? shown.joined(separator: ", ") : nil)
    }
    self.init(
      field: differing.map { names[$0] }.joined(separator: ", "), values: values, kind: kind)
  }

  private init(field: String, values: [ForkedValue], kind: String) {
    self.field = field
    self.values = values
    self.kind = kind
  }

  /// What staff can do.
  var advice: Words {
    Words(
      "核对后，用 \(kind) 再记一次正确的值",
      "find out which is right, then record it once more with \(kind)")
  }

  /// A field of an op's payload as text; nil where it has none.
  private static func value(
    of field: String, by id: OpID, in store: Store
  ) throws(StoreError) -> String? {
    let op = try store.op(id)
    guard let schema = Catalogue.kind(op.kind)?.schema,
      let index = schema.fields.firstIndex(where: { $0.name == field }),
      let payload = schema.payload(of: op)
    else { return nil }
    switch payload.values[index] {
    case .integer(let number):
      let date = schema.fields[index].type == .date ? BusinessDate(day: number) : nil
      return date?.description ?? String(number)
    case .text(let text): return text
    case .reference(let id): return id.description
    default: return nil
    }
  }
}
