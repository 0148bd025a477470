import OpLog
import Peer
import Store

/// What went over the line on one day, and what may.
package struct DayTraffic: Sendable, Equatable {
  /// Bytes sent, as far as the transport knows them.
  package var sent: Int64 = 0
  /// Bytes received, those of answers that were cut off included.
  package var received: Int64 = 0
  /// Bytes a day after which only own ops go; nil for no end.
  package var budget: Int64?

  /// What is left of the budget; nil without one.
  package var left: Int64? { budget.map { max($0 - sent - received, 0) } }

  /// Whether only own ops go for the rest of the day.
  package var isSpent: Bool { left == 0 }
}

/// Bytes on the line by day, and how fast the line is: kept durably, and no facts.
extension OfficeCore {
  /// Budgets that staff may set, in bytes a day: below 100 kB not even the counter's own ops are sure of
  /// a place, beyond 1 TB none is needed.
  package static let budgetBytes: ClosedRange<Int64> = 100_000...1_000_000_000_000

  /// What went over the line today, by the PC's clock.
  package func traffic(now: Int64) throws(OfficeError) -> DayTraffic {
    try OfficeError.wrap { () throws(StoreError) in
      try store.read { () throws(StoreError) in try store.traffic(now: now) }
    }
  }

  /// Sets how many bytes may go over the line in a day; nil for no end.
  package func keep(byteBudget budget: Int64?) throws(OfficeError) {
    precondition(budget.map(Self.budgetBytes.contains) ?? true, "caller bug: no such budget")
    try OfficeError.wrap { () throws(StoreError) in
      try store.write { () throws(StoreError) in
        if let budget {
          try store.set(.byteBudget, budget)
        } else {
          try store.clear(.byteBudget)
        }
      }
    }
  }

  /// Adds what a request cost to the day's sums.
  ///
  /// - Parameters:
  ///   - sent: Bytes.
  ///   - received: Bytes.
  ///   - pace: How the line is; nil where that is not news.
  ///   - now: The PC's clock in ms since 1970-01-01 UTC.
  /// - Throws: ``OfficeError/store(_:)``; nothing is counted then.
  package func count(
    sent: Int, received: Int, pace: LinePace? = nil, now: Int64
  ) throws(OfficeError) {
    guard sent > 0 || received > 0 else { return }
    try OfficeError.wrap { () throws(StoreError) in
      try store.write { () throws(StoreError) in
        let today = try store.traffic(now: now)
        try store.set(.trafficDay, Int64(BusinessDate(stamp: now).day))
        try store.set(.trafficSent, today.sent + Int64(sent))
        try store.set(.trafficReceived, today.received + Int64(received))
        if let pace, let rate = pace.rate {
          try store.set(.lineRate, Int64(rate))
          try store.set(.lineCalm, pace.calm)
        }
      }
    }
  }

  /// How the line was last time.
  func lastPace() throws(OfficeError) -> LinePace {
    try OfficeError.wrap { () throws(StoreError) in
      try store.read { () throws(StoreError) in
        LinePace(
          rate: try store.number(.lineRate).map(Int.init), calm: try store.number(.lineCalm))
      }
    }
  }

  /// The end of the own log.
  package var ownSeq: UInt64 {
    get throws(OfficeError) {
      try OfficeError.wrap { () throws(StoreError) in try store.storedHead(of: replica).seq }
    }
  }

  /// Whether an own op waits for the hub to take it.
  package func hasUnsentOps() throws(OfficeError) -> Bool {
    try OfficeError.wrap { () throws(StoreError) in
      try store.read { () throws(StoreError) in
        try hubHas() < store.storedHead(of: replica).seq
      }
    }
  }
}

extension Store {
  /// What went over the line on the day of `now`.
  fileprivate func traffic(now: Int64) throws(StoreError) -> DayTraffic {
    var traffic = DayTraffic(budget: try number(.byteBudget))
    guard try number(.trafficDay) == Int64(BusinessDate(stamp: now).day) else { return traffic }
    traffic.sent = try number(.trafficSent) ?? 0
    traffic.received = try number(.trafficReceived) ?? 0
    return traffic
  }
}
