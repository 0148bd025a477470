import Glibc

/// A TCP connection to the hub under test that gives and takes exactly as many bytes as it is told to.
///
/// One connection carries one request, so that a cut concerns nothing else.
final class CutLine {
  /// Bytes of an answer that are taken at most; the largest that the protocol knows is 2 MiB.
  private static let answerBytesMax = 8 << 20

  private let descriptor: Int32
  /// When an answer that is not here yet no longer counts, in seconds of the monotonic clock.
  private let end: Int

  /// Connects; nil when nobody listens there.
  ///
  /// `seconds` bounds the connecting and each wait for bytes to come or go, and twice as long all of
  /// them together: a hub that gives a byte now and then is not waited for.
  init?(to place: HubLocation, seconds: Int) {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var found: UnsafeMutablePointer<addrinfo>?
    end = Self.now() + 2 * seconds
    guard getaddrinfo(place.host, String(place.port), &hints, &found) == 0 else { return nil }
    defer { freeaddrinfo(found) }
    var next = found
    while let info = next?.pointee {
      if let connected = Self.connected(to: info, seconds: seconds) {
        descriptor = connected
        return
      }
      next = info.ai_next
    }
    return nil
  }

  deinit { _ = close(descriptor) }

  /// The monotonic clock, in seconds.
  static func now() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec
  }

  private static func connected(to info: addrinfo, seconds: Int) -> Int32? {
    let descriptor = socket(
      info.ai_family, info.ai_socktype | Int32(SOCK_CLOEXEC.rawValue), info.ai_protocol)
    guard descriptor >= 0 else { return nil }
    var limit = timeval(tv_sec: seconds, tv_usec: 0)
    var on: Int32 = 1
    let size = socklen_t(MemoryLayout<timeval>.size)
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
    setsockopt(
      descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    guard connect(descriptor, info.ai_addr, info.ai_addrlen) == 0 else {
      close(descriptor)
      return nil
    }
    return descriptor
  }

  /// Sends bytes, or as many as the hub takes.
  func send(_ bytes: some Collection<UInt8>) {
    let bytes = Array(bytes)
    var sent = 0
    while sent < bytes.count, Self.now() <= end {
      let count = bytes.withUnsafeBytes { bytes in
        Glibc.send(
          descriptor, bytes.baseAddress?.advanced(by: sent), bytes.count - sent,
          Int32(MSG_NOSIGNAL))
      }
      if count > 0 {
        sent += count
      } else if errno != EINTR {
        return  // The hub has closed: what it said before stands in the way back.
      }
    }
  }

  /// Says that no more bytes will come, and goes on listening.
  func endSending() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// Takes bytes until the hub closes, the time is over, or so many are there.
  func receive(atMost limit: Int = answerBytesMax) -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < limit, Self.now() <= end {
      let part = [UInt8](unsafeUninitializedCapacity: min(64 << 10, limit - bytes.count)) {
        buffer, filled in
        var count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
        while count < 0, errno == EINTR {
          count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
        }
        filled = max(0, count)
      }
      if part.isEmpty { break }
      bytes += part
    }
    return bytes
  }
}
