/// Reads deterministic CBOR and refuses every other encoding of the same value.
///
/// A value type over one array: reading allocates only what it returns. Each read is O(item).
package struct CBORReader {
  private let bytes: [UInt8]
  private let end: Int
  /// Where the next item starts.
  package private(set) var offset: Int

  /// A reader over the whole array, or over a part of it.
  package init(_ bytes: [UInt8], in range: Range<Int>? = nil) {
    self.bytes = bytes
    offset = range?.lowerBound ?? 0
    end = range?.upperBound ?? bytes.count
    precondition(offset >= 0 && end <= bytes.count, "caller bug: range outside the bytes")
  }

  /// Whether everything was read.
  package var isAtEnd: Bool { offset == end }

  /// Fails unless everything was read.
  package func finish() throws(CBORError) {
    guard isAtEnd else { throw .trailingBytes }
  }

  /// The type of the next item.
  package func peek() throws(CBORError) -> CBOR.Major {
    guard offset < end, let major = CBOR.Major(rawValue: bytes[offset] >> 5) else {
      throw .truncated
    }
    return major
  }

  /// Reads an integer of either sign.
  package mutating func integer() throws(CBORError) -> Int64 {
    let (major, value) = try head()
    guard value <= UInt64(Int64.max) else { throw .outOfRange }
    if major == CBOR.Major.unsigned.rawValue { return Int64(value) }
    guard major == CBOR.Major.negative.rawValue else { throw .wrongType }
    return ~Int64(value)
  }

  /// Reads a non-negative integer.
  package mutating func unsigned() throws(CBORError) -> UInt64 {
    let (major, value) = try head()
    guard major == CBOR.Major.unsigned.rawValue else { throw .wrongType }
    return value
  }

  /// Reads a byte string of at most `max` bytes.
  package mutating func byteString(max: Int) throws(CBORError) -> [UInt8] {
    Array(bytes[try stringRange(.bytes, max: max)])
  }

  /// Reads a byte string of exactly 32 bytes.
  package mutating func digest() throws(CBORError) -> Digest {
    guard let value = Digest(bytes[try stringRange(.bytes, max: Digest.byteCount)]) else {
      throw .outOfRange
    }
    return value
  }

  /// Reads a text string of at most `max` bytes of valid UTF-8.
  package mutating func text(max: Int) throws(CBORError) -> String {
    let range = try stringRange(.text, max: max)
    guard let value = String(validating: bytes[range], as: UTF8.self) else { throw .invalidUTF8 }
    return value
  }

  /// Reads the head of an array and returns how many items follow.
  package mutating func array(max: Int) throws(CBORError) -> Int { try count(.array, max: max) }

  /// Reads the head of a map and returns how many pairs follow.
  package mutating func map(max: Int) throws(CBORError) -> Int { try count(.map, max: max) }

  /// Reads the next key of a map and checks that it is larger than the one before.
  package mutating func key(after previous: inout UInt64?) throws(CBORError) -> UInt64 {
    let key = try unsigned()
    if let previous, key <= previous { throw .notCanonical }
    previous = key
    return key
  }

  /// Reads an id as [replica, seq].
  package mutating func pair() throws(CBORError) -> OpID {
    guard try array(max: 2) == 2 else { throw .outOfRange }
    let replica = try unsigned()
    let seq = try unsigned()
    guard replica <= UInt64(EnvelopeLimits.replicaMax),
      let writer = ReplicaID(rawValue: UInt32(replica)), let id = OpID(writer, seq)
    else { throw .outOfRange }
    return id
  }

  /// Reads a tagged reference.
  package mutating func reference() throws(CBORError) -> OpID {
    let (major, tag) = try head()
    guard major == CBOR.Major.tag.rawValue, tag == CBOR.referenceTag else { throw .wrongType }
    return try pair()
  }

  /// Reads true or false.
  package mutating func flag() throws(CBORError) -> Bool {
    guard offset < end else { throw .truncated }
    defer { offset += 1 }
    switch bytes[offset] {
    case CBOR.trueByte: return true
    case CBOR.falseByte: return false
    default: throw .wrongType
    }
  }

  /// Steps over one item, checks that it is canonical, and collects the references inside.
  ///
  /// - Returns: The bytes of the item.
  /// - Throws: ``CBORError`` for the first thing that is wrong; ``CBORError/tooDeep`` beyond
  ///   ``EnvelopeLimits/depthMax``.
  @discardableResult
  package mutating func skip(
    collecting references: inout [OpID], depth: Int = 0
  ) throws(CBORError) -> Range<Int> {
    guard depth <= EnvelopeLimits.depthMax else { throw .tooDeep }
    let start = offset
    switch try peek() {
    case .unsigned, .negative: _ = try integer()
    case .bytes: _ = try stringRange(.bytes, max: end - offset)
    case .text: _ = try text(max: end - offset)
    case .array:
      for _ in 0..<(try array(max: end - offset)) {
        try skip(collecting: &references, depth: depth + 1)
      }
    case .map:
      var previous: UInt64?
      for _ in 0..<(try map(max: end - offset)) {
        _ = try key(after: &previous)
        try skip(collecting: &references, depth: depth + 1)
      }
    case .tag:
      guard references.count < EnvelopeLimits.referencesMax else { throw .tooManyReferences }
      references.append(try reference())
    case .simple: _ = try flag()
    }
    return start..<offset
  }

  private mutating func count(_ wanted: CBOR.Major, max: Int) throws(CBORError) -> Int {
    let (major, value) = try head()
    guard major == wanted.rawValue else { throw .wrongType }
    guard value <= UInt64(max) else { throw .outOfRange }
    return Int(value)
  }

  private mutating func stringRange(_ wanted: CBOR.Major, max: Int) throws(CBORError) -> Range<Int>
  {
    let length = try count(wanted, max: max)
    guard length <= end - offset else { throw .truncated }
    defer { offset += length }
    return offset..<(offset + length)
  }

  /// The raw major type and the argument of the next item.
  ///
  /// Most heads are one byte.
  @inline(__always)
  private mutating func head() throws(CBORError) -> (UInt8, UInt64) {
    guard offset < end else { throw .truncated }
    let first = bytes[offset]
    let major = first >> 5
    let info = first & 0x1F
    guard major != CBOR.Major.simple.rawValue, info < 28 else { throw .unsupported }
    offset += 1
    guard info >= 24 else { return (major, UInt64(info)) }
    return (major, try argument(byteCount: 1 << Int(info - 24)))
  }

  /// The argument of a head that has more bytes: 1, 2, 4, or 8.
  private mutating func argument(byteCount length: Int) throws(CBORError) -> UInt64 {
    guard end - offset >= length else { throw .truncated }
    var value: UInt64 = 0
    for i in offset..<(offset + length) { value = value << 8 | UInt64(bytes[i]) }
    offset += length
    let least: UInt64 = length == 1 ? 24 : 1 << UInt64(4 * length)
    guard value >= least else { throw .notCanonical }
    return value
  }
}
