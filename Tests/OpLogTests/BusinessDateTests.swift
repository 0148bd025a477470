import OpLog
import Testing

@Suite struct BusinessDateTests {
  @Test(
    "counts days as the calendar does",
    arguments: [
      ("1970-01-01", 0), ("1972-02-29", 789), ("2000-02-29", 11_016), ("2026-01-13", 20_466),
      ("2100-03-01", 47_541), ("9999-12-31", 2_932_896),
    ])
  func days(text: String, day: Int64) throws {
    let date = try #require(BusinessDate(text))
    #expect(Int64(date.day) == day)
    #expect(BusinessDate(day: day) == date)
    #expect(date.description == text)
  }

  @Test func `every day follows the one before, over 400 years of leap rules`() throws {
    var (year, month, day) = (1970, 1, 1)
    for number in 0..<Int64(146_097) {
      let date = try #require(BusinessDate(day: number))
      #expect(date.civil == (year, month, day))
      if number % 97 == 0 {
        #expect(BusinessDate(year: year, month: month, day: day) == date)
        #expect(BusinessDate(date.description) == date)
      }
      day += 1
      if day > Self.length(of: month, in: year) { (month, day) = (month + 1, 1) }
      if month > 12 { (year, month) = (year + 1, 1) }
    }
    #expect((year, month, day) == (2370, 1, 1))
  }

  @Test(
    "refuses what is no day",
    arguments: [
      "", "2026-1-13", "2026-01-13 ", "2026/01/13", "2026-13-01", "2026-00-01", "2026-01-00",
      "2026-01-32", "2026-04-31", "2026-02-29", "1900-02-29", "2100-02-29", "1969-12-31",
      "0000-01-01", "+026-01-13", "-026-01-13", "2026-0a-13", "２026-01-13", "20260113",
    ])
  func refused(text: String) {
    #expect(BusinessDate(text) == nil)
  }

  @Test("has a first and a last day", arguments: [.min, -1, 2_932_897, .max] as [Int64])
  func rangeEnds(day: Int64) {
    #expect(BusinessDate(day: day) == nil)
  }

  @Test(
    "refuses numbers that are far out", arguments: [(10_000, 1, 1), (2026, 14, 1), (2026, 1, .max)])
  func calendarRefused(year: Int, month: Int, day: Int) {
    #expect(BusinessDate(year: year, month: month, day: day) == nil)
  }

  @Test(
    "a stamp falls on the day of UTC+8",
    arguments: [
      (0, "1970-01-01"), (57_599_999, "1970-01-01"), (57_600_000, "1970-01-02"),
      (1_768_233_599_999, "2026-01-12"), (1_768_233_600_000, "2026-01-13"),
      (EnvelopeLimits.integerMax, "9999-12-31"),
    ])
  func stamps(stamp: Int64, day: String) {
    #expect(BusinessDate(stamp: stamp).description == day)
  }

  @Test func `days are added inside the range`() throws {
    let date = try #require(BusinessDate("2026-02-28"))
    #expect(date.adding(days: 1).description == "2026-03-01")
    #expect(date.adding(days: -59).description == "2025-12-31")
    #expect(date.adding(days: 1) > date)
    #expect(date.adding(days: -1_000_000).description == "1970-01-01")
    #expect(date.adding(days: 5_000_000).description == "9999-12-31")
  }

  private static func length(of month: Int, in year: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }
}
