import Foundation
import FoundationNetworking
import Peer

/// The line to one hub, over HTTP or HTTPS.
///
/// A copy is the same line, and any number of requests may be under way; all lines of a process
/// share six connections per host. Redirects are answers like any other, never followed: a bearer
/// token stays with the host that it was made for.
///
/// Cancelling the task that waits for an answer changes nothing: the answer is still waited for.
public struct URLSessionTransport: Sendable {
  private let address: HubAddress
  private let idleTimeoutSeconds: Int
  private let answerBytesMax: Int

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
    precondition((1...3_600).contains(idleTimeoutSeconds), "caller bug: no such timeout")
    precondition(answerBytesMax >= 0, "caller bug: no such limit")
    address = try HubAddress(hub)
    self.idleTimeoutSeconds = idleTimeoutSeconds
    self.answerBytesMax = answerBytesMax
  }

  private func urlRequest(for request: PeerRequest) -> URLRequest {
    precondition(request.method != "GET" || request.body.isEmpty, "caller bug: GET has no body")
    var result = URLRequest(url: address.url(path: request.path))
    result.httpMethod = request.method
    // URLSession counts whole seconds only: half a second would time out at once.
    result.timeoutInterval = TimeInterval(idleTimeoutSeconds)
    result.setValue("linli/1", forHTTPHeaderField: "User-Agent")
    result.setValue("application/json", forHTTPHeaderField: "Accept")
    result.setValue(request.contentType, forHTTPHeaderField: "Content-Type")
    result.setValue(request.token.map { "Bearer \($0)" }, forHTTPHeaderField: "Authorization")
    if !request.body.isEmpty { result.httpBody = Data(request.body) }
    return result
  }
}

extension URLSessionTransport: Transport {
  /// Sends one request and waits for the whole answer.
  ///
  /// A connection that the hub had closed meanwhile is replaced, and the request sent again.
  ///
  /// - Throws: ``TransportError`` when there is no whole answer, or a larger one than this line takes.
  public func send(_ request: PeerRequest) async throws(TransportError) -> PeerResponse {
    let urlRequest = urlRequest(for: request)
    let outcome = await withCheckedContinuation { waiter in
      HubSession.start(urlRequest, as: Exchange(answerBytesMax: answerBytesMax, waiter: waiter))
    }
    return try outcome.get()
  }
}
