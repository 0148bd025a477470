import Community
import OpLog

/// Stamps as people read them in the streets' one time zone, UTC+8.
enum BeijingTime {
  /// `2026-01-13 08:30` for ms since 1970-01-01 UTC.
  static func text(_ stamp: Int64) -> String {
    let minutes = (stamp / 60_000 + 8 * 60) % (24 * 60)
    return "\(BusinessDate(stamp: stamp)) \(twoDigits(minutes / 60)):\(twoDigits(minutes % 60))"
  }

  /// A span of ms in its two largest units: `2 days 7 hours`, at least a minute.
  static func span(_ milliseconds: Int64) -> Words {
    let minutes = max(1, milliseconds.magnitude / 60_000)
    let parts: [(count: UInt64, chinese: String, english: String)] = [
      (minutes / 1_440, "天", "day"), (minutes / 60 % 24, "小时", "hour"),
      (minutes % 60, "分钟", "minute"),
    ]
    let shown = parts.drop { $0.count == 0 }.prefix(2).filter { $0.count > 0 }
    return Words(
      shown.map { "\($0.count) \($0.chinese)" }.joined(separator: " "),
      shown.map { "\($0.count) \($0.english)\($0.count == 1 ? "" : "s")" }.joined(separator: " "))
  }

  private static func twoDigits(_ number: Int64) -> String {
    number < 10 ? "0\(number)" : String(number)
  }
}
