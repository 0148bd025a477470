import Foundation
import Synchronization

/// A hub that answers with the bytes it is told to, right or wrong.
final class CannedHub: Sendable {
  struct Reply {
    /// What is sent as it is; nothing makes a silent line.
    var bytes: String
    /// Whether the connection ends behind it.
    var closes = false

    /// A whole answer on a connection that stays open.
    static func answer(
      _ status: String = "200 OK", type: String = "application/json", extra: String = "",
      body: String
    ) -> Reply {
      let head = "HTTP/1.1 \(status)\r\nContent-Type: \(type)\r\n\(extra)"
      return Reply(bytes: head + "Content-Length: \(body.utf8.count)\r\n\r\n" + body)
    }
  }

  /// What the threads share; they outlive the hub by a moment.
  private final class Counter: Sendable {
    struct Seen {
      var connections = 0
      var requests: [String] = []
    }
    let socket: LoopbackSocket
    let seen = Mutex(Seen())
    let (endings, ended) = AsyncStream<Void>.makeStream()

    init() throws { socket = try LoopbackSocket() }
  }

  private let counter: Counter

  /// Starts a hub that answers every request, given as text, with the reply to it.
  init(_ reply: @escaping @Sendable (String) -> Reply) throws {
    let counter = try Counter()
    try counter.socket.startListening()
    Thread.detachNewThread {
      while let connection = counter.socket.nextConnection() {
        counter.seen.withLock { $0.connections += 1 }
        Thread.detachNewThread {
          while let request = connection.nextRequest() {
            counter.seen.withLock { $0.requests.append(request) }
            let reply = reply(request)
            connection.send(reply.bytes)
            if reply.closes { break }
          }
          connection.end()
          counter.ended.yield()
        }
      }
    }
    self.counter = counter
  }

  /// Starts a hub that gives one answer to everything.
  convenience init(_ reply: Reply) throws { try self.init { _ in reply } }

  deinit { counter.socket.stopListening() }

  /// One element for each connection that has ended.
  var endings: AsyncStream<Void> { counter.endings }
  var url: String { "http://127.0.0.1:\(counter.socket.port)" }
  var connections: Int { counter.seen.withLock(\.connections) }
  var requests: [String] { counter.seen.withLock(\.requests) }
}
