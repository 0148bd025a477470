import Community
import HTTPClient
import Office
import Peer
import Synchronization
import Wire

/// An office that stays in step with its hub until a signal comes.
///
/// What is recorded here goes two seconds after the last op. What others bring comes at once where the hub
/// lets a call wait (`every` is nil), and every so many seconds elsewhere.
struct OfficeWatch {
  /// An own op is pushed when so much time has passed without another.
  private static let quietMilliseconds: Int64 = 2_000
  /// From what a long poll brought to the next one.
  private static let pollPauseMilliseconds: Int64 = 5_000
  /// How often it looks for own ops, and whether an answer came.
  private static let tickMilliseconds: Int64 = 500
  /// Between syncs where the hub answers long polls at once.
  private static let blindSeconds = 60

  let office: OfficeCore
  let folder: DataFolder
  let line: HTTPTransport
  let console: Console
  /// Seconds between syncs; nil to hear at once.
  let every: Int?

  /// A long poll under way.
  private final class Asked: Sendable {
    let poll: Poll
    let start = ContinuousClock.now
    private let outcome = Mutex<LineOutcome?>(nil)

    init(_ poll: Poll, through line: HTTPTransport) {
      self.poll = poll
      // Never cancelled: the process ends with it at most.
      Task { [self] in
        let outcome = await line.carry(poll.message)
        self.outcome.withLock { $0 = outcome }
      }
    }

    /// What came of it; nil while it waits.
    var answer: LineOutcome? { outcome.withLock { $0 } }
  }

  /// What goes on from one look to the next.
  private struct State {
    var asked: Asked?
    /// Until when no long poll is sent.
    var nextPoll = ContinuousClock.now
    var nextSync = ContinuousClock.now
    /// The own log's end, and since when it is that.
    var own: (seq: UInt64, since: ContinuousClock.Instant) = (0, .now)
    /// Failures in a row: the pauses between tries grow with them.
    var failures = 0
  }

  /// Goes on until a signal comes; what moved is said, and what failed.
  func run() async throws(CommandError) {
    let signals = StopSignals()
    var state = State()
    repeat {
      try await look(&state)
    } while await !signals.wait(milliseconds: Self.tickMilliseconds)
  }

  private func look(
    _ state: inout State, isolation: isolated (any Actor)? = #isolation
  ) async throws(CommandError) {
    let now = ContinuousClock.now
    if let asked = state.asked, let answer = asked.answer {
      state.asked = nil
      take(answer, to: asked, &state)
    }
    if try isPushDue(&state, now) || now >= state.nextSync { try await sync(&state) }
    guard every == nil, state.asked == nil, state.failures == 0,
      ContinuousClock.now >= state.nextPoll
    else { return }
    let poll = try CommandError.wrap { () throws(OfficeError) in
      try office.poll(seconds: WireLimits.waitSecondsMax, now: Machine.now())
    }
    state.asked = poll.map { Asked($0, through: line) }
  }

  /// Whether own ops wait, and none was added for a moment.
  private func isPushDue(
    _ state: inout State, _ now: ContinuousClock.Instant
  ) throws(CommandError) -> Bool {
    let (seq, waits) = try CommandError.wrap { () throws(OfficeError) in
      (try office.ownSeq, try office.hasUnsentOps())
    }
    if seq != state.own.seq { state.own = (seq, now) }
    return waits && state.failures == 0
      && now - state.own.since >= .milliseconds(Self.quietMilliseconds)
  }

  private func sync(
    _ state: inout State, isolation: isolated (any Actor)? = #isolation
  ) async throws(CommandError) {
    do throws(CommandError) {
      let summary = try await HubLine.sync(office, through: line, attempts: 1, console)
      state.failures = 0
      if summary.pushed + summary.pulled + summary.bodies > 0 {
        console.answer(summary.words) { $0.summary(summary) }
      }
      await BundleForwarding.run(office, in: folder, through: line, console)
      let stop = try CommandError.wrap { () throws(OfficeError) in try office.stop }
      // One that is rejoining goes on until it has.
      if let stop, stop != .rejoining { throw .afterSync(stop) }
    } catch  where error.exit == ExitCode.unreachable {
      state.failures += 1
      console.report(error)
    }
    state.nextSync = ContinuousClock.now + pause(after: state.failures)
  }

  /// From one sync to the next: where long polls bring everything it only looks after what they miss.
  private func pause(after failures: Int) -> Duration {
    let ordinary = every ?? Self.blindSeconds
    guard failures > 0, every == nil else { return .seconds(ordinary) }
    let longest = min(1_000 << min(failures, 6), 60_000)
    return .milliseconds(Int.random(in: longest / 2...longest))
  }

  private func take(_ answer: LineOutcome, to asked: Asked, _ state: inout State) {
    do throws(OfficeError) {
      let result = try office.take(answer, to: asked.poll, now: Machine.now())
      let now = ContinuousClock.now
      if result.pulled > 0 {
        let words = Words("收到 \(result.pulled) 条", "received \(result.pulled)")
        console.answer(words) { $0.member("pulled", Int64(result.pulled)) }
        state.nextPoll = now + .milliseconds(Self.pollPauseMilliseconds)
      } else if now - asked.start < .seconds(2) {
        // This hub lets nobody wait: it is asked again with the next sync.
        state.nextPoll = state.nextSync
        return
      }
      state.nextSync = result.mustSync ? now : now + .seconds(Self.blindSeconds)
    } catch {
      // A whole sync says what is wrong, or goes on where this did not come through.
      state.nextSync = .now
    }
  }
}
