import Glibc

/// A call that the system refused.
struct SocketFailure: Error {
  let call: String
  let code = errno
}

/// A socket bound to a port of 127.0.0.1 that the system chose; it refuses connections until it
/// listens.
final class LoopbackSocket: Sendable {
  private let descriptor: Int32
  let port: UInt16

  init() throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw SocketFailure(call: "socket") }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = descriptor
    let code = withUnsafeMutableBytes(of: &address) { bytes in
      bytes.withMemoryRebound(to: sockaddr.self) { addresses in
        bind(descriptor, addresses.baseAddress, size) == 0
          ? getsockname(descriptor, addresses.baseAddress, &size) : -1
      }
    }
    port = UInt16(bigEndian: address.sin_port)
    guard code == 0 else { throw SocketFailure(call: "bind") }
  }

  deinit { _ = close(descriptor) }

  func startListening() throws {
    guard listen(descriptor, 64) == 0 else { throw SocketFailure(call: "listen") }
  }

  /// Returns the next connection; nil after ``stopListening()``.
  func nextConnection() -> Connection? {
    let connection = accept(descriptor, nil, nil)
    return connection >= 0 ? Connection(descriptor: connection) : nil
  }

  /// Wakes the thread that waits for a connection.
  func stopListening() { _ = shutdown(descriptor, Int32(SHUT_RDWR)) }
}

/// The hub's end of a connection.
final class Connection: Sendable {
  private let descriptor: Int32

  fileprivate init(descriptor: Int32) { self.descriptor = descriptor }

  deinit { _ = close(descriptor) }

  /// Returns a whole request, head and body; nil at the end of the connection.
  func nextRequest() -> String? {
    var bytes: [UInt8] = []
    while true {
      let text = String(decoding: bytes, as: UTF8.self)
      if let head = text.firstRange(of: "\r\n\r\n") {
        let length = text.firstMatch(of: /content-length: ([0-9]+)/.ignoresCase())
        let bodyBytes = length.flatMap { Int($0.output.1) } ?? 0
        if text.utf8.distance(from: head.upperBound, to: text.endIndex) >= bodyBytes { return text }
      }
      guard let chunk = nextChunk() else { return nil }
      bytes += chunk
    }
  }

  private func nextChunk() -> [UInt8]? {
    let chunk = [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, count in
      count = max(0, recv(descriptor, buffer.baseAddress, buffer.count, 0))
    }
    return chunk.isEmpty ? nil : chunk
  }

  /// Sends everything, or as much as the client takes.
  func send(_ text: String) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let sent = rest.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard sent > 0 else { return }
      rest = rest.dropFirst(sent)
    }
  }

  /// Tells the client that nothing more comes.
  func end() { _ = shutdown(descriptor, Int32(SHUT_RDWR)) }
}
