/// Bytes in the URL-safe base64 alphabet of RFC 4648 §5, without padding.
///
/// Every byte string has exactly one text here: the decoder refuses padding, white space, the
/// characters `+` and `/`, and unused bits that are not zero.
package enum Base64URL {
  /// Returns the text of some bytes, four characters for each three bytes.
  package static func encode(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    append(bytes, to: &text)
    return String(decoding: text, as: UTF8.self)
  }

  /// Appends the text of some bytes as UTF-8 to a buffer of the caller.
  package static func append(_ bytes: [UInt8], to text: inout [UInt8]) {
    let bytes = bytes.span
    let tail = bytes.count % 3
    var start = 0
    while start < bytes.count - tail {
      let group =
        UInt32(bytes[start]) << 16 | UInt32(bytes[start + 1]) << 8
        | UInt32(bytes[start + 2])
      text.append(character(group >> 18))
      text.append(character(group >> 12))
      text.append(character(group >> 6))
      text.append(character(group))
      start += 3
    }
    if tail == 1 {
      text.append(character(UInt32(bytes[start]) >> 2))
      text.append(character(UInt32(bytes[start]) << 4))
    } else if tail == 2 {
      let group = UInt32(bytes[start]) << 8 | UInt32(bytes[start + 1])
      text.append(character(group >> 10))
      text.append(character(group >> 4))
      text.append(character(group << 2))
    }
  }

  /// Reads the text of ``encode(_:)``.
  ///
  /// - Returns: `nil` for text that no bytes encode to.
  package static func decode(_ text: String) -> [UInt8]? { decode(text.utf8Span.span) }

  /// Reads the text of ``append(_:to:)``.
  ///
  /// - Returns: `nil` for text that no bytes encode to.
  package static func decode(_ text: Span<UInt8>) -> [UInt8]? {
    // One character left over holds only 6 bits, less than a byte.
    guard text.count % 4 != 1 else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count / 4 * 3 + 2)
    var bits: UInt32 = 0
    var bitCount = 0
    for index in text.indices {
      guard let value = value(of: text[index]) else { return nil }
      bits = bits << 6 | value
      bitCount += 6
      if bitCount >= 8 {
        bitCount -= 8
        bytes.append(UInt8(truncatingIfNeeded: bits >> bitCount))
      }
    }
    let unused = bits & (1 << bitCount - 1)
    return unused == 0 ? bytes : nil
  }

  /// The character of the lowest six bits.
  private static func character(_ bits: UInt32) -> UInt8 {
    let value = UInt8(truncatingIfNeeded: bits & 0x3F)
    return switch value {
    case 0..<26: UInt8(ascii: "A") + value
    case 26..<52: UInt8(ascii: "a") + (value - 26)
    case 52..<62: UInt8(ascii: "0") + (value - 52)
    case 62: UInt8(ascii: "-")
    default: UInt8(ascii: "_")
    }
  }

  private static func value(of character: UInt8) -> UInt32? {
    switch character {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(character - UInt8(ascii: "A"))
    case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(character - UInt8(ascii: "a")) + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(character - UInt8(ascii: "0")) + 52
    case UInt8(ascii: "-"): 62
    case UInt8(ascii: "_"): 63
    default: nil
    }
  }
}
