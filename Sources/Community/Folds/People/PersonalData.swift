import OpLog

/// Phone and ID numbers in texts where they don't belong: payloads are never erased, and free text is
/// read by people who need not know them.
package enum PersonalData {
  /// The fields of bodies that hold free text; the others have a place for such numbers.
  package static let freeTextFields: Set<String> = ["note", "strengths", "needs", "grounds"]

  /// Whether a text holds what looks like a phone number or an ID number.
  ///
  /// That is 11 digits of a mobile phone, or 15, or 18 of which the last may be X, without or with
  /// single blanks, hyphens, or dots of any width between them; other numbers may stand before and
  /// after. A landline is known by its area code, or by eight digits that are no date. O(text).
  package static func isIn(_ text: String) -> Bool {
    var groups: [[UInt8]] = []
    var isAfterSeparator = true
    for scalar in text.unicodeScalars {
      if let digit = digit(scalar) {
        if isAfterSeparator { groups.append([]) }
        groups[groups.count - 1].append(digit)
        isAfterSeparator = false
      } else if scalar == "x" || scalar == "X", endsWithID(groups) {
        return true
      } else if isSeparator(scalar), !isAfterSeparator {
        isAfterSeparator = true
      } else {
        if holdsNumber(groups) { return true }
        groups.removeAll(keepingCapacity: true)
        isAfterSeparator = true
      }
    }
    return holdsNumber(groups)
  }

  /// The first text field of a payload that holds such a number; nil for none.
  package static func field(of entry: Entry) -> String? { field(in: entry.payload, of: entry.kind) }

  /// The same for a payload that is not written yet.
  package static func field(in payload: Payload, of kind: Kind) -> String? {
    for (field, value) in zip(kind.schema.fields, payload.values) {
      guard case .text(let text)? = value, isIn(text) else { continue }
      return field.name
    }
    return nil
  }

  /// Puts rows on the desk whose text in a column, or in another one, holds such a number.
  static func standingDesk(
    inColumn column: Int, orColumn other: Int? = nil
  ) -> @Sendable ([Cell]) -> [DeskEntry] {
    { row in
      guard let id = row[0].integer, isIn(row[column].text) || isIn(row[other ?? column].text)
      else { return [] }
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

  /// Blanks, hyphens, and dots, as input methods for Latin and Chinese text make them.
  private static func isSeparator(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x20, 0xA0, 0x2000...0x200A, 0x202F, 0x3000: true
    case 0x2D, 0x2010...0x2015, 0x2212, 0xFF0D: true
    case 0x2E, 0xB7, 0xFF0E: true
    default: false
    }
  }

  /// Whether neighbouring groups of digits, read as one, are such a number.
  private static func holdsNumber(_ groups: [[UInt8]]) -> Bool {
    for first in groups.indices {
      var digits: [UInt8] = []
      var ends: Set<Int> = []
      for (index, group) in zip(groups.indices, groups).dropFirst(first) {
        digits += group
        guard digits.count <= 18 else { break }
        let isWhole = first == groups.startIndex && index == groups.endIndex - 1
        if isNumber(digits, endsOfGroups: ends, isWhole: isWhole) { return true }
        if isLandline(digits, endsOfGroups: ends) { return true }
        ends.insert(digits.count)
      }
    }
    return false
  }

  /// Whether the last groups are the 17 digits before an ID number's X.
  private static func endsWithID(_ groups: [[UInt8]]) -> Bool {
    var count = 0
    for group in groups.reversed() where count < 17 { count += group.count }
    return count == 17
  }

  /// Whether digits are such a number, by where the groups end that make them up.
  ///
  /// Among other numbers an ID number is known by the month in it: prices and dates make 15 digits too.
  /// Nobody parts the first three digits of a mobile number: hours and dates may look like one so.
  private static func isNumber(
    _ digits: [UInt8], endsOfGroups: Set<Int>, isWhole: Bool
  ) -> Bool {
    switch digits.count {
    case 11: isMobile(digits[...]) && endsOfGroups.isDisjoint(with: [1, 2])
    case 13:
      digits.starts(with: [8, 6]) && isMobile(digits[2...])
        && endsOfGroups.isDisjoint(with: [3, 4])
    case 15: digits[0] > 0 && (isWhole || isMonth(digits[8...9]))
    case 18: digits[0] > 0 && (isWhole || isMonth(digits[10...11]))
    default: false
    }
  }

  /// Whether digits are a landline: an area code and seven or eight digits, or eight in one group.
  ///
  /// Local numbers begin with 2 to 8; `20260113` is a date.
  private static func isLandline(_ digits: [UInt8], endsOfGroups: Set<Int>) -> Bool {
    guard digits.first == 0 else {
      guard digits.count == 8, endsOfGroups.isEmpty, (2...8).contains(digits[0]) else {
        return false
      }
      return !(digits.starts(with: [2, 0]) && isMonth(digits[4...5]))
    }
    // Beijing and its like have an area code of three digits, other towns one of four.
    guard digits.count >= 10, (1...9).contains(digits[1]) else { return false }
    let area = digits[1] <= 2 ? 3 : 4
    guard (7...8).contains(digits.count - area), (2...8).contains(digits[area]) else {
      return false
    }
    return endsOfGroups.allSatisfy { $0 >= area }
  }

  private static func isMonth(_ digits: ArraySlice<UInt8>) -> Bool {
    (1...12).contains(digits.reduce(0) { $0 * 10 + Int($1) })
  }

  private static func isMobile(_ digits: ArraySlice<UInt8>) -> Bool {
    digits.first == 1 && (digits.dropFirst().first ?? 0) >= 3
  }
}
