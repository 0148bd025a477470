import OpLog

/// The wall clock of one PC: right, a year off, stuck, or reset to 2000 or to 2099.
struct NodeClock {
  private enum Course {
    /// Runs, this many ms ahead.
    case ahead(Int64)
    /// Shows this for ever.
    case stuck(Int64)
  }

  private static let year: Int64 = 365 * 86_400_000
  /// 2000-01-01 and 2099-01-01, 00:00 UTC: where dead batteries and bad set-ups land.
  static let start2000: Int64 = 946_684_800_000
  static let start2099: Int64 = 4_070_908_800_000

  private var courses: [(from: Int64, course: Course)] = [(Int64.min, .ahead(0))]

  /// A clock that is right.
  static let right = NodeClock()

  /// A clock that somebody sets at a true time; it runs on from there.
  static func set(to reading: Int64, at time: Int64) -> NodeClock {
    var clock = NodeClock()
    clock.courses.append((time, .ahead(reading - time)))
    return clock
  }

  /// What it shows at a true time, both in ms since 1970-01-01 UTC.
  func reading(at time: Int64) -> Int64 {
    let current = courses.last { $0.from <= time }?.course ?? .ahead(0)
    switch current {
    case .ahead(let offset): return time + offset
    case .stuck(let reading): return reading
    }
  }

  /// Draws a clock for a world that lasts about `span` ms, and marks how it goes wrong.
  static func drawn(
    from random: inout SplitMix64, start: Int64, span: Int64, marks: inout Marks
  ) -> NodeClock {
    var clock = NodeClock()
    for _ in 0..<2 {
      let from = start + random.within(0...span)
      let offset = random.within(-year...year)
      switch random.below(6) {
      case 0: break
      case 1:
        marks.hit(Mishap.clockSkewed)
        clock.courses.append((from, .ahead(offset)))
      case 2:
        marks.hit(Mishap.clockStuck)
        clock.courses.append((from, .stuck(from + offset)))
      case 3:
        marks.hit(Mishap.clock2000)
        clock.courses.append((from, .ahead(start2000 - from)))
      case 4:
        marks.hit(Mishap.clock2099)
        clock.courses.append((from, .ahead(start2099 - from)))
      default:
        marks.hit(Mishap.clockSkewed)
        clock.courses.append((Int64.min, .ahead(offset)))
      }
    }
    clock.courses.sort { $0.from < $1.from }
    return clock
  }
}
