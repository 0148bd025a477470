import Glibc
import Synchronization

/// An HTTP/1.1 server on one address: one thread for all sockets, one for the handler.
///
/// The handler runs one request at a time, in order of arrival, while other requests are read and
/// responses written. Once started it runs until ``stop()``, whether anybody holds it or not.
package final class HTTPServer: Sendable {
  private struct Running: Sendable {
    let port: UInt16
    let inbox: Mailbox<EventLoop.Message>
    let thread: pthread_t
    let stopped: Latch
  }

  private enum State: Sendable {
    case new
    case running(Running)
    case stopping(Running)
  }

  private let host: String
  private let requestedPort: UInt16
  private let limits: HTTPLimits
  private let problem: @Sendable (Int, String) -> HTTPResponse
  private let handler: @Sendable (HTTPRequest) -> HTTPOutcome
  private let state = Mutex(State.new)

  /// Describes a server; ``start()`` opens it.
  ///
  /// - Parameters:
  ///   - host: An IPv4 or IPv6 address in digits; `::` listens on both families.
  ///   - port: 0 for any free port.
  ///   - limits: What clients may cost.
  ///   - problem: Makes the body for a request that no handler sees, of a status 400…599 and a
  ///     reason for people. Runs on the socket thread: it must be quick.
  ///   - handler: Answers a request. HEAD arrives as such: answer as to GET, and the body is left
  ///     out. May block; must not call ``stop()``.
  package convenience init(
    host: String, port: UInt16, limits: HTTPLimits = HTTPLimits(),
    problem: @escaping @Sendable (Int, String) -> HTTPResponse = {
      .problem(status: $0, detail: $1)
    },
    handler: @escaping @Sendable (HTTPRequest) -> HTTPResponse
  ) {
    self.init(
      host: host, port: port, limits: limits, problem: problem,
      deciding: { .answer(handler($0)) })
  }

  /// Describes a server whose handler may let a request wait for its answer.
  ///
  /// - Parameters:
  ///   - host: As above.
  ///   - port: As above.
  ///   - limits: What clients may cost; ``HTTPLimits/heldRequestsMax`` of them may wait at once.
  ///   - problem: As above.
  ///   - decide: Answers a request, or says what it waits for; as the handler above.
  package init(
    host: String, port: UInt16, limits: HTTPLimits,
    problem: @escaping @Sendable (Int, String) -> HTTPResponse,
    deciding decide: @escaping @Sendable (HTTPRequest) -> HTTPOutcome
  ) {
    self.host = host
    requestedPort = port
    self.limits = limits
    self.problem = problem
    handler = decide
  }

  /// Listens, and starts to serve on own threads; to be called once.
  ///
  /// - Throws: ``HTTPServerError``; nothing is left open then, and another try is allowed.
  package func start() throws(HTTPServerError) {
    try state.withLock { (state) throws(HTTPServerError) in
      guard case .new = state else { preconditionFailure("a server starts once") }
      state = .running(try open())
    }
  }

  private func open() throws(HTTPServerError) -> Running {
    let listener = try Listener(host: host, port: requestedPort)
    let port = listener.port
    let inbox = try Mailbox<EventLoop.Message>()
    let stopped = try Latch()
    let jobs = try Mailbox<Worker.Job>()
    let loop = try EventLoop(
      listener: listener, limits: limits, jobs: jobs, inbox: inbox, problem: problem)
    let worker = Worker(
      jobs: jobs, inbox: inbox, heldMax: limits.heldRequestsMax, handler: handler)
    let workerThread = try startThread { worker.run() }
    do throws(HTTPServerError) {
      let thread = try startThread {
        loop.run()
        jobs.post(.stop)
        pthread_join(workerThread, nil)
      }
      return Running(port: port, inbox: inbox, thread: thread, stopped: stopped)
    } catch {
      jobs.post(.stop)
      pthread_join(workerThread, nil)
      throw error
    }
  }

  /// The port that is listened on; before ``start()`` the one asked for.
  package var port: UInt16 {
    state.withLock { state in
      switch state {
      case .new: requestedPort
      case .running(let running), .stopping(let running): running.port
      }
    }
  }

  /// Stops listening, lets the handler finish the requests it has, sends their answers, closes.
  ///
  /// Blocks until all of that is done and the threads have ended, on every thread that calls it:
  /// as long as the handler takes, at most ``HTTPLimits/stopMilliseconds`` longer. Does nothing
  /// before ``start()``.
  package func stop() {
    let (running, isFirst): (Running?, Bool) = state.withLock { state in
      switch state {
      case .new: return (nil, false)
      case .stopping(let running): return (running, false)
      case .running(let running):
        state = .stopping(running)
        return (running, true)
      }
    }
    guard let running else { return }
    if isFirst {
      running.inbox.post(.stop)
      pthread_join(running.thread, nil)
      running.stopped.open()
    } else {
      running.stopped.wait()
    }
  }

  /// Blocks the calling thread until some thread has stopped the server, which must be started.
  package func waitUntilStopped() {
    let stopped = state.withLock { state -> Latch in
      switch state {
      case .new: preconditionFailure("the server is not started")
      case .running(let running), .stopping(let running): running.stopped
      }
    }
    stopped.wait()
  }
}
