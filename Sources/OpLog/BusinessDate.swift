/// The day on which something happened, as staff confirm it; no clock takes part.
///
/// Day arithmetic after H. Hinnant, "chrono-Compatible Low-Level Date Algorithms".
package struct BusinessDate: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// Days since 1970-01-01, 0...2,932,896 (9999-12-31).
  package let day: Int32

  /// The first and the last day that an op may carry.
  package static let range: ClosedRange<Int64> = 0...2_932_896

  /// Makes a date from days since 1970-01-01; nil outside ``range``.
  package init?(day: Int64) {
    guard Self.range.contains(day) else { return nil }
    self.day = Int32(day)
  }

  /// The UTC+8 day of a stamp in milliseconds since 1970-01-01 UTC, kept inside ``range``.
  ///
  /// All streets share one civil day (China Standard Time has no daylight saving).
  package init(stamp: Int64) {
    let day = (stamp + 8 * 3_600_000) / 86_400_000
    self.day = Int32(min(max(day, Self.range.lowerBound), Self.range.upperBound))
  }

  /// Makes a date from the calendar; nil when there is no such day.
  package init?(year: Int, month: Int, day: Int) {
    guard (1970...9999).contains(year), (1...12).contains(month), day >= 1, day <= 31 else {
      return nil
    }
    let shifted = month <= 2 ? year - 1 : year
    let era = shifted / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    self.init(day: Int64(era * 146_097 + dayOfEra - 719_468))
    guard civil == (year, month, day) else { return nil }
  }

  /// Reads `2026-01-13`; nil for anything else.
  package init?(_ text: some StringProtocol) {
    let utf8 = Array(text.utf8)
    guard utf8.count == 10, utf8[4] == UInt8(ascii: "-"), utf8[7] == UInt8(ascii: "-") else {
      return nil
    }
    var numbers = [0, 0, 0]
    for (part, range) in [0..<4, 5..<7, 8..<10].enumerated() {
      for byte in utf8[range] {
        guard byte >= 0x30, byte <= 0x39 else { return nil }
        numbers[part] = numbers[part] * 10 + Int(byte - 0x30)
      }
    }
    self.init(year: numbers[0], month: numbers[1], day: numbers[2])
  }

  /// Year, month 1...12, and day 1...31.
  package var civil: (year: Int, month: Int, day: Int) {
    let shifted = Int(day) + 719_468
    let era = shifted / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
  }

  /// The date this many days later, kept inside ``range``.
  package func adding(days: Int64) -> BusinessDate {
    let sum = min(max(Int64(day) + days, Self.range.lowerBound), Self.range.upperBound)
    return BusinessDate(clamped: Int32(sum))
  }

  package var description: String {
    let (year, month, day) = civil
    func padded(_ value: Int, _ width: Int) -> String {
      let digits = String(value)
      return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
    return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
  }

  package static func < (left: BusinessDate, right: BusinessDate) -> Bool { left.day < right.day }

  private init(clamped day: Int32) { self.day = day }
}
