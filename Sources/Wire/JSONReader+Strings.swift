extension JSONReader {
  /// Reads a string and resolves its escapes.
  ///
  /// - Returns: Its bytes, a part of the text itself if it has no escapes; not checked as UTF-8.
  /// - Throws: ``WireError/wrongType(field:)`` at any other value.
  mutating func string() throws(WireError) -> ArraySlice<UInt8> {
    try expect(.string)
    offset += 1
    let start = offset
    while offset < bytes.count {
      switch bytes[offset] {
      case UInt8(ascii: "\""):
        offset += 1
        return bytes[start..<offset - 1]
      case UInt8(ascii: "\\"):
        return try stringWithEscapes(from: start)
      case 0..<0x20:
        throw fault(.controlCharacter)
      default:
        offset += 1
      }
    }
    throw fault(.unexpectedEnd)
  }

  /// The text of a string's bytes.
  func text(of utf8: ArraySlice<UInt8>) throws(WireError) -> String {
    do {
      return String(copying: try UTF8Span(validating: utf8.span))
    } catch { throw fault(.invalidUTF8) }
  }

  /// Reads on from the first escape of a string that began at `start`.
  private mutating func stringWithEscapes(from start: Int) throws(WireError) -> ArraySlice<UInt8> {
    var resolved = Array(bytes[start..<offset])
    while offset < bytes.count {
      let byte = bytes[offset]
      switch byte {
      case UInt8(ascii: "\""):
        offset += 1
        return resolved[...]
      case UInt8(ascii: "\\"):
        offset += 1
        try escape(into: &resolved)
      case 0..<0x20:
        throw fault(.controlCharacter)
      default:
        resolved.append(byte)
        offset += 1
      }
    }
    throw fault(.unexpectedEnd)
  }

  /// Reads what follows a backslash.
  private mutating func escape(into resolved: inout [UInt8]) throws(WireError) {
    guard offset < bytes.count else { throw fault(.unexpectedEnd) }
    let letter = bytes[offset]
    offset += 1
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): resolved.append(letter)
    case UInt8(ascii: "b"): resolved.append(0x08)
    case UInt8(ascii: "f"): resolved.append(0x0C)
    case UInt8(ascii: "n"): resolved.append(0x0A)
    case UInt8(ascii: "r"): resolved.append(0x0D)
    case UInt8(ascii: "t"): resolved.append(0x09)
    case UInt8(ascii: "u"): resolved.append(contentsOf: String(try escapedScalar()).utf8)
    default: throw fault(.badEscape)
    }
  }

  /// Reads four digits after `\u`, and the second half of a surrogate pair (RFC 8259 §7).
  private mutating func escapedScalar() throws(WireError) -> Character {
    let first = try fourHexDigits()
    var value = first
    if (0xD800...0xDBFF).contains(first) {
      guard bytes[offset...].starts(with: [UInt8(ascii: "\\"), UInt8(ascii: "u")]) else {
        throw fault(.loneSurrogate)
      }
      offset += 2
      let second = try fourHexDigits()
      guard (0xDC00...0xDFFF).contains(second) else { throw fault(.loneSurrogate) }
      value = 0x1_0000 + (first - 0xD800) << 10 + (second - 0xDC00)
    }
    guard let scalar = Unicode.Scalar(value) else { throw fault(.loneSurrogate) }
    return Character(scalar)
  }

  private mutating func fourHexDigits() throws(WireError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard offset < bytes.count else { throw fault(.unexpectedEnd) }
      let byte = bytes[offset]
      let digit: UInt8
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
      case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
      default: throw fault(.badEscape)
      }
      value = value << 4 | UInt32(digit)
      offset += 1
    }
    return value
  }
}
