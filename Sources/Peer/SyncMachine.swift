import Wire

/// What a sync does next, decided without a line, a clock, or a database.
///
/// A state machine that returns actions: its owner carries them out and reports what came of them.
/// Own ops go first, then what the hub has, then bodies. Everything may be repeated.
package struct SyncMachine: ~Copyable {
  /// What to do now.
  package enum Action: Equatable, Sendable {
    /// One round trip with at most so many bytes each way.
    case exchange(maxBytes: Int)
    /// One round trip of a roll-call: show a hub that does not know what this office has seen.
    case rollCall(maxBytes: Int)
    /// One question to the hub about its digest, which is not the own one.
    case search
    /// Bring and fetch the bodies that are still missing.
    case bodies
    /// Wait, then ask for the next action.
    case wait(milliseconds: Int64)
    /// The sync is over.
    case finished(isComplete: Bool)
  }

  /// How one question about the digest ended.
  package enum Search: Equatable, Sendable {
    /// There is more to ask.
    case goesOn
    /// One of the two has written meanwhile: first they have to be in step again.
    case moved
    /// All was asked and said.
    case done
  }

  /// The first wait after a failure, and the cap, in ms; each failure doubles it.
  package static let backoffMilliseconds: ClosedRange<Int64> = 1_000...60_000

  private enum Phase { case rollCall, exchanging, searching, bodies, done }

  private var phase: Phase
  /// How often the hub may ask in one sync to be shown something, before that is a fault.
  private var rollCallsLeft = 4
  /// How often one sync gets in step again to go on with a search; the next sync goes on, too.
  private var restartsLeft = 8
  /// How the line has been, and how much goes at once.
  package private(set) var pace: LinePace
  /// Whether today's bytes are spent: only own ops go, and the answers to them are small.
  package var isFrugal = false
  private var failures = 0
  private var pause: Int64?
  private let attemptsMax: Int

  /// A new sync.
  ///
  /// - Parameters:
  ///   - attemptsMax: After so many failures in a row it gives up.
  ///   - owesRollCall: Whether a rebuilt hub still waits for something that this office has.
  ///   - pace: How the line was last time.
  package init(
    attemptsMax: Int = 5, owesRollCall: Bool = false, pace: LinePace = LinePace()
  ) {
    self.attemptsMax = attemptsMax
    self.pace = pace
    phase = owesRollCall ? .rollCall : .exchanging
  }

  /// What to do now; asked again after each report.
  package mutating func next() -> Action {
    if let milliseconds = pause {
      pause = nil
      return .wait(milliseconds: milliseconds)
    }
    if failures >= attemptsMax { return .finished(isComplete: false) }
    switch phase {
    case .rollCall: return .rollCall(maxBytes: pace.chunk)
    case .exchanging: return .exchange(maxBytes: pace.chunk)
    case .searching: return .search
    case .bodies: return isFrugal ? .finished(isComplete: true) : .bodies
    case .done: return .finished(isComplete: true)
    }
  }

  /// A round trip succeeded.
  ///
  /// - Parameters:
  ///   - isLast: Nothing is left to push, and the hub had nothing more.
  ///   - isPushed: The hub has all own ops, whether it has more or not.
  ///   - mustSearch: The two states have to be compared in detail.
  ///   - sample: How the line was; nil where nobody can measure it.
  package mutating func exchanged(
    isLast: Bool, isPushed: Bool = false, mustSearch: Bool = false, sample: LinePace.Sample? = nil
  ) {
    failures = 0
    pace.moved(sample)
    if isFrugal, isLast || isPushed {
      phase = .done
    } else if isLast {
      phase = mustSearch ? .searching : .bodies
    }
  }

  /// A try failed, and what had come of its answer is kept: the next goes on behind it.
  package mutating func wentOn() { failures = 0 }

  /// A question about the digest was answered, or none was left.
  package mutating func searched(_ search: Search) {
    failures = 0
    switch search {
    case .goesOn: return
    case .moved where restartsLeft > 0:
      restartsLeft -= 1
      phase = .exchanging
    case .moved, .done: phase = .bodies
    }
  }

  /// A round trip of a roll-call succeeded.
  package mutating func called(isDone: Bool, sample: LinePace.Sample? = nil) {
    failures = 0
    pace.moved(sample)
    if isDone { phase = .exchanging }
  }

  /// The hub refused a round trip.
  ///
  /// - Returns: Whether a roll-call may help: the hub is in another life than this office knows, or
  ///   was rolled back.
  package mutating func refused(_ kind: ProblemKind) -> Bool {
    guard kind == .newIncarnation || kind == .unknownProgress, rollCallsLeft > 0 else {
      return false
    }
    rollCallsLeft -= 1
    phase = .rollCall
    return true
  }

  /// All bodies that could be moved are where they belong.
  package mutating func bodiesMoved() {
    failures = 0
    phase = .done
  }

  /// A try failed in a way that may pass: no line, a busy hub.
  ///
  /// The hub's wish is met up to the cap of the backoff: staff may be waiting.
  ///
  /// - Parameters:
  ///   - retryAfter: Seconds that the hub asked for; nil when it did not answer.
  ///   - random: Any number, for the jitter: offices that lost the hub together come back apart.
  ///   - sample: What had come when the line was cut; nil for any other failure.
  package mutating func failed(
    retryAfter: Int?, random: UInt64, sample: LinePace.Sample? = nil
  ) {
    failures += 1
    pace.failed(sample)
    let exponent = min(failures - 1, 10)
    let range = Self.backoffMilliseconds
    let ceiling = min(range.lowerBound << Int64(exponent), range.upperBound)
    let jittered = ceiling / 2 + Int64(random % UInt64(ceiling / 2 + 1))
    let wished = min(Int64(clamping: retryAfter ?? 0), range.upperBound / 1_000) * 1_000
    pause = failures < attemptsMax ? max(jittered, wished) : nil
  }
}
