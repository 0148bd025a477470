import OpLog

/// Reads the parts of which columns are made, and refuses every other form of the same value.
///
/// No count is believed before it is held against a limit, or against the bytes that are there.
struct SegmentReader {
  private let bytes: [UInt8]
  private let end: Int
  private var offset: Int
  /// How many values of payloads may still come.
  private var itemsLeft = SegmentLimits.itemsMax

  /// A reader of what stands between version and check value.
  ///
  /// - Throws: ``SegmentError`` for another version, and for bytes that were damaged.
  init(_ bytes: [UInt8], version known: UInt8 = Segment.version) throws(SegmentError) {
    guard let version = bytes.first else { throw .truncated }
    guard version == known else { throw .version(version) }
    guard bytes.count >= 5 else { throw .truncated }
    end = bytes.count - 4
    let check = bytes[end...].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    guard CRC32.of(bytes[..<end]) == check else { throw .checksum }
    self.bytes = bytes
    offset = 1
  }

  /// How many bytes are left.
  var left: Int { end - offset }

  func finish() throws(SegmentError) {
    guard offset == end else { throw .trailingBytes }
  }

  /// Counts values of payloads against their limit, before there is room made for them.
  mutating func claim(items count: Int) throws(SegmentError) {
    guard count <= itemsLeft else { throw .tooMany }
    itemsLeft -= count
  }

  mutating func byte() throws(SegmentError) -> UInt8 {
    guard offset < end else { throw .truncated }
    defer { offset += 1 }
    return bytes[offset]
  }

  mutating func raw(_ count: Int) throws(SegmentError) -> ArraySlice<UInt8> {
    guard count <= left else { throw .truncated }
    defer { offset += count }
    return bytes[offset..<(offset + count)]
  }

  mutating func varint() throws(SegmentError) -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      let byte = try byte()
      // The tenth byte has one bit left.
      guard shift < 63 || byte <= 1 else { throw .outOfRange }
      value |= UInt64(byte & 0x7F) << shift
      guard byte & 0x80 != 0 else {
        guard byte != 0 || shift == 0 else { throw .notCanonical }
        return value
      }
      shift += 7
    }
  }

  /// A count in a range; beyond it, ``SegmentError/outOfRange``.
  mutating func count(_ range: ClosedRange<Int>) throws(SegmentError) -> Int {
    let value = try varint()
    guard value <= UInt64(range.upperBound), Int(value) >= range.lowerBound else {
      throw .outOfRange
    }
    return Int(value)
  }

  mutating func zigzag() throws(SegmentError) -> Int64 { Self.zigzag(try varint()) }

  static func zigzag(_ value: UInt64) -> Int64 {
    Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
  }

  /// The bits of a number below `count`.
  static func width(ofIndexBelow count: Int) -> Int {
    count < 2 ? 0 : Int.bitWidth - (count - 1).leadingZeroBitCount
  }

  /// Takes so many bytes of packed bits away.
  mutating func bits(_ count: Int) throws(SegmentError) -> PackedBits {
    let length = (count + 7) / 8
    guard length <= left else { throw .truncated }
    defer { offset += length }
    // The last byte is filled with zeros.
    let rest = count % 8
    guard rest == 0 || bytes[offset + length - 1] >> UInt8(rest) == 0 else { throw .notCanonical }
    return PackedBits(bytes, from: offset)
  }

  mutating func keys() throws(SegmentError) -> Segment.KeySet { try keys(try varint()) }

  /// The keys of a map whose first number was read.
  mutating func keys(_ first: UInt64) throws(SegmentError) -> Segment.KeySet {
    var keys = Segment.KeySet()
    keys.low = first & ~Segment.KeySet.more
    guard first & Segment.KeySet.more != 0 else { return keys }
    // Each key takes a byte at least.
    let count = try count(1...max(1, left))
    var least = Segment.KeySet.lowMax &+ 1
    for index in 0..<count {
      let (key, overflow) = least.addingReportingOverflow(try varint())
      guard !overflow, index + 1 == count || key < .max else { throw .outOfRange }
      keys.high.append(key)
      least = key &+ 1
    }
    return keys
  }

  /// The byte that begins the column of one item, and its number.
  mutating func head() throws(SegmentError) -> (form: Segment.Form, value: UInt64) {
    let byte = try byte()
    guard let form = Segment.Form(rawValue: byte & 7) else { throw .outOfRange }
    guard byte >> 3 == 31 else { return (form, UInt64(byte >> 3)) }
    let (value, overflow) = try varint().addingReportingOverflow(31)
    guard !overflow else { throw .outOfRange }
    return (form, value)
  }
}

/// Bits that were packed, the least significant first.
struct PackedBits {
  private let bytes: [UInt8]
  private var offset: Int
  private var pending: UInt64 = 0
  private var pendingCount = 0

  init(_ bytes: [UInt8], from offset: Int) {
    self.bytes = bytes
    self.offset = offset
  }

  /// The next number of so many bits; the caller knows how many there are.
  @inline(__always)
  mutating func take(_ width: Int) -> UInt64 {
    guard width <= 32 else {
      let low = take(32)
      return low | take(width - 32) << 32
    }
    while pendingCount < width {
      pending |= UInt64(bytes[offset]) << UInt64(pendingCount)
      offset += 1
      pendingCount += 8
    }
    let value = pending & (1 << UInt64(width) - 1)
    pending >>= UInt64(width)
    pendingCount -= width
    return value
  }
}
