import Foundation
import FoundationNetworking
import Peer

/// A line over Foundation's URLSession, which brings TLS; all of a process share six connections
/// per host.
///
/// In Swift 6.3 it keeps a processor busy from the moment a new connection is made until the first
/// answer on it: it goes on asking whether the socket can be written to, which it can. So only an
/// address that needs TLS is reached this way.
struct SessionLine: Sendable {
  let address: HubAddress
  let idleTimeoutSeconds: Int
  let answerBytesMax: Int

  private func urlRequest(for request: PeerRequest) -> URLRequest {
    var result = URLRequest(url: address.url(path: request.path))
    result.httpMethod = request.method
    // URLSession counts whole seconds only: half a second would time out at once.
    result.timeoutInterval = TimeInterval(idleTimeoutSeconds)
    for field in request.fields { result.setValue(field.value, forHTTPHeaderField: field.name) }
    if !request.body.isEmpty { result.httpBody = Data(request.body) }
    return result
  }
}

extension SessionLine: Transport {
  func send(_ request: PeerRequest) async throws(TransportError) -> PeerResponse {
    try await carry(request).result.get()
  }

  func carry(_ request: PeerRequest) async -> LineOutcome {
    let urlRequest = urlRequest(for: request)
    // Foundation adds its own fields, and keeps them to itself.
    let head = request.fields.reduce(address.target(path: request.path).utf8.count + 64) {
      $0 + $1.name.utf8.count + $1.value.utf8.count + 4
    }
    return await withCheckedContinuation { waiter in
      HubSession.start(
        urlRequest,
        as: Exchange(
          answerBytesMax: answerBytesMax, sentBytes: head + request.body.count, waiter: waiter))
    }
  }
}
