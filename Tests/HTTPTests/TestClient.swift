import Glibc
import HTTP
import Testing

/// What stops a test client; no test expects one of these.
enum TestClientError: Error {
  case system(String, errno: Int32)
  case connectionClosed
  case malformed(String)
}

/// One blocking connection to a server on this machine.
final class TestClient {
  struct Reply {
    let status: Int
    let head: String
    let body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }
  }

  let socket: Int32
  private var received: [UInt8] = []

  /// Opens a socket, and connects it to a port if one is given.
  ///
  /// A read that gets nothing for 20 s is an error.
  init(connectingTo port: UInt16? = nil) throws {
    socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard socket >= 0 else { throw TestClientError.system("socket", errno: errno) }
    var time = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
    if let port { try connect(to: port) }
  }

  deinit { close(socket) }

  func connect(to port: UInt16) throws {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let result = withUnsafeBytes(of: &address) { bytes in
      Glibc.connect(
        socket, bytes.assumingMemoryBound(to: sockaddr.self).baseAddress, socklen_t(bytes.count))
    }
    guard result == 0 else { throw TestClientError.system("connect", errno: errno) }
  }

  /// Sends text in which each "\n" becomes CR LF.
  func send(_ text: String) throws { try send(ParserCase(text).bytes) }

  func send(_ bytes: [UInt8]) throws {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { throw TestClientError.system("send", errno: errno) }
      sent += count
    }
  }

  func endOutput() { shutdown(socket, Int32(SHUT_WR)) }

  /// Reads up to `max` bytes more; false at the end, or when the server has reset the connection.
  func receive(max: Int = 64 << 10) throws -> Bool {
    var chunk = [UInt8](repeating: 0, count: max)
    let count = recv(socket, &chunk, max, 0)
    guard count >= 0 else {
      if errno == ECONNRESET { return false }
      throw TestClientError.system("recv", errno: errno)
    }
    received += chunk[..<count]
    return count > 0
  }

  /// Returns all that is left up to the end of the connection.
  func readToEnd() throws -> [UInt8] {
    while try receive() {}
    defer { received = [] }
    return received
  }

  /// Reads one response.
  func reply(toHead: Bool = false) throws -> Reply {
    let end = Array("\r\n\r\n".utf8)
    var headEnd: Int?
    while headEnd == nil {
      headEnd = received.indices.first { received[$0...].starts(with: end) }
      guard headEnd == nil else { break }
      guard try receive() else { throw TestClientError.connectionClosed }
    }
    let head = String(decoding: received[..<(headEnd ?? 0)], as: UTF8.self)
    received.removeFirst((headEnd ?? 0) + end.count)
    guard let status = Int(head.dropFirst("HTTP/1.1 ".count).prefix(3)) else {
      throw TestClientError.malformed(head)
    }
    let length = head.split(separator: "\r\n").first { $0.hasPrefix("Content-Length: ") }
      .flatMap { Int($0.dropFirst("Content-Length: ".count)) }
    let bodyBytes = toHead ? 0 : length ?? 0
    while received.count < bodyBytes {
      guard try receive() else { throw TestClientError.connectionClosed }
    }
    let body = Array(received.prefix(bodyBytes))
    received.removeFirst(bodyBytes)
    return Reply(status: status, head: head, body: body)
  }

  /// Waits until one of the clients has something to read, and returns its place.
  static func firstReadable(of clients: [TestClient]) -> Int? {
    var polls = clients.map { pollfd(fd: $0.socket, events: Int16(POLLIN), revents: 0) }
    guard poll(&polls, nfds_t(polls.count), 20_000) > 0 else { return nil }
    return polls.firstIndex { $0.revents != 0 }
  }
}

/// Runs `body` against a server on a free port, and stops the server.
func withServer<R>(
  limits: HTTPLimits = HTTPLimits(),
  handler: @escaping @Sendable (HTTPRequest) -> HTTPResponse = echo,
  _ body: (HTTPServer) throws -> R
) throws -> R {
  let server = HTTPServer(host: "127.0.0.1", port: 0, limits: limits, handler: handler)
  try server.start()
  defer { server.stop() }
  return try body(server)
}

/// Answers with the request, in the form of `summary(of:)`.
@Sendable func echo(_ request: HTTPRequest) -> HTTPResponse {
  HTTPResponse(status: 200, contentType: "text/plain", body: Array(summary(of: request).utf8))
}

extension ExitTest.Condition {
  /// The end of a process by a failed precondition, and not by an error that a test throws.
  static var trap: Self { .signal(SIGILL) }
}
