/// One writer with one log; issued by the hub at enrolment and never used again in a street.
///
/// A hub incarnation of number n is replica 4096 × n and issues the 4,095 ids above.
package struct ReplicaID:
  Hashable, Comparable, Sendable, RawRepresentable, CustomStringConvertible
{
  /// The number itself, 1...2^31 − 1.
  package let rawValue: UInt32

  /// How many ids belong to one hub incarnation, its own included.
  package static let idsPerIncarnation: UInt32 = 4096

  /// Makes an id; nil for 0 and beyond ``EnvelopeLimits/replicaMax``.
  package init?(rawValue: UInt32) {
    guard rawValue > 0, rawValue <= EnvelopeLimits.replicaMax else { return nil }
    self.rawValue = rawValue
  }

  /// The id of the hub whose incarnation has this number; a caller bug outside 1...524,287.
  package static func hub(incarnation number: UInt32) -> ReplicaID {
    guard let id = ReplicaID(rawValue: number &* idsPerIncarnation), number <= 524_287 else {
      preconditionFailure("incarnation number out of range")
    }
    return id
  }

  /// The number of the hub incarnation that issued this id.
  package var incarnation: UInt32 { rawValue / Self.idsPerIncarnation }

  /// Whether this is a hub's own log.
  package var isHub: Bool { rawValue % Self.idsPerIncarnation == 0 }

  package var description: String { String(rawValue) }

  package static func < (left: ReplicaID, right: ReplicaID) -> Bool {
    left.rawValue < right.rawValue
  }
}

/// The name of one op, and of the entity that it creates: (replica, seq), as text `4097-345`.
package struct OpID: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// replica × 2^32 + seq: sorts like the pair, and is the key of every table.
  package let packed: Int64

  /// Makes an id; nil when seq is 0 or beyond ``EnvelopeLimits/seqMax``.
  package init?(_ replica: ReplicaID, _ seq: UInt64) {
    guard seq > 0, seq <= EnvelopeLimits.seqMax else { return nil }
    packed = Int64(replica.rawValue) << 32 | Int64(seq)
  }

  /// Reads the packed form back; nil for a number that no id has.
  package init?(packed: Int64) {
    guard packed > 0, packed >> 32 > 0, packed & 0xFFFF_FFFF > 0 else { return nil }
    self.packed = packed
  }

  /// Reads the text form `replica-seq`, in decimal without signs, blanks, or leading zeros.
  package init?(_ text: some StringProtocol) {
    let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    guard parts.count == 2, let replica = Self.decimal(parts[0]), let seq = Self.decimal(parts[1]),
      replica <= UInt64(EnvelopeLimits.replicaMax), let id = ReplicaID(rawValue: UInt32(replica))
    else { return nil }
    self.init(id, seq)
  }

  /// The writer.
  package var replica: ReplicaID {
    guard let id = ReplicaID(rawValue: UInt32(truncatingIfNeeded: packed >> 32)) else {
      preconditionFailure("an OpID is made only with a valid replica")
    }
    return id
  }

  /// The place in the writer's log, dense from 1.
  package var seq: UInt64 { UInt64(packed & 0xFFFF_FFFF) }

  package var description: String { "\(packed >> 32)-\(packed & 0xFFFF_FFFF)" }

  package static func < (left: OpID, right: OpID) -> Bool { left.packed < right.packed }

  package static func == (left: OpID, right: OpID) -> Bool { left.packed == right.packed }

  package func hash(into hasher: inout Hasher) { hasher.combine(packed) }

  private static func decimal(_ digits: some Collection<UInt8>) -> UInt64? {
    guard let first = digits.first, first != UInt8(ascii: "0"), digits.count <= 10 else {
      return nil
    }
    var value: UInt64 = 0
    for digit in digits {
      guard digit >= 0x30, digit <= 0x39 else { return nil }
      value = value * 10 + UInt64(digit - 0x30)
    }
    return value
  }
}
