import OpLog

/// What this replica knows about op kinds: number, name, and payload of each.
///
/// Whoever uses the codec passes it in, so that messages do not depend on a catalogue.
package struct SchemaTable: Sendable {
  /// One kind.
  package typealias Row = (number: KindNumber, name: String, schema: PayloadSchema)

  private let rows: [Row]
  private let byNumber: [KindNumber: Int]
  private let byName: [String: Int]

  /// Makes a table; two rows with one number or one name are a bug of the caller.
  package init(_ rows: [Row]) {
    self.rows = rows
    byNumber = Dictionary(uniqueKeysWithValues: rows.indices.map { (rows[$0].number, $0) })
    byName = Dictionary(uniqueKeysWithValues: rows.indices.map { (rows[$0].name, $0) })
  }

  /// The kind with a number; nil for one that nobody here knows.
  package subscript(number: KindNumber) -> Row? { byNumber[number].map { rows[$0] } }

  /// The kind with a name; nil for one that nobody here knows.
  package subscript(name: String) -> Row? { byName[name].map { rows[$0] } }
}
