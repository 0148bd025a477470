import Foundation
import Synchronization

/// A bad line in front of a hub on this machine: real sockets on loopback, which one thread feeds as slowly,
/// as late, and for as long as the conditions say.
package final class LineSimulator: Sendable {
  /// Where clients connect.
  package let port: UInt16
  private let shared: LineState

  /// Opens the line; it lives until ``close()``, or the end of the process.
  ///
  /// - Parameters:
  ///   - hubPort: The hub's port on 127.0.0.1.
  ///   - conditions: How bad it is.
  /// - Throws: ``LineError`` when the system gives no socket.
  package init(to hubPort: UInt16, _ conditions: LineConditions) throws {
    let listener = try LineSocket.listening()
    port = listener.port
    let shared = LineState(conditions)
    self.shared = shared
    Thread.detachNewThread {
      var loop = LineLoop(listener, hubPort, shared)
      loop.run()
    }
  }

  /// The address that a client is given.
  package var url: String { "http://127.0.0.1:\(port)" }

  /// What has gone over it so far.
  package var counts: LineCounts { shared.counts.withLock { $0 } }

  /// Makes it another line from now on.
  package func become(_ conditions: LineConditions) {
    shared.conditions.withLock { $0 = conditions }
  }

  /// Does something once as many bytes have reached clients, on the line's own thread.
  ///
  /// - Parameters:
  ///   - bytesDown: How many, counted from the line's beginning.
  ///   - act: What to do; it replaces what was to be done before.
  package func whenReached(_ bytesDown: Int, _ act: @escaping @Sendable () -> Void) {
    shared.errand.withLock { $0 = (bytesDown, act) }
  }

  /// Cuts all connections now.
  package func cut() { shared.isCutWanted.store(true, ordering: .relaxed) }

  /// Cuts everything, and takes no more connections.
  package func close() { shared.isClosed.store(true, ordering: .relaxed) }
}

/// Why there is no line.
package struct LineError: Error {
  /// The call of the system that failed, and its code.
  package let operation: String
  /// `errno`.
  package let code: Int32
}

/// What the thread of a line and those who use it share.
final class LineState: Sendable {
  let conditions: Mutex<LineConditions>
  let counts = Mutex(LineCounts())
  typealias Errand = (bytesDown: Int, act: @Sendable () -> Void)
  let errand = Mutex<Errand?>(nil)
  let isCutWanted = Atomic(false)
  let isClosed = Atomic(false)

  init(_ conditions: LineConditions) { self.conditions = Mutex(conditions) }
}
