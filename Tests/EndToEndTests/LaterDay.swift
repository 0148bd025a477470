import Foundation

/// A day to come.
struct LaterDay {
  /// Its date at the offices.
  let date: String
  /// What makes a program's clock show it.
  let clock: [String: String]

  /// The day after so many days.
  init(_ days: Int) {
    let now = Date().addingTimeInterval(Double(days) * 86_400 + 8 * 3_600)
    date = String(now.ISO8601Format().prefix(10))
    clock = ["LINLI_CLOCK_OFFSET": "\(days * 86_400)"]
  }
}
