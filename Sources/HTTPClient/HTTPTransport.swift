import Peer

/// The line to one hub, over HTTP or HTTPS.
///
/// A copy is the same line, and any number of requests may be under way. Redirects are answers like
/// any other, never followed: a bearer token stays with the host that it was made for.
///
/// Cancelling the task that waits for an answer changes nothing: the answer is still waited for.
public struct HTTPTransport: Sendable {
  /// What carries the requests.
  enum Way: CaseIterable {
    /// Sockets of our own: for `http`.
    case sockets
    /// Foundation: for `https`, as only it speaks TLS.
    case session
  }

  private let line: any Transport

  /// Makes a line to a hub; sends nothing yet.
  ///
  /// - Parameters:
  ///   - hub: The hub's URL, such as `https://hub.example`; a path in it goes before every request's.
  ///   - idleTimeoutSeconds: How long the line may stay silent within a request, 1...3600.
  ///   - answerBytesMax: The largest body that is taken as an answer, after decompression.
  /// - Throws: ``HubAddressError`` if `hub` is not an `http` or `https` URL of this form.
  public init(
    hub: String, idleTimeoutSeconds: Int = 30, answerBytesMax: Int = 8 << 20
  ) throws(HubAddressError) {
    try self.init(
      hub: hub, idleTimeoutSeconds: idleTimeoutSeconds, answerBytesMax: answerBytesMax, by: nil)
  }

  /// The same, on the way that is named; nil for the one that the address asks for.
  init(
    hub: String, idleTimeoutSeconds: Int = 30, answerBytesMax: Int = 8 << 20, by way: Way?
  ) throws(HubAddressError) {
    precondition((1...3_600).contains(idleTimeoutSeconds), "caller bug: no such timeout")
    precondition(answerBytesMax >= 0, "caller bug: no such limit")
    let address = try HubAddress(hub)
    switch way ?? (address.isSecure ? .session : .sockets) {
    case .sockets:
      line = SocketLine(
        to: address, idleTimeoutSeconds: idleTimeoutSeconds, answerBytesMax: answerBytesMax)
    case .session:
      line = SessionLine(
        address: address, idleTimeoutSeconds: idleTimeoutSeconds, answerBytesMax: answerBytesMax)
    }
  }
}

extension HTTPTransport: Transport {
  /// Sends one request and waits for the whole answer.
  ///
  /// A connection that the hub had closed meanwhile is replaced, and the request sent again.
  ///
  /// - Throws: ``TransportError`` when there is no whole answer, or a larger one than this line takes.
  public func send(_ request: PeerRequest) async throws(TransportError) -> PeerResponse {
    precondition(request.method != "GET" || request.body.isEmpty, "caller bug: GET has no body")
    return try await line.send(request)
  }

  /// Does the same, and says what went over the line.
  ///
  /// Heads are counted too. Over `https`, Foundation keeps its own fields, the bytes of TLS, and what a
  /// proxy compressed to itself: they are not.
  public func carry(_ request: PeerRequest) async -> LineOutcome {
    precondition(request.method != "GET" || request.body.isEmpty, "caller bug: GET has no body")
    return await line.carry(request)
  }
}
