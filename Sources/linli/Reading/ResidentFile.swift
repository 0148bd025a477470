import Community
import OpLog
import Store
import Wire

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
      values.append(ForkedValue(op: id, value: try value(of: field, by: store.op(id), in: store)))
    }
    return values
  }

  /// What an op says of a field of its body: empty for nothing; nil while its body is not here.
  static func value(of field: String, by op: Op, in store: Store) throws(StoreError) -> String? {
    guard let digest = op.body else { return "" }
    guard let body = try store.body(digest) else { return nil }
    return BodyJSON.member(field, of: body.content) ?? ""
  }
}
