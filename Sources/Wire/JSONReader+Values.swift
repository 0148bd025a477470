import OpLog

/// Values that JSON holds as strings; each has exactly one text.
extension JSONReader {
  /// Reads an op's id, `4097-345`.
  package mutating func opID() throws(WireError) -> OpID {
    // The same grammar as OpID's own, without a String for each of the many ids of an op.
    let text = try string()
    guard let dash = text.firstIndex(of: UInt8(ascii: "-")),
      let number = decimal(text[..<dash]).flatMap({ UInt32(exactly: $0) }),
      let seq = decimal(text[(dash + 1)...]), seq > 0,
      let replica = ReplicaID(rawValue: number), let id = OpID(replica, seq)
    else { throw .outOfRange(field: "") }
    return id
  }

  /// Reads 32 bytes in base64url.
  package mutating func digest() throws(WireError) -> Digest {
    guard let digest = Digest(try base64URL(Digest.byteCount...Digest.byteCount)) else {
      throw .outOfRange(field: "")
    }
    return digest
  }

  /// Reads bytes in base64url.
  ///
  /// - Parameter length: How many bytes there may be.
  /// - Returns: The bytes.
  /// - Throws: ``WireError/outOfRange(field:)`` for any other length or text.
  package mutating func base64URL(_ length: ClosedRange<Int>) throws(WireError) -> [UInt8] {
    let text = try string()
    guard let value = Base64URL.decode(text.span), length.contains(value.count) else {
      throw .outOfRange(field: "")
    }
    return value
  }

  /// Reads bytes in lower-case hexadecimal digits.
  ///
  /// - Parameter length: How many bytes there may be.
  /// - Returns: The bytes.
  /// - Throws: ``WireError/outOfRange(field:)`` for any other length or text.
  package mutating func hex(_ length: ClosedRange<Int>) throws(WireError) -> [UInt8] {
    let text = try text(2 * length.lowerBound...2 * length.upperBound)
    guard let value = Hex.decode(text), Hex.encode(value) == text else {
      throw .outOfRange(field: "")
    }
    return value
  }

  /// Reads a business date, `2026-01-13`.
  package mutating func date() throws(WireError) -> BusinessDate {
    let text = try string()
    let start = text.startIndex
    guard text.count == 10, text[start + 4] == UInt8(ascii: "-"),
      text[start + 7] == UInt8(ascii: "-"), let year = digits(text[start..<start + 4]),
      let month = digits(text[start + 5..<start + 7]), let day = digits(text[(start + 8)...]),
      let date = BusinessDate(year: year, month: month, day: day)
    else { throw .outOfRange(field: "") }
    return date
  }

  /// Reads a replica's number.
  package mutating func replica() throws(WireError) -> ReplicaID {
    let number = try integer(in: 1...Int64(EnvelopeLimits.replicaMax))
    guard let replica = ReplicaID(rawValue: UInt32(number)) else { throw .outOfRange(field: "") }
    return replica
  }

  /// Reads a place in a log, 0 for its start.
  package mutating func seq() throws(WireError) -> UInt64 {
    UInt64(try integer(in: 0...Int64(EnvelopeLimits.seqMax)))
  }

  /// Reads milliseconds since 1970-01-01 UTC.
  package mutating func stamp() throws(WireError) -> Int64 {
    try integer(in: 0...EnvelopeLimits.integerMax)
  }

  /// Reads the version of a catalogue.
  package mutating func catalogue() throws(WireError) -> UInt32 {
    UInt32(try integer(in: 1...Int64(UInt32.max)))
  }
}

/// A few decimal digits, leading zeros allowed; nil for anything else.
private func digits(_ text: ArraySlice<UInt8>) -> Int? {
  var value = 0
  for byte in text {
    guard let digit = decimalDigit(byte) else { return nil }
    value = value * 10 + Int(digit)
  }
  return value
}

/// A number in decimal digits without a sign or leading zeros; nil for anything else.
func decimal(_ digits: some Collection<UInt8>) -> UInt64? {
  guard let first = digits.first, first != UInt8(ascii: "0") || digits.count == 1 else {
    return nil
  }
  var value: UInt64 = 0
  for byte in digits {
    guard let digit = decimalDigit(byte) else { return nil }
    let (product, isTooLarge) = value.multipliedReportingOverflow(by: 10)
    let (sum, isPastEnd) = product.addingReportingOverflow(UInt64(digit))
    guard !isTooLarge, !isPastEnd else { return nil }
    value = sum
  }
  return value
}
