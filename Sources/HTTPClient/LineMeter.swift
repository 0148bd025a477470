import Peer

/// Counts what one request moves, and how long it waits.
struct LineMeter {
  private let clock = ContinuousClock()
  private let start: ContinuousClock.Instant
  private var first: ContinuousClock.Instant?
  private var last: ContinuousClock.Instant?
  private var sentBytes = 0
  private var receivedBytes = 0

  /// Starts the clock.
  init() { start = clock.now }

  mutating func sent(_ count: Int) { sentBytes += count }

  mutating func received(_ count: Int) {
    receivedBytes += count
    let now = clock.now
    first = first ?? now
    last = now
  }

  /// What was moved up to now.
  var traffic: LineTraffic {
    LineTraffic(
      sent: sentBytes, received: receivedBytes,
      waited: Self.milliseconds((first ?? clock.now) - start),
      moved: Self.milliseconds(first.flatMap { first in last.map { $0 - first } } ?? .zero))
  }

  private static func milliseconds(_ duration: Duration) -> Int64 {
    let (seconds, attoseconds) = duration.components
    return seconds * 1_000 + attoseconds / 1_000_000_000_000_000
  }
}

/// A meter that the reader of an answer and whoever asked share, on one thread.
final class SharedMeter {
  /// The counts.
  var meter = LineMeter()
  /// What came of an answer that was cut off.
  var beginning: PeerResponse?
}
