/// Telephone numbers as people write them.
package enum PhoneNumber {
  /// Digits of the shortest number, as of an emergency call.
  private static let digitsMin = 3

  /// Whether a text is one: digits 0–9 with blanks, hyphens, or brackets, a + in front, and 转 before
  /// an extension.
  ///
  /// What a spreadsheet made of a number, such as `1.39E+10` or `13900000003.0`, is none.
  package static func isOne(_ text: String) -> Bool {
    let number = text.first == "+" ? text.dropFirst() : text[...]
    let digits = number.count { $0.isASCII && $0.isNumber }
    return digits >= digitsMin
      && number.allSatisfy { $0.isASCII && $0.isNumber || " -()转".contains($0) }
  }

  /// The one form of all texts for a number, to compare: digits alone, without the country code of
  /// China; empty where there are none.
  package static func key(_ text: String) -> String {
    let digits = String(text.unicodeScalars.compactMap(digit))
    guard let national = withoutCountry(digits, isMarked: "+＋".contains(text.first ?? " ")) else {
      return digits
    }
    // A landline's area code has its 0 only without the country code.
    let isMobile = national.count == 11 && national.first == "1"
    return isMobile || national.first == "0" ? String(national) : "0" + national
  }

  /// What stands behind the country code of China; nil for a number without it.
  private static func withoutCountry(_ digits: String, isMarked: Bool) -> Substring? {
    if digits.hasPrefix("0086") { return digits.dropFirst(4) }
    let isMobile = digits.count == 13 && digits.hasPrefix("861")
    return digits.hasPrefix("86") && (isMarked || isMobile) ? digits.dropFirst(2) : nil
  }

  /// A digit as ASCII, of wide ones too; nil for other characters.
  private static func digit(_ scalar: Unicode.Scalar) -> Character? {
    switch scalar.value {
    case 0x30...0x39: Character(scalar)
    case 0xFF10...0xFF19: Unicode.Scalar(scalar.value - 0xFF10 + 0x30).map(Character.init)
    default: nil
    }
  }
}
