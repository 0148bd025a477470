import Community
import OpLog
import Store
import Wire

/// The fields of a resident's file, whose values are in bodies.
enum ResidentFile {
  /// The fields in the order of their registers.
  static let fields = Catalogue.kind(named: "resident.update")?.body.map(\.name) ?? []

  /// The field that says how old a person is; it is in the log and in no body.
  static let ageBand = "age_band"

  /// Everything of a file that updates change, in the order of the registers.
  static let registers = fields + [ageBand]

  /// The field of a register's number.
  static func field(_ number: String?) -> String? {
    number.flatMap { Int($0) }.flatMap { registers.indices.contains($0) ? registers[$0] : nil }
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
    guard field != ageBand else { return band(by: op) }
    guard let digest = op.body else { return "" }
    guard let body = try store.body(digest) else { return nil }
    return BodyJSON.member(field, of: body.content) ?? ""
  }

  /// How old a person is said to be by a registration or an update; empty for nothing.
  private static func band(by op: Op) -> String {
    guard let schema = Catalogue.kind(op.kind)?.schema,
      let index = schema.fields.firstIndex(where: { $0.name == ageBand }),
      let payload = schema.payload(of: op),
      let band = payload.integer(index + 1).flatMap(AgeBand.init)
    else { return "" }
    return AgeBand.names[Int(band.rawValue)]
  }
}
