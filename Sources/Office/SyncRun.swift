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
  /// Round trips that showed a rebuilt hub what it lacks.
  package var rollCalls = 0
  /// Bodies moved either way.
  package var bodies = 0
  /// The hub's digest was compared with the own one and was equal.
  package var isDigestEqual = false
  /// The two hold the same ops and not the same state, or did and have not been found equal since.
  package var isDifferent = false
  /// The hub was rebuilt and its roll-call is open: it decides nothing and moves no bodies yet.
  package var isRollCallOpen = false
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

/// What a sync under way has done, and what the hub said last.
private struct SyncRun {
  var summary = SyncSummary()
  /// Seconds from the `Retry-After` of the latest answer.
  var retryAfter: Int?
  /// The latest request of an exchange.
  var message: PeerRequest?
  /// Whether ops travel as JSON for the rest of the sync: an exchange with segments failed.
  var isInJSON = false
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
    var machine = SyncMachine(attemptsMax: attemptsMax, owesRollCall: try owesRollCall)
    var run = SyncRun()
    var lastError = OfficeError.transport(.unreachable("not tried"))
    while true {
      switch machine.next() {
      case .wait(let milliseconds): await world.pause(milliseconds)
      case .finished(true):
        // Everything was moved; that something is wrong is said in the end, and never silently.
        if run.summary.isDifferent { throw .untrusted(.digest) }
        return run.summary
      case .finished(false): throw lastError
      case .exchange(let maxBytes):
        do throws(OfficeError) {
          let exchange = try await exchange(maxBytes: maxBytes, world, &run)
          machine.exchanged(isLast: exchange.isLast, mustSearch: exchange.mustSearch)
        } catch {
          if !run.isInJSON, let message = run.message, try repeatsInJSON(after: error, message) {
            run.isInJSON = true
            continue
          }
          let error = await leaving(error, world, &run)
          lastError = try passing(error, &machine, &run, world.random())
        }
      case .rollCall(let maxBytes):
        do throws(OfficeError) {
          let (request, message) = try rollCallRequest(maxBytes: maxBytes)
          let response = try await send(message, world, &run)
          machine.called(isDone: try take(response, to: request))
          run.summary.rollCalls += 1
        } catch {
          lastError = try passing(error, &machine, &run, world.random())
        }
      case .search:
        do throws(OfficeError) {
          machine.searched(try await search(world, &run))
        } catch {
          lastError = try passing(error, &machine, &run, world.random())
        }
      case .bodies:
        do throws(OfficeError) {
          try await moveBodies(world, &run)
          machine.bodiesMoved()
        } catch {
          lastError = try passing(error, &machine, &run, world.random())
        }
      }
      world.progress(run.summary)
    }
  }

  private func exchange<Line: Transport>(
    maxBytes: Int, _ world: SyncEnvironment<Line>, _ run: inout SyncRun,
    isolation: isolated (any Actor)? = #isolation
  ) async throws(OfficeError) -> Exchange {
    let (request, message) = try syncRequest(maxBytes: maxBytes, inSegments: !run.isInJSON)
    run.message = message
    let response = try await send(message, world, &run)
    let exchange = try take(response, to: request, now: world.now())
    run.summary.exchanges += 1
    run.summary.pushed += exchange.pushed
    run.summary.pulled += exchange.pulled
    run.summary.isDigestEqual = exchange.isDigestEqual
    run.summary.isDifferent = exchange.comparison == .different
    return exchange
  }

  /// Asks the hub one question about its digest.
  private func search<Line: Transport>(
    _ world: SyncEnvironment<Line>, _ run: inout SyncRun,
    isolation: isolated (any Actor)? = #isolation
  ) async throws(OfficeError) -> SyncMachine.Search {
    guard let (request, message) = try digestsRequest(now: world.now()) else { return .done }
    let response = try await send(message, world, &run)
    let next: SyncMachine.Search
    do throws(OfficeError) {
      next = try take(response, to: request)
    } catch {
      // A hub of an older version knows no such call; the difference is told all the same.
      guard case .problem(let problem) = error, problem.kind == .notFound else { throw error }
      next = .done
    }
    if next == .done, try hasDifferences { run.summary.isDifferent = true }
    return next
  }

  /// Brings the bodies, too, of a PC that hears that it was retired: the hub has all of its ops then.
  ///
  /// - Returns: What keeps the sync from going on.
  private func leaving<Line: Transport>(
    _ error: OfficeError, _ world: SyncEnvironment<Line>, _ run: inout SyncRun,
    isolation: isolated (any Actor)? = #isolation
  ) async -> OfficeError {
    guard Stop(error) == .retired else { return error }
    do throws(OfficeError) {
      try await moveBodies(world, &run)
      return error
    } catch { return error }
  }

  private func moveBodies<Line: Transport>(
    _ world: SyncEnvironment<Line>, _ run: inout SyncRun,
    isolation: isolated (any Actor)? = #isolation
  ) async throws(OfficeError) {
    var absent: Set<Digest> = []
    while true {
      let errands = try bodyErrands(except: absent)
      guard !errands.isEmpty else { return }
      for errand in errands {
        let response = try await send(errand.request, world, &run)
        // It would say so of each of them.
        run.summary.isRollCallOpen = Self.isRollCall(response)
        if run.summary.isRollCallOpen { return }
        if try take(response, to: errand) {
          run.summary.bodies += 1
        } else {
          absent.insert(errand.digest)
        }
      }
    }
  }

  private func send<Line: Transport>(
    _ message: PeerRequest, _ world: SyncEnvironment<Line>, _ run: inout SyncRun,
    isolation: isolated (any Actor)? = #isolation
  ) async throws(OfficeError) -> PeerResponse {
    do throws(TransportError) {
      run.retryAfter = nil
      let response = try await world.line.send(message)
      run.retryAfter = response.retryAfter
      run.summary.bytesSent += message.body.count
      run.summary.bytesReceived += response.body.count
      return response
    } catch { throw .transport(error) }
  }

  /// Lets the machine repeat what may pass, and throws what will not.
  private func passing(
    _ error: OfficeError, _ machine: inout SyncMachine, _ run: inout SyncRun,
    _ random: UInt64
  ) throws(OfficeError) -> OfficeError {
    switch error {
    case .transport: break
    case .problem(let problem) where problem.kind.isWorthRetrying: break
    case .problem(let problem) where machine.refused(problem.kind): return error
    case .problem(let problem) where problem.kind.status == 400:
      // An older hub does not know a name; every one reads numbers.
      guard try forgetHubCatalogue() else {
        try note(error)
        throw error
      }
    default:
      try note(error)
      throw error
    }
    machine.failed(retryAfter: run.retryAfter, random: random)
    run.summary.failures += 1
    return error
  }
}
