import Community
import OpLog
import Store
import Wire

/// One of several values that stand in a field at once.
struct ForkedValue {
  /// The op that wrote it.
  let op: OpID
  /// The value; nil while its body is not here.
  let value: String?
}

/// The fields of a resident's file, whose values are in bodies.
enum ResidentFile {
  /// The fields in the order of their registers.
  static let fields = Catalogue.kind(named: "resident.update")?.body.map(\.name) ?? []

  /// The field of a register's number.
  static func field(_ number: String?) -> String? {
    number.flatMap { Int($0) }.flatMap { fields.indices.contains($0) ? fields[$0] : nil }
  }

  /// The values that stand in a field.
  static func values(
    of resident: OpID, field: String, in store: Store
  ) throws(StoreError) -> [ForkedValue] {
    var values: [ForkedValue] = []
    for id in try store.liveValues(of: resident, field: field) {
      let digest = try store.op(id).body
      let body = try digest.flatMap { (digest) throws(StoreError) in try store.body(digest) }
      values.append(ForkedValue(op: id, value: body.flatMap { text(of: field, in: $0) }))
    }
    return values
  }

  /// One member of a body, which is a JSON object of strings.
  private static func text(of field: String, in body: Body) -> String? {
    var found: String?
    do throws(WireError) {
      var json = try JSONReader(Array(body.content.utf8), max: Body.contentBytesMax)
      try json.object { (name, json) throws(WireError) in
        if name == field {
          found = try json.text(0...Body.contentBytesMax)
        } else {
          try json.skip()
        }
      }
      return found
    } catch { return nil }
  }
}
