import OpLog
import Peer
import Wire

/// What a whole sync did.
package struct SyncSummary: Sendable, Equatable {
  /// Round trips that succeeded.
  package var exchanges = 0
  /// Own ops pushed.
  package var pushed = 0
  /// Ops of others that came.
  package var pulled = 0
  /// Bodies moved either way.
  package var bodies = 0
  /// The hub's digest was compared with the own one and was equal.
  package var isDigestEqual = false
  /// Tries that failed and were repeated.
  package var failures = 0
  /// Bytes of request bodies.
  package var bytesSent = 0
  /// Bytes of response bodies.
  package var bytesReceived = 0

  /// A sync that did nothing yet.
  package init() {}
}

/// The surroundings of a sync: clock, chance, patience, and somebody who watches.
package struct SyncEnvironment<Line: Transport>: Sendable {
  /// Carries requests to the hub.
  package var line: Line
  /// The PC's clock in ms since 1970-01-01 UTC.
  package var now: @Sendable () -> Int64
  /// Any number, for jitter.
  package var random: @Sendable () -> UInt64
  /// Waits for so many ms.
  package var pause: @Sendable (Int64) async -> Void
  /// Told after each round trip.
  package var progress: @Sendable (SyncSummary) -> Void

  /// Makes an environment.
  package init(
    line: Line, now: @escaping @Sendable () -> Int64, random: @escaping @Sendable () -> UInt64,
    pause: @escaping @Sendable (Int64) async -> Void,
    progress: @escaping @Sendable (SyncSummary) -> Void = { _ in }
  ) {
    self.line = line
    self.now = now
    self.random = random
    self.pause = pause
    self.progress = progress
  }
}

extension OfficeCore {
  /// Syncs until both sides have everything, over a line that may fail.
  ///
  /// - Parameters:
  ///   - world: The line, the clock, and chance.
  ///   - attemptsMax: After so many failures in a row it gives up with the last one.
  ///   - isolation: The caller's actor; the core never leaves it.
  /// - Returns: What was moved.
  /// - Throws: ``OfficeError``; what was taken before stays, and the next sync goes on there.
  package func sync<Line: Transport>(
    _ world: SyncEnvironment<Line>, attemptsMax: Int = 5,
    isolation: isolated (any Actor)? = #isolation
  ) async throws(OfficeError) -> SyncSummary {
    var machine = SyncMachine(attemptsMax: attemptsMax)
    var summary = SyncSummary()
    var lastError = OfficeError.transport(.unreachable("not tried"))
    while true {
      switch machine.next() {
      case .wait(let milliseconds): await world.pause(milliseconds)
      case .finished(true): return summary
      case .finished(false): throw lastError
      case .exchange(let maxBytes):
        do throws(OfficeError) {
          let exchange = try await exchange(maxBytes: maxBytes, world, &summary)
          machine.exchanged(isLast: exchange.isLast)
        } catch {
          lastError = try passing(error, &machine, &summary, world.random())
        }
      case .bodies:
        do throws(OfficeError) {
          try await moveBodies(world, &summary)
          machine.bodiesMoved()
        } catch {
          lastError = try passing(error, &machine, &summary, world.random())
        }
      }
      world.progress(summary)
    }
  }

  private func exchange<Line: Transport>(
    maxBytes: Int, _ world: SyncEnvironment<Line>, _ summary: inout SyncSummary,
    isolation: isolated (any Actor)? = #isolation
  ) async throws(OfficeError) -> Exchange {
    let (request, message) = try syncRequest(maxBytes: maxBytes)
    let response = try await send(message, world, &summary)
    let exchange = try take(response, to: request, now: world.now())
    summary.exchanges += 1
    summary.pushed += exchange.pushed
    summary.pulled += exchange.pulled
    summary.isDigestEqual = exchange.isDigestEqual
    return exchange
  }

  private func moveBodies<Line: Transport>(
    _ world: SyncEnvironment<Line>, _ summary: inout SyncSummary,
    isolation: isolated (any Actor)? = #isolation
  ) async throws(OfficeError) {
    var absent: Set<Digest> = []
    while true {
      let errands = try bodyErrands(except: absent)
      guard !errands.isEmpty else { return }
      for errand in errands {
        let response = try await send(errand.request, world, &summary)
        if try take(response, to: errand) {
          summary.bodies += 1
        } else {
          absent.insert(errand.digest)
        }
      }
    }
  }

  private func send<Line: Transport>(
    _ message: PeerRequest, _ world: SyncEnvironment<Line>, _ summary: inout SyncSummary,
    isolation: isolated (any Actor)? = #isolation
  ) async throws(OfficeError) -> PeerResponse {
    do throws(TransportError) {
      let response = try await world.line.send(message)
      summary.bytesSent += message.body.count
      summary.bytesReceived += response.body.count
      return response
    } catch { throw .transport(error) }
  }

  /// Lets the machine repeat what may pass, and throws what will not.
  private func passing(
    _ error: OfficeError, _ machine: inout SyncMachine, _ summary: inout SyncSummary,
    _ random: UInt64
  ) throws(OfficeError) -> OfficeError {
    switch error {
    case .transport: machine.failed(retryAfter: nil, random: random)
    case .problem(let problem) where problem.kind.isWorthRetrying:
      machine.failed(retryAfter: nil, random: random)
    default:
      try note(error)
      throw error
    }
    summary.failures += 1
    return error
  }
}
