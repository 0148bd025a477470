import OpLog

/// Stamps as people read them in the streets' one time zone, UTC+8.
enum BeijingTime {
  /// `2026-01-13 08:30` for ms since 1970-01-01 UTC.
  static func text(_ stamp: Int64) -> String {
    let minutes = (stamp / 60_000 + 8 * 60) % (24 * 60)
    return "\(BusinessDate(stamp: stamp)) \(twoDigits(minutes / 60)):\(twoDigits(minutes % 60))"
  }

  private static func twoDigits(_ number: Int64) -> String {
    number < 10 ? "0\(number)" : String(number)
  }
}
