import OpLog

/// Ops in columns: the form in which they travel in bulk (Protocol/segment.md).
///
/// A segment needs no catalogue. Payloads are taken apart along their CBOR, so that ops of unknown kinds
/// and newer fields are columns like all others, and the canonical bytes come out as they went in.
package enum Segment {
  /// The first byte.
  package static let version: UInt8 = 1

  /// What is in an item of a payload; the low three bits of the byte that begins its column.
  enum Form: UInt8, CaseIterable {
    case integer, bytes, text, reference, array, map, flag
    /// Items of several forms in one column.
    case mixed
  }

  /// How a column of integers is written; modes 0...64 are packed with so many bits.
  enum Mode {
    static let packedMax: UInt8 = 64
    static let dictionary: UInt8 = 65
    static let deltas: UInt8 = 66
    static let lengths: UInt8 = 67
    static let runs: UInt8 = 68
  }

  /// How deep columns of integers stand in others: gaps of a dictionary of differences.
  static let levelMax = 2

  /// The envelope of an op, beside its columns.
  struct Flags: OptionSet, Hashable {
    let rawValue: UInt8
    static let actor = Flags(rawValue: 1)
    static let policy = Flags(rawValue: 1 << 1)
    /// ``Op/names`` has a column.
    static let namesGiven = Flags(rawValue: 1 << 2)
    /// ``Op/names`` follows from the chain hashes of what the op names.
    static let namesFollow = Flags(rawValue: 1 << 3)
    static let body = Flags(rawValue: 1 << 4)
    static let was = Flags(rawValue: 1 << 5)
    /// The business date is not the day of the stamp.
    static let day = Flags(rawValue: 1 << 6)
    static let all = Flags(rawValue: 0x7F)
  }

  /// What ops have in common that share their columns: the kind, which fields the envelope has, and which
  /// keys the payload has.
  struct Shape: Hashable {
    let kind: KindNumber
    let flags: Flags
    let keys: KeySet
  }

  /// The keys of a map.
  struct KeySet: Hashable {
    /// Bit k for each key k of 0...62.
    var low: UInt64 = 0
    /// The others, ascending.
    var high: [UInt64] = []

    static let lowMax: UInt64 = 62
    /// In the number that is written: other keys follow.
    static let more: UInt64 = 1 << 63

    mutating func insert(_ key: UInt64) {
      if key <= Self.lowMax { low |= 1 << key } else { high.append(key) }
    }

    /// How many keys there are.
    var count: Int { low.nonzeroBitCount + high.count }

    /// All keys, ascending.
    var keys: [UInt64] {
      var keys: [UInt64] = []
      keys.reserveCapacity(count)
      var rest = low
      while rest != 0 {
        keys.append(UInt64(rest.trailingZeroBitCount))
        rest &= rest - 1
      }
      return keys + high
    }
  }
}

/// The limits of a segment; checked when one is written and when one is read.
package enum SegmentLimits {
  /// Ops: a message of 2 MiB at 16 bytes each.
  package static let opsMax = 131_072
  /// Values in payloads, maps and arrays included: 16 an op.
  ///
  /// Columns of equal values take no space, so this and the next limit bound what a small segment unfolds
  /// to.
  package static let itemsMax = 2_097_152
  /// Canonical bytes of all ops: 256 an op, 32 MiB.
  package static let opBytesMax = 33_554_432
}

/// Why bytes are not a segment, or ops do not fit into one.
package enum SegmentError: Error, Equatable, Sendable {
  /// It ends too early.
  case truncated
  /// A version that this program does not read.
  case version(UInt8)
  /// The check value at the end is not that of the bytes.
  case checksum
  /// Bytes stand behind the last column.
  case trailingBytes
  /// A value in another form than the one that it has.
  case notCanonical
  /// A number that its place cannot have.
  case outOfRange
  /// More than a limit allows.
  case tooMany
  /// Deeper than a payload may be.
  case tooDeep
  /// The columns are well and make no op.
  case malformedOp(OpError)
  /// The check value over what this op names does not follow from what the reader holds.
  case unknownNames(OpID)
}
