/// One HTTP request to the hub, as plain values.
public struct PeerRequest: Sendable, Equatable {
  /// `GET`, `POST`, or `PUT`.
  public var method: String
  /// The path from the root, such as `/v1/sync`.
  public var path: String
  /// The media type of the body; nil without one.
  public var contentType: String?
  /// The media types that the asker reads, best first; nil for JSON alone.
  public var accept: String?
  /// The bearer token; nil before enrolment.
  public var token: String?
  /// The bytes of the answer's body that are wanted; nil for all.
  public var range: ClosedRange<Int>?
  /// The body; empty for GET.
  public var body: [UInt8]

  /// Makes a request.
  public init(
    method: String, path: String, contentType: String? = nil, accept: String? = nil,
    token: String? = nil, body: [UInt8] = []
  ) {
    self.method = method
    self.path = path
    self.contentType = contentType
    self.accept = accept
    self.token = token
    self.body = body
  }
}

/// The hub's answer.
public struct PeerResponse: Sendable, Equatable {
  /// The HTTP status.
  public var status: Int
  /// The media type, without parameters.
  public var contentType: String
  /// Seconds from `Retry-After`, when the hub said so.
  public var retryAfter: Int?
  /// `Content-Range`: which bytes of what these are; nil for all.
  public var contentRange: String?
  /// The body.
  public var body: [UInt8]

  /// Makes a response.
  public init(status: Int, contentType: String, retryAfter: Int? = nil, body: [UInt8]) {
    self.status = status
    self.contentType = contentType
    self.retryAfter = retryAfter
    self.body = body
  }
}

/// Why no answer came.
///
/// Every request may be sent again: the hub takes each op once.
public enum TransportError: Error, Equatable, Sendable {
  /// Nobody answered: no line, wrong address, refused.
  case unreachable(String)
  /// The line went silent.
  case timedOut
  /// The answer was cut off or was not HTTP.
  case broken(String)
}

/// What one request cost on the line, also where no whole answer came.
public struct LineTraffic: Sendable, Equatable {
  /// Bytes that were sent, with the heads as far as the transport knows them.
  public var sent: Int
  /// Bytes that came, with the heads as far as the transport knows them.
  public var received: Int
  /// Milliseconds before the first byte of the answer; nil where the transport keeps no time.
  public var waited: Int64?
  /// Milliseconds from then to the last byte that came; nil where the transport keeps no time.
  public var moved: Int64?

  /// Makes a sum; without times nobody knows how fast the line is.
  public init(sent: Int, received: Int, waited: Int64? = nil, moved: Int64? = nil) {
    self.sent = sent
    self.received = received
    self.waited = waited
    self.moved = moved
  }
}

/// What became of one request, and what it cost.
public struct LineOutcome: Sendable {
  /// The answer, or why there is none.
  public var result: Result<PeerResponse, TransportError>
  /// What went over the line.
  public var traffic: LineTraffic
  /// What had come of an answer that was cut off: its head and the first bytes of its body; nil where no
  /// body began, or the transport does not keep it.
  public var beginning: PeerResponse?

  /// Makes an outcome.
  public init(_ result: Result<PeerResponse, TransportError>, traffic: LineTraffic) {
    self.result = result
    self.traffic = traffic
  }
}

/// Carries requests to the hub; `HTTPClient` does it over HTTP, tests and worlds by a call.
public protocol Transport: Sendable {
  /// Sends one request and waits for the whole answer.
  ///
  /// - Throws: ``TransportError`` when there is no whole answer.
  func send(_ request: PeerRequest) async throws(TransportError) -> PeerResponse

  /// Does the same, and says what went over the line, also when it failed.
  func carry(_ request: PeerRequest) async -> LineOutcome
}

extension Transport {
  /// Counts the bodies of what was answered: such a transport knows nothing else.
  public func carry(_ request: PeerRequest) async -> LineOutcome {
    do throws(TransportError) {
      let response = try await send(request)
      return LineOutcome(
        .success(response),
        traffic: LineTraffic(sent: request.body.count, received: response.body.count))
    } catch { return LineOutcome(.failure(error), traffic: LineTraffic(sent: 0, received: 0)) }
  }
}
