import HTTP
import OpLog
import Synchronization
import Wire

/// The hub behind its socket: HTTP requests become calls, one at a time.
package final class HubServer: Sendable {
  private let server: HTTPServer

  /// Puts a hub behind an address.
  ///
  /// - Parameters:
  ///   - core: The hub; nobody else may use it from now on.
  ///   - host: The address to listen on.
  ///   - port: The port; 0 takes a free one.
  ///   - clock: The wall clock in ms since 1970-01-01 UTC.
  package init(
    _ core: sending HubCore, host: String, port: UInt16, clock: @escaping @Sendable () -> Int64
  ) {
    let box = CoreBox(core)
    server = HTTPServer(
      host: host, port: port, limits: HTTPLimits(bodyBytesMax: WireLimits.messageBytesMax),
      problem: Self.problem, deciding: { request in box.decide(request, clock) })
  }

  /// What answers a request that no handler sees: that it is too long staff can mend, the rest is the
  /// client's.
  private static let problem: @Sendable (Int, String) -> HTTPResponse = { status, reason in
    guard status == 413 else { return .problem(status: status, detail: reason) }
    let problem = Problem(.tooLarge, detail: "at most \(WireLimits.messageBytesMax) bytes")
    return HTTPResponse(
      status: status, contentType: MediaType.problem, body: problem.encode())
  }

  /// Starts to listen.
  ///
  /// - Throws: `HTTPServerError` when the address cannot be had.
  package func start() throws(HTTPServerError) { try server.start() }

  /// The port it listens on.
  package var port: UInt16 { server.port }

  /// Finishes the calls in flight and stops.
  package func stop() { server.stop() }

  /// Waits until ``stop()`` is done.
  package func waitUntilStopped() { server.waitUntilStopped() }
}

/// The core and the lock that keeps calls apart.
private final class CoreBox: Sendable {
  /// The end of the hub's log when somebody looked last, and whether it may be another by now.
  private struct Look {
    var end: Head?
    var lookedAt = ContinuousClock.now
    var isOld = true
  }

  private let core: Mutex<HubCore>
  private let look = Mutex(Look())

  init(_ core: sending HubCore) { self.core = Mutex(core) }

  /// Answers a request, or lets a sync wait for something to be said (Protocol/sync.md §4.17).
  func decide(
    _ request: HTTPRequest, _ clock: @escaping @Sendable () -> Int64
  ) -> HTTPOutcome {
    let call = HubCall(request)
    let (response, silence) = respond(to: call, now: clock())
    guard let silence, call.wait > 0 else { return .answer(response) }
    let milliseconds = UInt64(call.wait) * 1_000
    core.withLock { $0.noteWaiting(silence.asker, until: clock() + Int64(milliseconds)) }
    let hold = HTTPHold(
      owner: UInt64(silence.asker.rawValue), milliseconds: milliseconds,
      isOver: { [self] in end() != silence.end },
      answer: { [self] in respond(to: call, now: clock()).0 })
    return .hold(hold)
  }

  private func respond(
    to call: HubCall, now: Int64
  ) -> (HTTPResponse, silence: (asker: ReplicaID, end: Head)?) {
    let answer = core.withLock { $0.handle(call, now: now) }
    look.withLock { $0.isOld = true }
    var response = HTTPResponse(
      status: answer.status, contentType: answer.contentType, body: answer.body)
    response.headers += answer.headers
    return (response, answer.silence)
  }

  /// The end of the hub's log: looked up behind each call, and each second, as the administrator's commands
  /// write it too.
  private func end() -> Head? {
    look.withLock { look in
      let now = ContinuousClock.now
      if look.isOld || now - look.lookedAt >= .seconds(1) {
        look = Look(end: core.withLock { $0.end }, lookedAt: now, isOld: false)
      }
      return look.end
    }
  }
}

extension HubCall {
  /// What an HTTP request asks; a `wait` that is no number asks for none.
  package init(_ request: HTTPRequest) {
    let wait = request.queryValue("wait").flatMap { UInt32($0) } ?? 0
    self.init(
      method: request.method, path: request.pathComponents,
      contentType: request.header("content-type")?.prefix { $0 != ";" }.lowercased(),
      accept: request.header("accept"), authorization: request.header("authorization"),
      wait: min(Int(wait), WireLimits.waitSecondsMax), body: request.body)
    range = request.header("range")
    ifRange = request.header("if-range")
  }
}
