/// One range of a body's bytes, as in `Range` and `Content-Range` (RFC 9110 §14).
package enum ByteRange {
  /// What a `Range` asks of a body of so many bytes.
  package enum Asked: Equatable, Sendable {
    /// The whole body: there is no `Range`, or one that this code does not read, as several ranges.
    case whole
    /// These bytes.
    case part(ClosedRange<Int>)
    /// Bytes that the body does not have.
    case unsatisfiable
  }

  /// Reads a `Range`.
  package static func asked(_ value: String?, of count: Int) -> Asked {
    guard let value, value.lowercased().hasPrefix("bytes=") else { return .whole }
    let parts = value.dropFirst(6).split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2, let first = number(parts[0]), let last = number(parts[1]) else {
      return .whole
    }
    switch (first, last) {
    case (nil, nil): return .whole
    case (nil, let length?):
      guard length > 0, count > 0 else { return .unsatisfiable }
      return .part(max(0, count - length)...count - 1)
    case (let first?, let last):
      if let last, last < first { return .whole }
      guard first < count else { return .unsatisfiable }
      return .part(first...min(last ?? count - 1, count - 1))
    }
  }

  /// A number of at most 15 digits, or nil within for none; nil for anything else.
  private static func number(_ text: Substring) -> Int?? {
    if text.isEmpty { return .some(nil) }
    guard text.utf8.count <= 15, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
      return nil
    }
    return Int(text).map { .some($0) }
  }

  /// The value of `Content-Range`, such as `bytes 0-99/1000`.
  package static func text(_ range: ClosedRange<Int>, of count: Int) -> String {
    "bytes \(range.lowerBound)-\(range.upperBound)/\(count)"
  }
}
