import OpLog

/// The op catalogue: one row for each kind.
///
/// A new kind is a row here and a fold beside it.
package enum Catalogue {
  /// Which catalogue this is; digests are compared only between equal versions, and a database that
  /// another version folded is folded anew.
  ///
  /// One more whenever equal logs may give other rows than before: other tables, columns, or keys, and
  /// other rules in a fold.
  package static let version: UInt32 = 9

  /// Every kind, by number.
  package static let kinds: [Kind] = system + people + work + counter + rights + stock + closing

  /// The kind with a number; nil for one that this version does not know.
  ///
  /// O(1).
  package static func kind(_ number: KindNumber) -> Kind? {
    Edition.present.kind(number)
  }

  /// The kind with a name; nil for an unknown name.
  ///
  /// O(1).
  package static func kind(named name: String) -> Kind? { byName[name] }

  /// The schemas alone, for codecs.
  package static let schemas = Edition.present.schemas

  private static let byName = Dictionary(uniqueKeysWithValues: kinds.map { ($0.name, $0) })

  static func row(
    _ number: KindNumber, _ name: String, _ chinese: String, _ english: String,
    _ schema: PayloadSchema, _ merge: MergeClass, key: String = "", by roles: [Role] = [],
    byProgram isByProgram: Bool = false, body: [BodyField] = [], offline isOffline: Bool = true,
    dated isDated: Bool = false, signed isSigned: Bool = false,
    decides isDecision: Bool = false, reads: [Table] = [], fold: (any Fold.Type)?
  ) -> Kind {
    Kind(
      number: number, name: name, words: Words(chinese, english), schema: schema, body: body,
      merge: merge, naturalKey: key, roles: roles, isByProgram: isByProgram, isOffline: isOffline,
      isDated: isDated, isSigned: isSigned, isDecision: isDecision, reads: reads.map(\.name),
      fold: fold)
  }
}
