import CLinux
import Glibc

/// A listening TCP socket.
struct Listener: ~Copyable, Sendable {
  private static let backlog: Int32 = 1_024

  let socket: Descriptor
  /// The port that the kernel gave, if 0 was asked for.
  let port: UInt16

  /// Listens on an address in digits; no name is looked up, so this never waits for a network.
  ///
  /// - Throws: any ``HTTPServerError``.
  init(host: String, port: UInt16) throws(HTTPServerError) {
    var hints = addrinfo()
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var found: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(host, String(port), &hints, &found) == 0, let found
    else { throw .badHost(host) }
    defer { freeaddrinfo(found) }
    let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    let socket = try Descriptor(Glibc.socket(found.pointee.ai_family, type, 0), from: "socket")
    setFlag(SO_REUSEADDR, of: SOL_SOCKET, on: socket)
    guard bind(socket.number, found.pointee.ai_addr, found.pointee.ai_addrlen) == 0,
      listen(socket.number, Self.backlog) == 0
    else {
      throw errno == EADDRINUSE
        ? .addressInUse(host: host, port: port) : .system(operation: "bind", code: errno)
    }
    self.port = try Self.port(of: socket)
    self.socket = socket
  }

  /// Returns the next connection that waits.
  ///
  /// - Throws: ``HTTPServerError/system(operation:code:)``, with `EAGAIN` if none waits.
  func accept() throws(HTTPServerError) -> Descriptor {
    let connection = try Descriptor(linli_accept(socket.number), from: "accept")
    setFlag(TCP_NODELAY, of: Int32(IPPROTO_TCP), on: connection)
    return connection
  }

  /// Changes what an already watching poller watches the socket for.
  func watch(_ events: EPOLL_EVENTS, by poller: borrowing Poller, token: UInt64) {
    poller.change(socket, events: events, token: token)
  }

  private static func port(of socket: borrowing Descriptor) throws(HTTPServerError) -> UInt16 {
    var address = sockaddr_in6()  // the port of sockaddr_in is at the same place
    var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
    let result = withUnsafeMutableBytes(of: &address) { bytes in
      getsockname(socket.number, bytes.assumingMemoryBound(to: sockaddr.self).baseAddress, &length)
    }
    guard result == 0 else { throw .system(operation: "getsockname", code: errno) }
    return UInt16(bigEndian: address.sin6_port)
  }
}

/// Sets a socket option that cannot fail on an open TCP socket.
private func setFlag(_ option: Int32, of level: Int32, on socket: borrowing Descriptor) {
  var on: Int32 = 1
  let result = setsockopt(socket.number, level, option, &on, socklen_t(MemoryLayout<Int32>.size))
  precondition(result == 0, "bug: setsockopt \(option)")
}
