import Glibc
import Peer
import Synchronization

/// A TCP connection to a hub, for one thread at a time.
final class ClientSocket: Sendable {
  private let descriptor: Int32
  private let received = Atomic(false)

  /// Connects; tries each address that the host's name stands for.
  ///
  /// - Throws: ``TransportError/unreachable(_:)`` or ``TransportError/timedOut``.
  init(to hub: HubAddress, idleTimeoutSeconds: Int) throws(TransportError) {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var found: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(hub.host, String(hub.port), &hints, &found)
    guard code == 0 else {
      throw .unreachable("\(hub.host): \(String(cString: gai_strerror(code)))")
    }
    defer { freeaddrinfo(found) }
    var failure = TransportError.unreachable("\(hub.host) has no address")
    var next = found
    while let info = next?.pointee {
      do throws(TransportError) {
        descriptor = try Self.connected(to: info, idleTimeoutSeconds: idleTimeoutSeconds)
        return
      } catch { failure = error }
      next = info.ai_next
    }
    throw failure
  }

  deinit { _ = close(descriptor) }

  /// Whether a byte has come since the last request was sent.
  var hasReceived: Bool { received.load(ordering: .relaxed) }

  /// Whether the hub has neither closed the connection nor said what nobody asked for.
  var isStillOpen: Bool {
    var byte: UInt8 = 0
    return recv(descriptor, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)) < 0 && errno == EAGAIN
  }

  /// Sends everything, or as much as a hub takes that answers before it has read all.
  ///
  /// - Returns: How many bytes that was.
  /// - Throws: ``TransportError/timedOut``.
  func send(_ bytes: [UInt8]) throws(TransportError) -> Int {
    received.store(false, ordering: .relaxed)
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes { bytes in
        Glibc.send(
          descriptor, bytes.baseAddress?.advanced(by: sent), bytes.count - sent,
          Int32(MSG_NOSIGNAL))
      }
      if count >= 0 {
        sent += count
      } else if errno == EAGAIN {
        throw .timedOut
      } else if errno != EINTR {
        return sent  // closed by the hub: what it said before stands in the way back
      }
    }
    return sent
  }

  /// Waits for the next bytes; empty at the end of the connection.
  ///
  /// - Throws: ``TransportError/timedOut`` or ``TransportError/broken(_:)``.
  func receive() throws(TransportError) -> [UInt8] {
    var code: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: 64 << 10) { buffer, filled in
      var count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
      while count < 0, errno == EINTR {
        count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
      }
      code = count < 0 ? errno : 0
      filled = max(0, count)
    }
    guard code == 0 else {
      throw code == EAGAIN ? .timedOut : .broken(String(cString: strerror(code)))
    }
    if !bytes.isEmpty { received.store(true, ordering: .relaxed) }
    return bytes
  }

  private static func connected(
    to info: addrinfo, idleTimeoutSeconds: Int
  ) throws(TransportError) -> Int32 {
    let descriptor = socket(
      info.ai_family, info.ai_socktype | Int32(SOCK_CLOEXEC.rawValue), info.ai_protocol)
    guard descriptor >= 0 else { throw .unreachable(String(cString: strerror(errno))) }
    // Both also bound the call that they are named for and connect itself (socket(7)).
    var limit = timeval(tv_sec: idleTimeoutSeconds, tv_usec: 0)
    var on: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    setsockopt(
      descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    guard connect(descriptor, info.ai_addr, info.ai_addrlen) == 0 else {
      let code = errno
      close(descriptor)
      let isTimeout = [EINPROGRESS, ETIMEDOUT].contains(code)
      throw isTimeout ? .timedOut : .unreachable(String(cString: strerror(code)))
    }
    return descriptor
  }
}
