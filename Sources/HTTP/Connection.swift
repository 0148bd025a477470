import CLinux
import Glibc

/// One client: its socket, its half-read request, its half-written response.
final class Connection {
  enum State {
    /// Reading a request, or waiting for one.
    case receiving
    /// The handler has the request; no byte is read, so a pipelining client is held back.
    case handling
    /// Writing a response.
    case sending
    /// All is said: what the client still sends is dropped until it closes its side. Closing at
    /// once would make the kernel send a reset, which can overtake the response.
    case lingering

    var interest: EPOLL_EVENTS {
      switch self {
      case .receiving, .lingering: EPOLLIN
      case .sending: EPOLLOUT
      case .handling: EPOLL_EVENTS(0)
      }
    }
  }

  enum Transfer { case finished, blocked, broken }

  let socket: Descriptor
  let token: UInt64
  var state = State.receiving
  /// What the poller watches for; follows `state`.
  var interest = EPOLLIN
  var parser: HTTPRequestParser
  /// When `state`, or the stage of a request being received, began; monotonic milliseconds.
  var since: UInt64
  var stage = HTTPRequestParser.Stage.idle
  /// When the client is given up; monotonic milliseconds.
  var deadline: UInt64
  var closesAfterResponse = false
  /// Bytes of the request that the handler has.
  var handledBytes = 0
  /// What this connection adds to the server's sum of held bytes.
  var accountedBytes = 0
  private var output: [UInt8] = []
  private(set) var sentBytes = 0

  init(_ socket: consuming Descriptor, token: UInt64, limits: HTTPLimits, now: UInt64) {
    self.socket = socket
    self.token = token
    parser = HTTPRequestParser(limits: limits)
    since = now
    deadline = now + limits.idleMilliseconds
  }

  /// Whether the client has nothing under way: no answer, and no byte of a request, read or unread.
  var isIdle: Bool {
    guard state == .receiving, stage == .idle else { return false }
    var byte: UInt8 = 0
    return recv(socket.number, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)) < 0
  }

  var heldBytes: Int { parser.heldBytes + handledBytes + output.count }

  /// Makes `bytes` what is to be sent next; the last response must have been sent.
  func queue(_ bytes: [UInt8], at now: UInt64) {
    output = bytes
    sentBytes = 0
    since = now
  }

  /// Sends as much as the kernel takes, without waiting.
  func send() -> Transfer {
    while sentBytes < output.count {
      let count = output.withUnsafeBytes { bytes in
        Glibc.send(
          socket.number, bytes.baseAddress?.advanced(by: sentBytes), bytes.count - sentBytes,
          Int32(MSG_NOSIGNAL))
      }
      if count >= 0 {
        sentBytes += count
      } else if errno == EAGAIN {
        return .blocked
      } else if errno != EINTR {
        return .broken
      }
    }
    output = []
    return .finished
  }

  /// Sends the interim answer to `Expect: 100-continue`; false if the client takes not even that.
  func sendContinue() -> Bool {
    let line = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)
    return Glibc.send(socket.number, line, line.count, Int32(MSG_NOSIGNAL)) == line.count
  }

  /// Tells the client that no byte follows.
  func endOutput() { shutdown(socket.number, Int32(SHUT_WR)) }

  /// Makes closing drop what the client has not taken, instead of keeping it in the kernel.
  func abandonOutput() {
    var option = linger(l_onoff: 1, l_linger: 0)
    setsockopt(
      socket.number, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
  }
}
