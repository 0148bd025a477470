import OpLog

/// Writes the parts of which columns are made: variable-length integers, packed bits, raw bytes.
struct SegmentWriter {
  /// What has been written so far.
  private(set) var bytes: [UInt8] = []
  private var pending: UInt64 = 0
  private var pendingCount = 0

  mutating func reserve(_ count: Int) { bytes.reserveCapacity(count) }

  mutating func byte(_ value: UInt8) { bytes.append(value) }

  mutating func raw(_ value: some Sequence<UInt8>) { bytes.append(contentsOf: value) }

  /// Seven bits a byte, the least significant first; the top bit says that more follow.
  mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  mutating func varint(_ value: Int) { varint(UInt64(value)) }

  /// An integer of either sign, small ones short.
  mutating func zigzag(_ value: Int64) { varint(Self.zigzag(value)) }

  /// 0, −1, 1, −2, 2 … as 0, 1, 2, 3, 4 ….
  static func zigzag(_ value: Int64) -> UInt64 { UInt64(bitPattern: value << 1 ^ value >> 63) }

  /// Adds bits, the least significant first; ``flush()`` ends them.
  @inline(__always)
  mutating func put(_ value: UInt64, width: Int) {
    guard width <= 32 else {
      put(value & 0xFFFF_FFFF, width: 32)
      return put(value >> 32, width: width - 32)
    }
    pending |= value << UInt64(pendingCount)
    pendingCount += width
    while pendingCount >= 8 {
      bytes.append(UInt8(truncatingIfNeeded: pending))
      pending >>= 8
      pendingCount -= 8
    }
  }

  /// Fills the last byte of bits with zeros.
  mutating func flush() {
    guard pendingCount > 0 else { return }
    bytes.append(UInt8(truncatingIfNeeded: pending))
    pending = 0
    pendingCount = 0
  }

  /// The keys of a map: a bit for each of 0...62, then the others.
  mutating func keys(_ keys: Segment.KeySet) {
    varint(keys.high.isEmpty ? keys.low : keys.low | Segment.KeySet.more)
    otherKeys(keys)
  }

  /// The keys above 62: their count, the first less 63, and each less the one before and one.
  mutating func otherKeys(_ keys: Segment.KeySet) {
    guard !keys.high.isEmpty else { return }
    varint(keys.high.count)
    var least = Segment.KeySet.lowMax &+ 1
    for key in keys.high {
      varint(key &- least)
      least = key &+ 1
    }
  }

  /// The byte that begins the column of one item: its form, and a number that fits into five bits or
  /// follows.
  mutating func head(_ form: Segment.Form, _ value: UInt64) {
    guard value >= 31 else { return byte(UInt8(value) << 3 | form.rawValue) }
    byte(31 << 3 | form.rawValue)
    varint(value - 31)
  }
}
