import OpLog

/// What one version of this program knows of the catalogue.
///
/// The program is of the ``present`` one; tests make older ones, to be an office or a hub that was not
/// upgraded yet.
package struct Edition: Sendable {
  /// This version's.
  package static let present = Edition(version: Catalogue.version, kinds: Catalogue.kinds)

  /// Its number: ``Catalogue/version`` of then.
  package let version: UInt32
  /// Its kinds.
  package let kinds: [Kind]
  private let byNumber: [Kind?]

  /// Makes an edition of some kinds.
  package init(version: UInt32, kinds: [Kind]) {
    self.version = version
    self.kinds = kinds
    let count = (kinds.map { Int($0.number) }.max() ?? 0) + 1
    var table = [Kind?](repeating: nil, count: count)
    for kind in kinds { table[Int(kind.number)] = kind }
    byNumber = table
  }

  /// The kind with a number; nil for one that this edition does not know.
  ///
  /// O(1).
  package func kind(_ number: KindNumber) -> Kind? {
    Int(number) < byNumber.count ? byNumber[Int(number)] : nil
  }

  /// The schemas alone, for codecs.
  package var schemas: [(number: KindNumber, name: String, schema: PayloadSchema)] {
    kinds.map { ($0.number, $0.name, $0.schema) }
  }
}
