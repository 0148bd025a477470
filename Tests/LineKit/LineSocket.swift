import Foundation

/// A socket of a simulated line; closes with the last reference.
final class LineSocket: Sendable {
  enum Arrival: Sendable {
    case bytes([UInt8])
    case nothing
    case end
    case broken
  }

  let number: Int32

  private init(_ number: Int32) { self.number = number }

  deinit { close(number) }

  private static func make() throws -> LineSocket {
    let number = socket(
      AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard number >= 0 else { throw LineError(operation: "socket", code: errno) }
    return LineSocket(number)
  }

  private static func address(_ port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return address
  }

  /// A socket that listens on a free port.
  static func listening() throws -> (socket: LineSocket, port: UInt16) {
    let new = try make()
    var address = address(0)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let code = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        bind(new.number, pointer, length) == 0 && listen(new.number, 64) == 0
          && getsockname(new.number, pointer, &length) == 0 ? 0 : errno
      }
    }
    guard code == 0 else { throw LineError(operation: "listen", code: code) }
    new.makeNonblocking()
    return (new, UInt16(bigEndian: address.sin_port))
  }

  /// A connection to a port; nil when nobody listens there.
  static func connected(to port: UInt16) -> LineSocket? {
    guard let new = try? make() else { return nil }
    var address = address(port)
    let isConnected = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(new.number, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
    guard isConnected else { return nil }
    new.makeNonblocking()
    return new
  }

  /// The next client; nil when none waits.
  func accepted() -> LineSocket? {
    let number = accept(self.number, nil, nil)
    guard number >= 0 else { return nil }
    let new = LineSocket(number)
    new.makeNonblocking()
    return new
  }

  /// What has arrived, up to some bytes.
  func receive(atMost count: Int) -> Arrival {
    var buffer = [UInt8](repeating: 0, count: count)
    let got = recv(number, &buffer, count, 0)
    if got > 0 { return .bytes(Array(buffer[..<got])) }
    if got == 0 { return .end }
    return errno == EAGAIN || errno == EINTR ? .nothing : .broken
  }

  /// Sends as much as the system takes; nil when the other side is gone.
  func send(_ bytes: ArraySlice<UInt8>) -> Int? {
    let sent = bytes.withUnsafeBytes {
      Glibc.send(number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
    }
    if sent >= 0 { return sent }
    return errno == EAGAIN || errno == EINTR ? 0 : nil
  }

  /// Says that no byte follows.
  func endOutput() { shutdown(number, Int32(SHUT_WR)) }

  /// Makes closing a reset, as a line that is cut looks to both sides.
  func abandon() {
    var option = linger(l_onoff: 1, l_linger: 0)
    setsockopt(number, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
  }

  private func makeNonblocking() {
    _ = fcntl(number, F_SETFL, fcntl(number, F_GETFL) | O_NONBLOCK)
    var on: Int32 = 1
    setsockopt(number, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
  }
}
