/// The one thread that runs the handler, so that a slow commit does not stop reading and writing.
///
/// It also keeps the requests that wait for their answers: they cost memory, and no thread.
struct Worker: Sendable {
  enum Job: Sendable {
    case answer(HTTPRequest, connection: UInt64)
    /// Answer what waits, and let nothing wait any more: the server stops.
    case release
    case stop
  }

  /// A request that waits.
  private struct Held {
    let hold: HTTPHold
    let deadline: UInt64
    let request: HTTPRequest
    let connection: UInt64
  }

  /// How often it is asked whether a wait is over while no request comes.
  private static let tickMilliseconds: UInt64 = 1_000
  /// So many waiting requests are answered before the others have their turn again.
  private static let answersPerTurn = 8

  let jobs: Mailbox<Job>
  let inbox: Mailbox<EventLoop.Message>
  let heldMax: Int
  let handler: @Sendable (HTTPRequest) -> HTTPOutcome

  /// Answers requests in the order of their arrival until `stop`.
  func run() {
    var held: [Held] = []
    var heldMax = heldMax
    var isBehind = false
    while true {
      for job in jobs.take(within: isBehind ? 0 : wait(for: held)) {
        switch job {
        case .stop: return
        case .release:
          heldMax = 0
          held.forEach(answer)
          held = []
        case .answer(let request, let connection):
          handle(request, connection, &held, max: heldMax)
        }
      }
      isBehind = answerDue(&held)
    }
  }

  private func handle(
    _ request: HTTPRequest, _ connection: UInt64, _ held: inout [Held], max: Int
  ) {
    switch handler(request) {
    case .answer(let response): send(response, to: request, connection)
    case .hold(let hold):
      let new = Held(
        hold: hold, deadline: monotonicMilliseconds() + hold.milliseconds, request: request,
        connection: connection)
      if let older = held.firstIndex(where: { $0.hold.owner == hold.owner }) {
        answer(held.remove(at: older))
      }
      if held.count < max { held.append(new) } else { answer(new) }
    }
  }

  /// Answers what need not wait any longer; O(waiting).
  ///
  /// - Returns: Whether more of them are left for the next turn.
  private func answerDue(_ held: inout [Held]) -> Bool {
    guard !held.isEmpty else { return false }
    let now = monotonicMilliseconds()
    var left: [Held] = []
    var answered = 0
    var isBehind = false
    for waiting in held {
      if now < waiting.deadline, !waiting.hold.isOver() {
        left.append(waiting)
      } else if answered == Self.answersPerTurn {
        left.append(waiting)
        isBehind = true
      } else {
        answered += 1
        answer(waiting)
      }
    }
    held = left
    return isBehind
  }

  /// Milliseconds to the next look at what waits; nil where nothing does.
  private func wait(for held: [Held]) -> UInt64? {
    guard let first = held.map(\.deadline).min() else { return nil }
    let now = monotonicMilliseconds()
    return first <= now ? 0 : min(first - now, Self.tickMilliseconds)
  }

  private func answer(_ held: Held) {
    send(held.hold.answer(), to: held.request, held.connection)
  }

  private func send(_ response: HTTPResponse, to request: HTTPRequest, _ connection: UInt64) {
    let bytes = response.encoded(
      forHead: request.method == "HEAD", closing: request.closesConnection)
    inbox.post(.answer(bytes, connection: connection))
  }
}
