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
  /// Bytes sent, with the heads as far as the transport knows them.
  package var bytesSent = 0
  /// Bytes received, with the heads as far as the transport knows them.
  package var bytesReceived = 0
  /// Bytes among them of answers that were cut off, and so came in vain.
  package var bytesWasted = 0
  /// The day's budget of bytes is spent: only own ops went, and bodies wait.
  package var isBudgetSpent = false
  /// How a new office came by its working set; nil for one that asked for none.
  package var checkpoint: CheckpointSummary?

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
struct SyncRun {
  var summary = SyncSummary()
  /// Seconds from the `Retry-After` of the latest answer.
  var retryAfter: Int?
  /// The latest request of an exchange.
  var message: PeerRequest?
  /// Whether ops travel as JSON for the rest of the sync: an exchange with segments failed.
  var isInJSON = false
  /// How the line was in the latest request; nil where the transport keeps no time.
  var sample: LinePace.Sample?
  /// What had come of the latest answer when the line was cut.
  var beginning: PeerResponse?
  /// What the store has not been told yet.
  var uncounted = (requests: 0, sent: 0, received: 0)

  mutating func add(_ outcome: LineOutcome) {
    let traffic = outcome.traffic
    summary.bytesSent += traffic.sent
    summary.bytesReceived += traffic.received
    if case .failure = outcome.result { summary.bytesWasted += traffic.received }
    uncounted.requests += 1
    uncounted.sent += traffic.sent
    uncounted.received += traffic.received
    guard let waited = traffic.waited, let moved = traffic.moved else {
      sample = nil
      return
    }
    sample = LinePace.Sample(
      sent: traffic.sent, received: traffic.received, waited: waited, moved: moved)
  }
}

extension OfficeCore {
  /// Syncs until both sides have everything, over a line that may fail.
  ///
  /// - Parameters:
  ///   - world: The line, the clock, and chance.
  ///   - attemptsMax: After so many failures in a row it gives up with the last one.
  ///   - isolation: The caller's actor; the core never leaves it.
  /// - Returns: What was moved; where the day's bytes are spent, own ops alone.
  /// - Throws: ``OfficeError``; what was taken before stays, and the next sync goes on there.
  package func sync<Line: Transport>(
    _ world: SyncEnvironment<Line>, attemptsMax: Int = 5,
    isolation: isolated (any Actor)? = #isolation
  ) async throws(OfficeError) -> SyncSummary {
    var run = SyncRun()
    do throws(OfficeError) {
      return try await sync(world, attemptsMax: attemptsMax, &run)
    } catch {
      // Why the sync ended matters more than a count that a full disk did not take.
      do throws(OfficeError) {
        try count(&run, now: world.now())
      } catch {}
      throw error
    }
  }

  private func sync<Line: Transport>(
    _ world: SyncEnvironment<Line>, attemptsMax: Int, _ run: inout SyncRun,
    isolation: isolated (any Actor)? = #isolation
  ) async throws(OfficeError) -> SyncSummary {
    if try !traffic(now: world.now()).isSpent {
      try await takeCheckpoint(world, attemptsMax: attemptsMax, &run)
    }
    var machine = SyncMachine(
      attemptsMax: attemptsMax, owesRollCall: try owesRollCall, pace: try lastPace())
    var lastError = OfficeError.transport(.unreachable("not tried"))
    try saveBytes(&machine, &run, now: world.now())
    if machine.isFrugal, try !hasUnsentOps() { return run.summary }
    while true {
      let action = machine.next()
      switch action {
      case .wait(let milliseconds): await world.pause(milliseconds)
      case .finished(true):
        // Everything was moved; that something is wrong is said in the end, and never silently.
        if run.summary.isDifferent { throw .untrusted(.digest) }
        return run.summary
      case .finished(false): throw lastError
      case .exchange(let maxBytes):
        do throws(OfficeError) {
          let exchange = try await exchange(
            maxBytes: maxBytes, isFrugal: machine.isFrugal, world, &run)
          machine.exchanged(
            isLast: exchange.isLast, isPushed: exchange.isPushed,
            mustSearch: exchange.mustSearch, sample: run.sample)
        } catch {
          if !run.isInJSON, let message = run.message, try repeatsInJSON(after: error, message) {
            run.isInJSON = true
            continue
          }
          let error = await leaving(error, isFrugal: machine.isFrugal, world, &run)
          lastError = try passing(error, &machine, &run, world.random())
        }
      case .rollCall(let maxBytes):
        do throws(OfficeError) {
          let (request, message) = try rollCallRequest(maxBytes: maxBytes)
          let response = try await send(message, world, &run)
          machine.called(isDone: try take(response, to: request), sample: run.sample)
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
      if case .wait = action { continue }
      try count(&run, pace: machine.pace, now: world.now())
      try saveBytes(&machine, &run, now: world.now())
      world.progress(run.summary)
    }
  }

  /// Goes over to own ops alone once the day's bytes are spent.
  private func saveBytes(
    _ machine: inout SyncMachine, _ run: inout SyncRun, now: Int64
  ) throws(OfficeError) {
    machine.isFrugal = try traffic(now: now).isSpent
    if machine.isFrugal { run.summary.isBudgetSpent = true }
  }

  /// Tells the store what went over the line.
  func count(
    _ run: inout SyncRun, pace: LinePace? = nil, now: Int64
  ) throws(OfficeError) {
    try count(
      sent: run.uncounted.sent, received: run.uncounted.received, pace: pace, now: now)
    run.uncounted = (0, 0, 0)
  }

  private func exchange<Line: Transport>(
    maxBytes: Int, isFrugal: Bool, _ world: SyncEnvironment<Line>, _ run: inout SyncRun,
    isolation: isolated (any Actor)? = #isolation
  ) async throws(OfficeError) -> Exchange {
    let (request, message) = try syncRequest(
      maxBytes: maxBytes, inSegments: !run.isInJSON,
      replyBytes: isFrugal ? LinePace.chunkBytes.lowerBound : nil)
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

  /// Brings the bodies, too, of a PC that hears that it was retired, when the hub has all of its ops, and
  /// of one that cannot follow because it holds another branch of the hub's log: its ops were taken, and
  /// its folder may be put away before it ever gets further.
  ///
  /// - Returns: What keeps the sync from going on.
  private func leaving<Line: Transport>(
    _ error: OfficeError, isFrugal: Bool, _ world: SyncEnvironment<Line>, _ run: inout SyncRun,
    isolation: isolated (any Actor)? = #isolation
  ) async -> OfficeError {
    var isOnOtherBranch = false
    // Not where nothing proves that it is the hub who answers.
    if case .untrusted(.chain) = error { isOnOtherBranch = cannotFollow && !isFrugal }
    guard isOnOtherBranch || Stop(error) == .retired else { return error }
    do throws(OfficeError) {
      try await moveBodies(world, &run)
      return error
    } catch { return error }
  }

  /// A power cut may take the count of so many requests for bodies with it, and not more.
  private static let requestsUncounted = 16

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
        if run.uncounted.requests >= Self.requestsUncounted {
          try count(&run, now: world.now())
          run.summary.isBudgetSpent = try traffic(now: world.now()).isSpent
          if run.summary.isBudgetSpent { return }
        }
      }
    }
  }

  func send<Line: Transport>(
    _ message: PeerRequest, _ world: SyncEnvironment<Line>, _ run: inout SyncRun,
    isolation: isolated (any Actor)? = #isolation
  ) async throws(OfficeError) -> PeerResponse {
    run.retryAfter = nil
    let outcome = await world.line.carry(message)
    run.add(outcome)
    run.beginning = outcome.beginning
    switch outcome.result {
    case .success(let response):
      run.retryAfter = response.retryAfter
      return response
    case .failure(let error): throw .transport(error)
    }
  }

  /// Lets the machine repeat what may pass, and throws what will not.
  func passing(
    _ error: OfficeError, _ machine: inout SyncMachine, _ run: inout SyncRun,
    _ random: UInt64
  ) throws(OfficeError) -> OfficeError {
    var sample: LinePace.Sample?
    switch error {
    case .transport: sample = run.sample
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
    machine.failed(retryAfter: run.retryAfter, random: random, sample: sample)
    run.summary.failures += 1
    return error
  }
}
