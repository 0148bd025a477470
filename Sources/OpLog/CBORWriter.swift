/// Writes deterministic CBOR (RFC 8949 §4.2.1): shortest heads, definite lengths.
///
/// The caller writes map keys in ascending order; ``CBORReader`` refuses anything else.
package struct CBORWriter {
  /// What has been written so far.
  package private(set) var bytes: [UInt8] = []

  /// A writer with room for one typical op.
  package init() { bytes.reserveCapacity(96) }

  /// Writes an integer of either sign.
  package mutating func integer(_ value: Int64) {
    if value >= 0 {
      head(.unsigned, UInt64(value))
    } else {
      head(.negative, UInt64(bitPattern: ~value))
    }
  }

  /// Writes a non-negative integer, a map key for example.
  package mutating func unsigned(_ value: UInt64) { head(.unsigned, value) }

  /// Writes a byte string.
  package mutating func byteString(_ value: [UInt8]) {
    head(.bytes, UInt64(value.count))
    bytes.append(contentsOf: value)
  }

  /// Writes a digest as a byte string of 32 bytes.
  package mutating func digest(_ value: Digest) {
    head(.bytes, UInt64(Digest.byteCount))
    value.append(to: &bytes)
  }

  /// Writes a text string.
  package mutating func text(_ value: String) {
    head(.text, UInt64(value.utf8.count))
    bytes.append(contentsOf: value.utf8)
  }

  /// Writes the head of an array; its items follow.
  package mutating func array(count: Int) { head(.array, UInt64(count)) }

  /// Writes the head of a map; its keys and values follow in ascending order of the keys.
  package mutating func map(count: Int) { head(.map, UInt64(count)) }

  /// Writes an op's id as [replica, seq].
  package mutating func pair(_ id: OpID) {
    array(count: 2)
    unsigned(UInt64(id.replica.rawValue))
    unsigned(id.seq)
  }

  /// Writes a reference: the id under ``CBOR/referenceTag``.
  package mutating func reference(_ id: OpID) {
    head(.tag, CBOR.referenceTag)
    pair(id)
  }

  /// Writes true or false.
  package mutating func flag(_ value: Bool) { bytes.append(value ? CBOR.trueByte : CBOR.falseByte) }

  /// Copies bytes that are canonical CBOR already.
  package mutating func raw(_ encoded: [UInt8]) { bytes.append(contentsOf: encoded) }

  private mutating func head(_ major: CBOR.Major, _ value: UInt64) {
    let top = major.rawValue << 5
    switch value {
    case 0..<24: bytes.append(top | UInt8(value))
    case 24..<0x100: bytes.append(contentsOf: [top | 24, UInt8(value)])
    case 0x100..<0x1_0000: argument(top | 25, value, byteCount: 2)
    case 0x1_0000..<0x1_0000_0000: argument(top | 26, value, byteCount: 4)
    default: argument(top | 27, value, byteCount: 8)
    }
  }

  private mutating func argument(_ first: UInt8, _ value: UInt64, byteCount: Int) {
    bytes.append(first)
    for i in (0..<byteCount).reversed() {
      bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * i)))
    }
  }
}

/// The part of CBOR that ops use: integers, byte and text strings, arrays, maps with integer keys,
/// true, false, and one tag.
package enum CBOR {
  /// The tag of a reference to an op, around [replica, seq].
  ///
  /// Tags make references visible to a replica that cannot read the kind.
  package static let referenceTag: UInt64 = 44_444

  static let falseByte: UInt8 = 0xF4
  static let trueByte: UInt8 = 0xF5

  /// The major types of RFC 8949 §3.1.
  package enum Major: UInt8, Sendable {
    case unsigned, negative, bytes, text, array, map, tag, simple
  }
}

/// Why bytes are not one canonical item.
package enum CBORError: Error, Equatable, Sendable {
  case truncated
  case notCanonical
  case unsupported
  case wrongType
  case outOfRange
  case tooDeep
  case tooManyReferences
  case invalidUTF8
  case trailingBytes
}
