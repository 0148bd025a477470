/// What the next JSON value is.
package enum JSONType: Equatable, Sendable {
  case object, array, string, number, flag, null
}

/// Reads JSON (RFC 8259) value by value and refuses whatever two readers could understand in two
/// ways.
///
/// Refused are repeated keys, fractions, exponents, integers beyond ±(2^53 − 1), lone surrogates,
/// invalid UTF-8, and nesting beyond ``WireLimits/depthMax``. A value type over one array, in one
/// pass; a copy reads on from the same place.
package struct JSONReader {
  let bytes: [UInt8]
  /// Where reading goes on, in bytes from the start.
  package internal(set) var offset = 0
  private var depth = 0
  private var keys = OpenKeys()

  /// A reader of a whole text.
  ///
  /// - Parameters:
  ///   - bytes: The text in UTF-8.
  ///   - max: How many bytes it may have.
  /// - Throws: ``WireError/tooLarge(bytes:max:)``.
  package init(_ bytes: [UInt8], max: Int) throws(WireError) {
    guard bytes.count <= max else { throw .tooLarge(bytes: bytes.count, max: max) }
    self.bytes = bytes
  }

  /// Fails if anything but white space is left.
  package mutating func finish() throws(WireError) {
    skipWhiteSpace()
    guard offset == bytes.count else { throw fault(.trailingBytes) }
  }

  /// The type of the next value, told by its first byte.
  package mutating func peek() throws(WireError) -> JSONType {
    switch try nextByte() {
    case UInt8(ascii: "{"): .object
    case UInt8(ascii: "["): .array
    case UInt8(ascii: "\""): .string
    case UInt8(ascii: "t"), UInt8(ascii: "f"): .flag
    case UInt8(ascii: "n"): .null
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): .number
    default: throw fault(.unexpectedByte)
    }
  }

  /// Reads an object.
  ///
  /// - Parameter member: Called at each value with its key; must read exactly that value. What it
  ///   throws gets the key in front of its path.
  /// - Throws: ``WireError/wrongType(field:)`` at any other value, and what `member` throws; at the
  ///   outermost object ``WireError/malformed(_:at:)`` instead, where the text is no JSON.
  package mutating func object(
    _ member: (_ key: String, _ reader: inout JSONReader) throws(WireError) -> Void
  ) throws(WireError) {
    guard depth == 0 else { return try members(member) }
    let whole = self
    do throws(WireError) {
      try members(member)
    } catch { throw whole.fault ?? error }
  }

  /// What keeps the rest from being JSON at all; nil where nothing does.
  ///
  /// A text that was cut off or damaged is told as such, whatever else is wrong in it.
  private var fault: WireError? {
    var rest = self
    do throws(WireError) {
      try rest.members { (_, reader) throws(WireError) in try reader.skip() }
      try rest.finish()
      return nil
    } catch {
      guard case .malformed = error else { return nil }
      return error
    }
  }

  private mutating func members(
    _ member: (_ key: String, _ reader: inout JSONReader) throws(WireError) -> Void
  ) throws(WireError) {
    try open(.object)
    let start = keys.start
    defer { keys.close(start) }
    if try closes(with: UInt8(ascii: "}")) { return }
    while true {
      guard try nextByte() == UInt8(ascii: "\"") else { throw fault(.unexpectedByte) }
      let place = offset
      let key = try text(of: string())
      guard keys.insert(key, from: start) else { throw .malformed(.duplicateKey, at: place) }
      guard try nextByte() == UInt8(ascii: ":") else { throw fault(.unexpectedByte) }
      offset += 1
      do throws(WireError) {
        try member(key, &self)
      } catch { throw error.inside(key) }
      if try closes(with: UInt8(ascii: "}")) { return }
      try comma()
    }
  }

  /// Reads an array.
  ///
  /// - Parameters:
  ///   - max: How many elements it may have.
  ///   - element: Called at each element; must read exactly that value. What it throws gets the
  ///     index in front of its path.
  /// - Throws: ``WireError/wrongType(field:)`` at any other value,
  ///   ``WireError/outOfRange(field:)`` beyond `max`, and what `element` throws.
  package mutating func array(
    max: Int, _ element: (_ reader: inout JSONReader) throws(WireError) -> Void
  ) throws(WireError) {
    try open(.array)
    if try closes(with: UInt8(ascii: "]")) { return }
    var index = 0
    while true {
      guard index < max else { throw .outOfRange(field: "") }
      do throws(WireError) {
        try element(&self)
      } catch { throw error.inside(index: index) }
      index += 1
      if try closes(with: UInt8(ascii: "]")) { return }
      try comma()
    }
  }

  /// Reads `true` or `false`.
  package mutating func flag() throws(WireError) -> Bool {
    try expect(.flag)
    if bytes[offset] == UInt8(ascii: "t") {
      try word("true")
      return true
    }
    try word("false")
    return false
  }

  /// Reads an integer.
  ///
  /// - Parameter range: What it may be, beside ±(2^53 − 1).
  /// - Returns: The integer.
  /// - Throws: ``WireError/wrongType(field:)`` also for fractions, exponents, and `-0`, which
  ///   readers of floating point take for something else.
  package mutating func integer(in range: ClosedRange<Int64>) throws(WireError) -> Int64 {
    try expect(.number)
    let isNegative = bytes[offset] == UInt8(ascii: "-")
    if isNegative { offset += 1 }
    let start = offset
    var value: Int64 = 0
    var isTooLarge = false
    while offset < bytes.count, let digit = decimalDigit(bytes[offset]) {
      // 9 × 10^17 leaves room for one more digit in 64 bits.
      isTooLarge = isTooLarge || value >= 900_000_000_000_000_000
      if !isTooLarge { value = value * 10 + Int64(digit) }
      offset += 1
    }
    guard offset > start else { throw fault(offset < bytes.count ? .badNumber : .unexpectedEnd) }
    let hasLeadingZero = bytes[start] == UInt8(ascii: "0")
    guard !hasLeadingZero || offset == start + 1 else { throw fault(.badNumber) }
    guard !continuesAsFraction else { throw .wrongType(field: "") }
    guard !isNegative || value != 0 else { throw .wrongType(field: "") }
    guard !isTooLarge, value <= JSONReader.integerMax else { throw .outOfRange(field: "") }
    let signed = isNegative ? -value : value
    guard range.contains(signed) else { throw .outOfRange(field: "") }
    return signed
  }

  /// Reads a text.
  ///
  /// - Parameter length: Bytes of UTF-8 that it may have.
  /// - Returns: The text.
  /// - Throws: ``WireError/outOfRange(field:)`` for any other length.
  package mutating func text(_ length: ClosedRange<Int>) throws(WireError) -> String {
    let utf8 = try string()
    let text = try text(of: utf8)
    guard length.contains(utf8.count) else { throw .outOfRange(field: "") }
    return text
  }

  /// Steps over one value and checks it as if it were read.
  package mutating func skip() throws(WireError) {
    switch try peek() {
    case .object: try object { (_, reader) throws(WireError) in try reader.skip() }
    case .array: try array(max: .max) { (reader) throws(WireError) in try reader.skip() }
    case .string: _ = try text(of: string())
    case .number: _ = try integer(in: -JSONReader.integerMax...JSONReader.integerMax)
    case .flag: _ = try flag()
    case .null: try word("null")
    }
  }

  /// The largest |integer| that every JSON reader keeps exact: 2^53 − 1.
  package static let integerMax: Int64 = (1 << 53) - 1
}

extension JSONReader {
  /// Fails with the wrong type unless the next value is of this one.
  mutating func expect(_ type: JSONType) throws(WireError) {
    guard try peek() == type else { throw .wrongType(field: "") }
  }

  func fault(_ fault: JSONFault) -> WireError { .malformed(fault, at: offset) }

  private mutating func open(_ type: JSONType) throws(WireError) {
    try expect(type)
    guard depth < WireLimits.depthMax else { throw fault(.tooDeep) }
    depth += 1
    offset += 1
  }

  /// Whether an object or array ends here; then steps over its bracket.
  private mutating func closes(with bracket: UInt8) throws(WireError) -> Bool {
    guard try nextByte() == bracket else { return false }
    offset += 1
    depth -= 1
    return true
  }

  private mutating func comma() throws(WireError) {
    guard try nextByte() == UInt8(ascii: ",") else { throw fault(.unexpectedByte) }
    offset += 1
  }

  /// Whether a point or an exponent follows.
  private var continuesAsFraction: Bool {
    guard offset < bytes.count else { return false }
    return switch bytes[offset] {
    case UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"): true
    default: false
    }
  }

  private mutating func word(_ word: StaticString) throws(WireError) {
    for index in 0..<word.utf8CodeUnitCount {
      guard offset < bytes.count else { throw fault(.unexpectedEnd) }
      guard bytes[offset] == word.utf8Start[index] else { throw fault(.unexpectedByte) }
      offset += 1
    }
  }

  private mutating func nextByte() throws(WireError) -> UInt8 {
    skipWhiteSpace()
    guard offset < bytes.count else { throw fault(.unexpectedEnd) }
    return bytes[offset]
  }

  private mutating func skipWhiteSpace() {
    while offset < bytes.count {
      switch bytes[offset] {
      case 0x20, 0x09, 0x0A, 0x0D: offset += 1
      default: return
      }
    }
  }
}

/// The value of an ASCII digit.
func decimalDigit(_ byte: UInt8) -> UInt8? {
  (0x30...0x39).contains(byte) ? byte - 0x30 : nil
}

/// The keys of the objects that are open, one object after another.
private struct OpenKeys {
  /// An object with more keys than this looks them up in a set, so that a hostile one does not cost
  /// the square of its size.
  private static let searchMax = 16

  private var keys: [String] = []
  private var sets: [Int: Set<String>] = [:]

  /// Where the keys of an object begin that is opened now.
  var start: Int { keys.count }

  /// Adds a key of the object that began at `start`; false when it is there already.
  mutating func insert(_ key: String, from start: Int) -> Bool {
    guard keys.count - start < OpenKeys.searchMax else {
      return !keys[start...].contains(key) && sets[start, default: []].insert(key).inserted
    }
    guard !keys[start...].contains(key) else { return false }
    keys.append(key)
    return true
  }

  /// Forgets the object that began at `start`.
  mutating func close(_ start: Int) {
    keys.removeSubrange(start...)
    if !sets.isEmpty { sets[start] = nil }
  }
}
