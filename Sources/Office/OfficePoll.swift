import OpLog
import Peer
import Store
import Wire

/// A sync with nothing to push that the hub may answer later, when it has something (a long poll).
package struct Poll: Sendable {
  /// What is asked, to be kept for the answer.
  let request: SyncRequest
  /// The same as it goes over the line.
  package let message: PeerRequest
}

/// What came of a long poll.
package struct PollResult: Sendable, Equatable {
  /// Ops that came.
  package var pulled: Int
  /// Whether a whole sync has to follow: there is more, or bodies are missing.
  package var mustSync: Bool
}

extension OfficeCore {
  /// A call that waits at the hub; nil while own ops wait to be pushed, or the day's bytes are spent.
  ///
  /// - Parameters:
  ///   - seconds: For how long the hub may keep it waiting.
  ///   - now: The PC's clock in ms since 1970-01-01 UTC.
  /// - Returns: What to ask.
  /// - Throws: ``OfficeError/store(_:)``.
  package func poll(seconds: Int, now: Int64) throws(OfficeError) -> Poll? {
    precondition((1...WireLimits.waitSecondsMax).contains(seconds), "caller bug: no such wait")
    guard try !hasUnsentOps(), try !traffic(now: now).isSpent, try !owesRollCall else {
      return nil
    }
    var (request, message) = try syncRequest(
      maxBytes: lastPace().chunk, inSegments: true)
    guard request.ops.isEmpty else { return nil }
    message.path += "?wait=\(seconds)"
    return Poll(request: request, message: message)
  }

  /// Takes what came of it; counts it, whatever it is.
  ///
  /// - Parameters:
  ///   - outcome: What the line brought.
  ///   - poll: What it answers.
  ///   - now: The PC's clock in ms since 1970-01-01 UTC.
  /// - Returns: What came.
  /// - Throws: ``OfficeError``; a sync tells then what is wrong, or mends it.
  package func take(
    _ outcome: LineOutcome, to poll: Poll, now: Int64
  ) throws(OfficeError) -> PollResult {
    try count(sent: outcome.traffic.sent, received: outcome.traffic.received, now: now)
    let response: PeerResponse
    do throws(TransportError) {
      response = try outcome.result.get()
    } catch { throw .transport(error) }
    let exchange = try take(response, to: poll.request, now: now)
    let lacksBodies = try !bodyErrands().isEmpty
    return PollResult(
      pulled: exchange.pulled,
      mustSync: !exchange.isLast || exchange.mustSearch || lacksBodies)
  }
}
