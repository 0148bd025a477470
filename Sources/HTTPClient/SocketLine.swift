import Dispatch
import Peer
import Synchronization

/// A line over TCP without TLS, on threads that block in the system until something arrives.
final class SocketLine: Sendable {
  private let address: HubAddress
  private let idleTimeoutSeconds: Int
  private let answerBytesMax: Int
  /// Connections that wait for a next request, the one used last at the end.
  private let idle = Mutex<[ClientSocket]>([])
  private let threads = DispatchQueue(label: "linli.line", attributes: .concurrent)

  init(to address: HubAddress, idleTimeoutSeconds: Int, answerBytesMax: Int) {
    self.address = address
    self.idleTimeoutSeconds = idleTimeoutSeconds
    self.answerBytesMax = answerBytesMax
  }

  private func exchange(
    _ request: PeerRequest, _ shared: SharedMeter
  ) throws(TransportError) -> PeerResponse {
    let bytes = bytes(of: request)
    while let socket = idle.withLock({ $0.popLast() }) {
      guard socket.isStillOpen else { continue }
      do throws(TransportError) {
        return try ask(bytes, on: socket, shared)
      } catch {
        // The hub had closed it, but word of that was still under way.
        guard !socket.hasReceived, error != .timedOut else { throw error }
        break
      }
    }
    let socket = try ClientSocket(to: address, idleTimeoutSeconds: idleTimeoutSeconds)
    return try ask(bytes, on: socket, shared)
  }

  private func ask(
    _ request: [UInt8], on socket: ClientSocket, _ shared: SharedMeter
  ) throws(TransportError) -> PeerResponse {
    shared.meter.sent(try socket.send(request))
    var reader = AnswerReader(bodyBytesMax: answerBytesMax) { () throws(TransportError) in
      let bytes = try socket.receive()
      shared.meter.received(bytes.count)
      return bytes
    }
    defer { shared.beginning = reader.beginning }
    let answer = try reader.answer()
    if reader.mayGoOn { idle.withLock { $0.append(socket) } }
    return answer
  }

  /// The request as it is sent (RFC 9112 §3).
  private func bytes(of request: PeerRequest) -> [UInt8] {
    var head = "\(request.method) \(address.target(path: request.path)) HTTP/1.1\r\n"
    head += "Host: \(address.authority)\r\n"
    for field in request.fields { head += "\(field.name): \(field.value)\r\n" }
    if request.method != "GET" { head += "Content-Length: \(request.body.count)\r\n" }
    return Array((head + "\r\n").utf8) + request.body
  }
}

extension SocketLine: Transport {
  func send(_ request: PeerRequest) async throws(TransportError) -> PeerResponse {
    try await carry(request).result.get()
  }

  func carry(_ request: PeerRequest) async -> LineOutcome {
    await withCheckedContinuation { waiter in
      threads.async {
        let shared = SharedMeter()
        let result = Result { () throws(TransportError) in try self.exchange(request, shared) }
        var outcome = LineOutcome(result, traffic: shared.meter.traffic)
        outcome.beginning = shared.beginning
        waiter.resume(returning: outcome)
      }
    }
  }
}
