import OpLog

/// Phone and ID numbers in texts where they don't belong: payloads are never erased, and free text is
/// read by people who need not know them.
package enum PersonalData {
  /// The fields of bodies that hold free text; the others have a place for such numbers.
  package static let freeTextFields: Set<String> = ["note", "strengths", "needs", "grounds"]

  /// Whether a text holds what looks like a mobile number or an ID number.
  ///
  /// That is 11 digits, or 15, or 18 of which the last may be X, with single blanks or hyphens between
  /// them or without. O(text).
  package static func isIn(_ text: String) -> Bool {
    var digits: [UInt8] = []
    var isAfterSeparator = false
    for scalar in text.unicodeScalars {
      if let digit = digit(scalar) {
        digits.append(digit)
        isAfterSeparator = false
      } else if scalar == "x" || scalar == "X", digits.count == 17 {
        return true
      } else if scalar == " " || scalar == "-", !digits.isEmpty, !isAfterSeparator {
        isAfterSeparator = true
      } else {
        if isNumber(digits) { return true }
        digits.removeAll(keepingCapacity: true)
        isAfterSeparator = false
      }
    }
    return isNumber(digits)
  }

  /// The first text field of a payload that holds such a number; nil for none.
  package static func field(of entry: Entry) -> String? {
    for (field, value) in zip(entry.kind.schema.fields, entry.payload.values) {
      guard case .text(let text)? = value, isIn(text) else { continue }
      return field.name
    }
    return nil
  }

  /// Puts rows on the desk whose text in a column holds such a number.
  static func standingDesk(inColumn column: Int) -> @Sendable ([Cell]) -> [DeskEntry] {
    { row in
      guard let id = row[0].integer, isIn(row[column].text) else { return [] }
      return [DeskEntry(.personalData, subject: id)]
    }
  }

  private static func digit(_ scalar: Unicode.Scalar) -> UInt8? {
    switch scalar.value {
    case 0x30...0x39: UInt8(scalar.value - 0x30)
    case 0xFF10...0xFF19: UInt8(scalar.value - 0xFF10)  // full width
    default: nil
    }
  }

  private static func isNumber(_ digits: [UInt8]) -> Bool {
    switch digits.count {
    case 11: isMobile(digits[...])
    case 13: digits.starts(with: [8, 6]) && isMobile(digits[2...])
    case 15, 18: digits[0] > 0
    default: false
    }
  }

  private static func isMobile(_ digits: ArraySlice<UInt8>) -> Bool {
    digits.first == 1 && (digits.dropFirst().first ?? 0) >= 3
  }
}
