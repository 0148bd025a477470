import OpLog

/// Writes JSON without white space; equal values give equal bytes.
///
/// The caller opens and closes what it writes in the right order; commas come by themselves.
package struct JSONWriter {
  /// What has been written so far.
  package private(set) var bytes: [UInt8] = []
  private var needsComma = false

  /// A writer with room for some bytes.
  package init(reserving capacity: Int = 512) { bytes.reserveCapacity(capacity) }

  /// Begins an object.
  package mutating func openObject() { open(UInt8(ascii: "{")) }

  /// Ends an object.
  package mutating func closeObject() { close(UInt8(ascii: "}")) }

  /// Begins an array.
  package mutating func openArray() { open(UInt8(ascii: "[")) }

  /// Ends an array.
  package mutating func closeArray() { close(UInt8(ascii: "]")) }

  /// Writes the key of the member that follows.
  ///
  /// - Parameter name: A name of ours, which needs no escapes.
  package mutating func key(_ name: String) {
    separate()
    bytes.append(UInt8(ascii: "\""))
    bytes.append(contentsOf: name.utf8)
    bytes.append(UInt8(ascii: "\""))
    bytes.append(UInt8(ascii: ":"))
    needsComma = false
  }

  /// Writes an integer within ±(2^53 − 1); beyond that it is a bug of the caller.
  package mutating func integer(_ value: Int64) {
    precondition(value.magnitude <= JSONReader.integerMax, "caller bug: not exact in JSON")
    separate()
    appendDecimal(value)
  }

  /// Writes true or false.
  package mutating func flag(_ value: Bool) {
    separate()
    bytes.append(contentsOf: (value ? "true" : "false").utf8)
  }

  /// Writes a text with the escapes that JSON demands and no others.
  package mutating func text(_ value: String) {
    quoted { $0.appendEscaped(value) }
  }

  /// Writes bytes as base64url.
  package mutating func base64URL(_ value: [UInt8]) {
    quoted { Base64URL.append(value, to: &$0.bytes) }
  }

  /// Writes a digest as base64url.
  package mutating func digest(_ value: Digest) { base64URL(value.bytes) }

  /// Writes an op's id, `4097-345`.
  package mutating func opID(_ id: OpID) {
    quoted {
      $0.appendDecimal(id.packed >> 32)
      $0.bytes.append(UInt8(ascii: "-"))
      $0.appendDecimal(id.packed & 0xFFFF_FFFF)
    }
  }

  /// Writes a business date, `2026-01-13`.
  package mutating func date(_ date: BusinessDate) {
    let (year, month, day) = date.civil
    quoted {
      $0.appendTwoDigits(year / 100)
      $0.appendTwoDigits(year % 100)
      $0.bytes.append(UInt8(ascii: "-"))
      $0.appendTwoDigits(month)
      $0.bytes.append(UInt8(ascii: "-"))
      $0.appendTwoDigits(day)
    }
  }
}

extension JSONWriter {
  /// A place to go back to.
  struct Mark {
    fileprivate let count: Int
    fileprivate let needsComma: Bool
  }

  /// Where the writer stands.
  var mark: Mark { Mark(count: bytes.count, needsComma: needsComma) }

  /// Forgets what was written since a mark.
  mutating func rewind(to mark: Mark) {
    bytes.removeSubrange(mark.count...)
    needsComma = mark.needsComma
  }

  private mutating func separate() {
    if needsComma { bytes.append(UInt8(ascii: ",")) }
    needsComma = true
  }

  private mutating func open(_ bracket: UInt8) {
    separate()
    bytes.append(bracket)
    needsComma = false
  }

  private mutating func close(_ bracket: UInt8) {
    bytes.append(bracket)
    needsComma = true
  }

  private mutating func quoted(_ content: (inout JSONWriter) -> Void) {
    separate()
    bytes.append(UInt8(ascii: "\""))
    content(&self)
    bytes.append(UInt8(ascii: "\""))
  }

  private mutating func appendDecimal(_ value: Int64) {
    if value < 0 { bytes.append(UInt8(ascii: "-")) }
    var digits = InlineArray<20, UInt8>(repeating: 0x30)
    var start = digits.count
    var rest = value.magnitude
    repeat {
      start -= 1
      digits[start] += UInt8(truncatingIfNeeded: rest % 10)
      rest /= 10
    } while rest > 0
    for index in start..<digits.count { bytes.append(digits[index]) }
  }

  private mutating func appendTwoDigits(_ value: Int) {
    bytes.append(0x30 + UInt8(truncatingIfNeeded: value / 10))
    bytes.append(0x30 + UInt8(truncatingIfNeeded: value % 10))
  }

  private mutating func appendEscaped(_ text: String) {
    let utf8 = text.utf8Span.span
    for index in utf8.indices {
      let byte = utf8[index]
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): appendEscape(byte)
      case 0x08: appendEscape(UInt8(ascii: "b"))
      case 0x09: appendEscape(UInt8(ascii: "t"))
      case 0x0A: appendEscape(UInt8(ascii: "n"))
      case 0x0C: appendEscape(UInt8(ascii: "f"))
      case 0x0D: appendEscape(UInt8(ascii: "r"))
      case 0..<0x20:
        appendEscape(UInt8(ascii: "u"))
        bytes.append(contentsOf: "00\(Hex.encode([byte]))".utf8)
      default: bytes.append(byte)
      }
    }
  }

  private mutating func appendEscape(_ letter: UInt8) {
    bytes.append(UInt8(ascii: "\\"))
    bytes.append(letter)
  }
}
