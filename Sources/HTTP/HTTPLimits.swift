/// What one client, and all clients together, may cost a server.
///
/// ``heldBytesMax`` bounds the memory whatever the other limits multiply to: 512 bodies of 2 MiB
/// would be a GiB.
package struct HTTPLimits: Sendable {
  /// Bytes of a request line with its header fields, and again of trailer fields.
  package var headBytesMax = 16 << 10
  /// Header fields of a request, and again trailer fields.
  package var headersMax = 64
  /// Bytes of a request target, as sent.
  package var targetBytesMax = 4 << 10
  /// Bytes of a request body, after the chunks were joined.
  package var bodyBytesMax: Int

  /// Connections open at once; a further one takes the place of the longest idle one, or waits in the
  /// kernel's queue while all are busy.
  package var connectionsMax = 512
  /// Requests that may wait for something to be said, half of the connections; a further one is answered
  /// at once.
  package var heldRequestsMax = 256
  /// Bytes of requests and unsent responses in memory, over all connections; what would go beyond
  /// is answered 503, so the largest response must be smaller.
  package var heldBytesMax = 64 << 20

  /// Milliseconds a connection may wait for the first byte of its next request.
  package var idleMilliseconds: UInt64 = 30_000
  /// Milliseconds from the first byte of a request to the end of its head.
  package var headMilliseconds: UInt64 = 10_000
  /// Milliseconds for a body or a response, on top of its size over ``transferBytesPerSecond``.
  package var transferMilliseconds: UInt64 = 60_000
  /// Bytes a second that a client on a slow line must at least move: 4 KiB is 32 kbit/s.
  package var transferBytesPerSecond: UInt64 = 4 << 10
  /// Milliseconds a client has to close its side after the last response.
  package var lingerMilliseconds: UInt64 = 2_000
  /// Milliseconds that `stop()` waits for answers to be made and taken, then it cuts them off.
  package var stopMilliseconds: UInt64 = 10_000

  /// Makes the default limits for bodies of at most so many bytes.
  package init(bodyBytesMax: Int = 2 << 20) { self.bodyBytesMax = bodyBytesMax }

  /// Returns how long moving `bytes` may take at most, in milliseconds.
  func transferMilliseconds(for bytes: Int) -> UInt64 {
    transferMilliseconds + UInt64(bytes) * 1_000 / max(1, transferBytesPerSecond)
  }
}
