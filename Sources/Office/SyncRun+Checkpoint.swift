import OpLog
import Peer
import Wire

/// How a new office came by its working set.
package struct CheckpointSummary: Sendable, Equatable {
  /// Round trips that succeeded, that for the card included.
  package var exchanges = 0
  /// Tries that failed and were repeated.
  package var failures = 0
  /// Bytes received, with the heads as far as the transport knows them.
  package var bytesReceived = 0
  /// Bytes among them that came in vain, and so came again.
  package var bytesWasted = 0
  /// Bytes of the file that are here.
  package var taken = 0
  /// Bytes of the file; 0 before its card is here.
  package var size = 0
  /// How often the hub had another file by then, so that all began anew.
  package var restarts = 0
  /// Whether the counter works on it.
  package var isWhole = false
}

extension OfficeCore {
  /// Has a new office begin on the hub's working set, part by part.
  func takeCheckpoint<Line: Transport>(
    _ world: SyncEnvironment<Line>, attemptsMax: Int, _ run: inout SyncRun,
    isolation: isolated (any Actor)? = #isolation
  ) async throws(OfficeError) {
    guard try wantsCheckpoint else { return }
    var machine = SyncMachine(attemptsMax: attemptsMax, pace: try lastPace())
    var lastError = OfficeError.transport(.unreachable("not tried"))
    let filesLeft = checkpointsLeft
    run.summary.checkpoint = CheckpointSummary()
    while true {
      let action = machine.next()
      switch action {
      case .wait(let milliseconds): await world.pause(milliseconds)
      case .exchange:
        do throws(OfficeError) {
          let request = try checkpointRequest(maxBytes: machine.pace.rangeBytes)
          let response = try await sendForPart(request, &machine, world, &run)
          machine.exchanged(
            isLast: try takeCheckpoint(response, to: request), sample: run.sample)
          run.summary.checkpoint?.exchanges += 1
        } catch {
          lastError = try passing(error, &machine, &run, world.random())
          run.summary.checkpoint?.failures += 1
        }
      case .finished(false): throw lastError
      // Bodies, or a roll-call, are the business of the sync that follows.
      default: return
      }
      if case .wait = action { continue }
      try watch(&run, restarts: filesLeft - checkpointsLeft)
      try count(&run, pace: machine.pace, now: world.now())
      if try traffic(now: world.now()).isSpent { return }
      world.progress(run.summary)
    }
  }

  /// Sends a request; where the answer is cut off, what came of it is kept, and the next goes on behind.
  private func sendForPart<Line: Transport>(
    _ request: PeerRequest, _ machine: inout SyncMachine, _ world: SyncEnvironment<Line>,
    _ run: inout SyncRun, isolation: isolated (any Actor)? = #isolation
  ) async throws(OfficeError) -> PeerResponse {
    do throws(OfficeError) {
      return try await send(request, world, &run)
    } catch {
      guard let beginning = run.beginning else { throw error }
      let kept = try keepBeginning(beginning, of: request)
      run.summary.bytesWasted -= kept
      // A line that brings a few bytes and dies is as good as none: its pauses grow.
      if Int64(kept) >= WireLimits.chunkBytes.lowerBound { machine.wentOn() }
      throw error
    }
  }

  private func watch(_ run: inout SyncRun, restarts: Int) throws(OfficeError) {
    guard var checkpoint = run.summary.checkpoint else { return }
    let (taken, size, isWhole) = try checkpointProgress()
    checkpoint.bytesReceived = run.summary.bytesReceived
    checkpoint.bytesWasted = run.summary.bytesWasted
    // Once the office has begun on the file, that is dropped.
    checkpoint.size = size ?? checkpoint.size
    checkpoint.taken = isWhole ? checkpoint.size : taken
    checkpoint.restarts = restarts
    checkpoint.isWhole = isWhole
    run.summary.checkpoint = checkpoint
  }
}
