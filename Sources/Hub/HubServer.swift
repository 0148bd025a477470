import HTTP
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
      problem: Self.problem,
      handler: { request in box.respond(to: request, now: clock()) })
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
  private let core: Mutex<HubCore>

  init(_ core: sending HubCore) { self.core = Mutex(core) }

  func respond(to request: HTTPRequest, now: Int64) -> HTTPResponse {
    let type = request.header("content-type")?.prefix { $0 != ";" }.lowercased()
    let call = HubCall(
      method: request.method, path: request.pathComponents, contentType: type,
      accept: request.header("accept"), authorization: request.header("authorization"),
      body: request.body)
    let answer = core.withLock { $0.handle(call, now: now) }
    var response = HTTPResponse(
      status: answer.status, contentType: answer.contentType, body: answer.body)
    response.headers += answer.headers
    return response
  }
}
