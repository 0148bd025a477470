/// The hashes of some rows of a state, summed in two lanes of 64 bits (Protocol/state.md §5).
package struct LaneSum: Hashable, Sendable {
  /// The first lane, wrapping.
  package var a: UInt64
  /// The second lane, wrapping.
  package var b: UInt64

  /// Takes over two lanes; without arguments, the sum of no rows.
  package init(a: UInt64 = 0, b: UInt64 = 0) {
    self.a = a
    self.b = b
  }

  /// Takes over 16 bytes, lane 1 first, both big-endian.
  ///
  /// - Returns: `nil` unless there are exactly 16 bytes.
  package init?(_ bytes: some Collection<UInt8>) {
    guard bytes.count == LaneSum.byteCount else { return nil }
    func lane(_ half: some Sequence<UInt8>) -> UInt64 { half.reduce(0) { $0 << 8 | UInt64($1) } }
    self.init(a: lane(bytes.prefix(8)), b: lane(bytes.suffix(8)))
  }

  /// The length of ``bytes``.
  package static let byteCount = 16

  /// Both lanes, big-endian.
  package var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.appendBigEndian(a)
    bytes.appendBigEndian(b)
    return bytes
  }

  /// Adds another sum.
  package mutating func add(_ other: LaneSum) {
    a &+= other.a
    b &+= other.b
  }
}
