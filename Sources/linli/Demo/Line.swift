import Community
import Foundation
import Glibc
import Synchronization

/// The line between offices and hub: a relay on loopback that can be cut.
///
/// Offices know only its port, which stays when the hub is started again on another one.
final class Line: Sendable {
  /// Done when the hub begins to answer a push; the answer is lost.
  typealias Mishap = @Sendable () -> Void

  private struct State {
    var hubPort: UInt16 = 0
    var isUp = false
    var mishap: Mishap?
  }

  /// Bytes towards the hub on one connection that make it a push: a request without ops has 460, head
  /// included.
  private static let pushBytesMin = 600

  /// Where offices find the hub.
  let port: UInt16
  private let listener: Int32
  private let state = Mutex(State())

  /// Opens a port and starts to accept; the line is cut until somebody mends it.
  init() throws(CommandError) {
    // Whoever is gone at the other end is an error of the write, not the end of this process.
    signal(SIGPIPE, SIG_IGN)
    guard let (socket, port) = Loopback.listen() else { throw .noLine }
    listener = socket
    self.port = port
    Thread.detachNewThread { [self] in accept() }
  }

  /// Where the hub listens now.
  func connect(to hubPort: UInt16) { state.withLock { $0.hubPort = hubPort } }

  /// Lets connections through, or not.
  func set(isUp: Bool) { state.withLock { $0.isUp = isUp } }

  /// Lets a mishap happen at the next answer to a push; the line is cut by it.
  func set(mishap: @escaping Mishap) { state.withLock { $0.mishap = mishap } }

  /// Ends the relay.
  func close() { shutdown(listener, Int32(SHUT_RDWR)) }

  private func accept() {
    while true {
      let office = Glibc.accept(listener, nil, nil)
      guard office >= 0 else {
        if errno == EINTR || errno == ECONNABORTED { continue }
        break
      }
      let hubPort = state.withLock { $0.isUp ? $0.hubPort : 0 }
      guard hubPort > 0, let hub = Loopback.connect(to: hubPort) else {
        Glibc.close(office)
        continue
      }
      Thread.detachNewThread { [self] in
        relay(office, hub)
        Glibc.close(office)
        Glibc.close(hub)
      }
    }
    Glibc.close(listener)
  }

  /// Carries bytes both ways until either side ends, or the mishap happens.
  private func relay(_ office: Int32, _ hub: Int32) {
    var pushed = 0
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    var ends = [
      pollfd(fd: office, events: Int16(POLLIN), revents: 0),
      pollfd(fd: hub, events: Int16(POLLIN), revents: 0),
    ]
    while true {
      guard poll(&ends, 2, -1) > 0 else {
        if errno == EINTR { continue }
        return
      }
      for index in ends.indices where ends[index].revents != 0 {
        let count = read(ends[index].fd, &buffer, buffer.count)
        guard count > 0 else { return }
        if index == 0 { pushed += count }
        if index == 1, pushed >= Self.pushBytesMin, let mishap = takeMishap() { return mishap() }
        guard Loopback.writeAll(buffer[..<count], to: ends[1 - index].fd) else { return }
      }
    }
  }

  private func takeMishap() -> Mishap? {
    state.withLock { state in
      guard let mishap = state.mishap else { return nil }
      state.mishap = nil
      state.isUp = false
      return mishap
    }
  }
}

/// Sockets on 127.0.0.1.
enum Loopback {
  /// A socket that listens on a free port, and the port.
  static func listen() -> (socket: Int32, port: UInt16)? {
    guard let socket = makeSocket() else { return nil }
    var address = address(port: 0)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isListening = withSocketAddress(&address) {
      bind(socket, $0, length) == 0 && Glibc.listen(socket, 16) == 0
        && getsockname(socket, $0, &length) == 0
    }
    guard isListening else {
      close(socket)
      return nil
    }
    return (socket, UInt16(bigEndian: address.sin_port))
  }

  /// A connection to a port; nil when nobody listens there.
  static func connect(to port: UInt16) -> Int32? {
    guard let socket = makeSocket() else { return nil }
    var address = address(port: port)
    let length = socklen_t(MemoryLayout<sockaddr_in>.size)
    guard withSocketAddress(&address, { Glibc.connect(socket, $0, length) }) == 0 else {
      close(socket)
      return nil
    }
    return socket
  }

  /// Writes everything; false when the other end is gone.
  static func writeAll(_ bytes: ArraySlice<UInt8>, to socket: Int32) -> Bool {
    var rest = bytes
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(socket, $0.baseAddress, $0.count) }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }

  private static func makeSocket() -> Int32? {
    let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
    let socket = socket(AF_INET, type, 0)
    guard socket >= 0 else { return nil }
    // A relay passes small pieces on at once; accepted sockets inherit this from the listener.
    var isOn: Int32 = 1
    setsockopt(
      socket, Int32(IPPROTO_TCP), TCP_NODELAY, &isOn, socklen_t(MemoryLayout<Int32>.size))
    return socket
  }

  private static func address(port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr = in_addr(s_addr: UInt32(0x7F00_0001).bigEndian)
    return address
  }

  private static func withSocketAddress<R>(
    _ address: inout sockaddr_in, _ body: (UnsafeMutablePointer<sockaddr>) -> R
  ) -> R {
    withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1, body)
    }
  }
}

extension CommandError {
  fileprivate static let noLine = CommandError(
    exit: ExitCode.unreachable, code: "no-line",
    message: Words("无法打开本机端口", "no port on loopback can be had"),
    advice: Words("检查本机网络", "check this machine's network"))
}
