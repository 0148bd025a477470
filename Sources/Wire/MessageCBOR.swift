import OpLog

/// Writes a message as one CBOR map with ascending keys, as ops are written.
struct MessageWriter {
  private var cbor = CBORWriter()

  /// A message of so many members.
  init(count: Int) { cbor.map(count: count) }

  /// The whole message; beyond the limit it is a bug of the caller.
  var message: [UInt8] {
    precondition(cbor.bytes.count <= WireLimits.messageBytesMax, "caller bug: message too large")
    return cbor.bytes
  }

  mutating func integer(_ key: UInt64, _ value: Int64) {
    cbor.unsigned(key)
    cbor.integer(value)
  }

  mutating func flag(_ key: UInt64, _ value: Bool) {
    cbor.unsigned(key)
    cbor.flag(value)
  }

  mutating func digest(_ key: UInt64, _ value: Digest) {
    cbor.unsigned(key)
    cbor.digest(value)
  }

  mutating func bytes(_ key: UInt64, _ value: [UInt8]) {
    cbor.unsigned(key)
    cbor.byteString(value)
  }

  mutating func byteStrings(_ key: UInt64, _ values: [[UInt8]]) {
    cbor.unsigned(key)
    cbor.array(count: values.count)
    for value in values { cbor.byteString(value) }
  }

  mutating func integers(_ key: UInt64, _ lists: [[Int]]) {
    cbor.unsigned(key)
    cbor.array(count: lists.count)
    for list in lists {
      cbor.array(count: list.count)
      for value in list { cbor.integer(Int64(value)) }
    }
  }
}

/// Reads a message that is one CBOR map; the caller asks for its members by ascending keys.
struct MessageReader {
  private var cbor: CBORReader
  private var left: Int
  private var key: UInt64?
  /// Whether the member of ``key`` was read.
  private var isTaken = true

  init(_ bytes: [UInt8]) throws(WireError) {
    guard bytes.count <= WireLimits.messageBytesMax else {
      throw .tooLarge(bytes: bytes.count, max: WireLimits.messageBytesMax)
    }
    cbor = CBORReader(bytes)
    left = 0
    left = try Self.wrap("") { () throws(CBORError) in try cbor.map(max: 32) }
    try step()
  }

  /// Whether the next member is the one with a key.
  func has(_ wanted: UInt64) -> Bool { !isTaken && key == wanted }

  mutating func integer(
    _ key: UInt64, _ name: String, in range: ClosedRange<Int64>
  ) throws(WireError) -> Int64 {
    let value = try take(key, name) { (cbor) throws(CBORError) in try cbor.integer() }
    guard range.contains(value) else { throw .outOfRange(field: name) }
    return value
  }

  mutating func seq(_ key: UInt64, _ name: String) throws(WireError) -> UInt64 {
    UInt64(try integer(key, name, in: 0...Int64(EnvelopeLimits.seqMax)))
  }

  mutating func flag(_ key: UInt64, _ name: String) throws(WireError) -> Bool {
    try take(key, name) { (cbor) throws(CBORError) in try cbor.flag() }
  }

  mutating func digest(_ key: UInt64, _ name: String) throws(WireError) -> Digest {
    try take(key, name) { (cbor) throws(CBORError) in try cbor.digest() }
  }

  /// A byte string of exactly so many bytes.
  mutating func bytes(_ key: UInt64, _ name: String, count: Int) throws(WireError) -> [UInt8] {
    let value = try take(key, name) { (cbor) throws(CBORError) in try cbor.byteString(max: count) }
    guard value.count == count else { throw .outOfRange(field: name) }
    return value
  }

  /// Replica, seq, and hash, in three members.
  mutating func head(_ key: UInt64, _ name: String) throws(WireError) -> Head {
    let number = try integer(key, "\(name).replica", in: 1...Int64(EnvelopeLimits.replicaMax))
    let seq = try seq(key + 1, "\(name).seq")
    let hash = try digest(key + 2, "\(name).hash")
    guard let replica = ReplicaID(rawValue: UInt32(number)) else {
      throw .outOfRange(field: name)
    }
    return Head(replica: replica, seq: seq, hash: hash)
  }

  /// The ops of a segment; none where the member is not there.
  mutating func ops(
    _ key: UInt64, max: Int, held: @escaping (ReplicaID, UInt64) -> Digest?
  ) throws(WireError) -> [Op] {
    guard has(key) else { return [] }
    let bytes = try take(key, "ops") { (cbor) throws(CBORError) in
      try cbor.byteString(max: WireLimits.messageBytesMax)
    }
    do throws(SegmentError) {
      let ops = try Segment.decode(bytes, max: max, held: held)
      // What holds no ops is not there.
      guard !ops.isEmpty else { throw .notCanonical }
      return ops
    } catch { throw .malformedSegment(error) }
  }

  /// Byte strings of so many bytes each; none where the member is not there.
  mutating func byteStrings(
    _ key: UInt64, _ name: String, max: Int, count: Int
  ) throws(WireError) -> [[UInt8]] {
    guard has(key) else { return [] }
    let values = try take(key, name) { (cbor) throws(CBORError) in
      var values: [[UInt8]] = []
      for _ in 0..<(try cbor.array(max: max)) { values.append(try cbor.byteString(max: count)) }
      return values
    }
    guard !values.isEmpty, values.allSatisfy({ $0.count == count }) else {
      throw .outOfRange(field: name)
    }
    return values
  }

  /// Lists of integers, two for each run of an entry; none where the member is not there.
  mutating func integers(
    _ key: UInt64, _ name: String, max: Int
  ) throws(WireError) -> [[Int64]] {
    guard has(key) else { return [] }
    let lists = try take(key, name) { (cbor) throws(CBORError) in
      var lists: [[Int64]] = []
      for _ in 0..<(try cbor.array(max: max)) {
        var list: [Int64] = []
        for _ in 0..<(try cbor.array(max: 2 * EnvelopeLimits.receiptRunsMax)) {
          list.append(try cbor.integer())
        }
        lists.append(list)
      }
      return lists
    }
    guard !lists.isEmpty else { throw .outOfRange(field: name) }
    return lists
  }

  /// Fails unless everything was read.
  mutating func finish() throws(WireError) {
    if !isTaken, let key { throw .unknownField(field: "#\(key)") }
    try Self.wrap("") { () throws(CBORError) in try cbor.finish() }
  }

  private mutating func take<R>(
    _ wanted: UInt64, _ name: String, _ read: (inout CBORReader) throws(CBORError) -> R
  ) throws(WireError) -> R {
    guard has(wanted) else {
      if !isTaken, let key, key < wanted { throw .unknownField(field: "#\(key)") }
      throw .missing(field: name)
    }
    let value: R
    do throws(CBORError) {
      value = try read(&cbor)
    } catch { throw WireError(error, name) }
    try step()
    return value
  }

  /// Goes on to the next member.
  private mutating func step() throws(WireError) {
    isTaken = left == 0
    guard left > 0 else { return }
    left -= 1
    do throws(CBORError) {
      _ = try cbor.key(after: &key)
    } catch { throw WireError(error, "") }
  }

  private static func wrap<R>(
    _ name: String, _ body: () throws(CBORError) -> R
  ) throws(WireError) -> R {
    do throws(CBORError) {
      return try body()
    } catch { throw WireError(error, name) }
  }
}

extension WireError {
  /// What is wrong with a member of a message in CBOR.
  fileprivate init(_ error: CBORError, _ name: String) {
    switch error {
    case .wrongType: self = .wrongType(field: name)
    case .outOfRange: self = .outOfRange(field: name)
    default: self = .malformedCBOR(error)
    }
  }
}
