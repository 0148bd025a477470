import CLinux
import Glibc

/// The thread that owns all sockets: accepts, reads, parses, writes, and keeps time.
///
/// Not shared: `HTTPServer` makes it and hands it to its thread. Other threads reach it through
/// its inbox only.
final class EventLoop {
  enum Message: Sendable {
    case answer([UInt8], connection: UInt64)
    case stop
  }

  private enum Token {
    static let listener: UInt64 = 0
    static let inbox: UInt64 = 1
    static let firstConnection: UInt64 = 2
  }

  private static let readBytes = 64 << 10
  private static let eventsPerTurn = 64
  /// How long to wait with new connections when the system has no descriptor or memory left.
  private static let exhaustedMilliseconds: UInt64 = 100

  private let limits: HTTPLimits
  private let problem: @Sendable (Int, String) -> HTTPResponse
  private let jobs: Mailbox<Worker.Job>
  private let inbox: Mailbox<Message>
  private let poller: Poller
  private var listener: Listener?
  private var connections: [UInt64: Connection] = [:]
  private var nextToken = Token.firstConnection
  private var isAccepting = true
  private var isStopping = false
  private var stopDeadline = UInt64.max
  private var heldBytes = 0
  private var now = monotonicMilliseconds()
  /// No deadline is earlier than this.
  private var nextSweep = UInt64.max
  private var scratch = [UInt8](repeating: 0, count: readBytes)

  init(
    listener: consuming Listener, limits: HTTPLimits, jobs: Mailbox<Worker.Job>,
    inbox: Mailbox<Message>, problem: @escaping @Sendable (Int, String) -> HTTPResponse
  ) throws(HTTPServerError) {
    self.limits = limits
    self.problem = problem
    self.jobs = jobs
    self.inbox = inbox
    poller = try Poller()
    guard poller.add(listener.socket, events: EPOLLIN, token: Token.listener),
      poller.add(inbox.bell, events: EPOLLIN, token: Token.inbox)
    else { throw .system(operation: "epoll_ctl", code: errno) }
    self.listener = consume listener
  }

  /// Serves until a `stop` message, and then until the last connection is gone.
  func run() {
    var events = [epoll_event](repeating: epoll_event(), count: Self.eventsPerTurn)
    while !isStopping || !connections.isEmpty {
      let count = poller.wait(into: &events, milliseconds: millisecondsToSweep)
      now = monotonicMilliseconds()
      for event in events[..<count] { handle(EPOLL_EVENTS(event.events), on: event.data.u64) }
      if now >= nextSweep { sweep() }
    }
  }

  private func handle(_ events: EPOLL_EVENTS, on token: UInt64) {
    switch token {
    case Token.listener: accept()
    case Token.inbox:
      for message in inbox.take() {
        switch message {
        case .answer(let bytes, let token): answer(bytes, on: token)
        case .stop: stop()
        }
      }
    default:
      // A connection that was dropped earlier in this turn is not found.
      guard let connection = connections[token] else { return }
      if events.rawValue & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0 {
        drop(connection)
      } else if connection.state == .sending {
        flush(connection)
      } else {
        receive(on: connection)
      }
    }
  }
}

// MARK: - Connections come and go

extension EventLoop {
  private func accept() {
    while isAccepting {
      do throws(HTTPServerError) {
        let isFull = connections.count >= limits.connectionsMax
        let idle = isFull ? longestIdle : nil
        guard !isFull || idle != nil else { return setAccepting(false) }
        guard let socket = try listener?.accept() else { return }
        if let idle { drop(idle) }
        let token = nextToken
        nextToken += 1
        guard poller.add(socket, events: EPOLLIN, token: token) else { return pauseAccepting() }
        let connection = Connection(socket, token: token, limits: limits, now: now)
        connections[token] = connection
        setDeadline(of: connection, after: limits.idleMilliseconds)
      } catch {
        guard case .system(_, let code) = error else { return }
        switch code {
        case EAGAIN: return
        case ECONNABORTED, EINTR: continue  // a client that gave up; the next one may wait
        default: return pauseAccepting()  // EMFILE and its kin: trying at once would spin
        }
      }
    }
  }

  /// The connection that waits longest for a request of which no byte has come; nil when all are busy.
  ///
  /// It gives way to a new one when all places are taken: its client connects again when it has a
  /// request. O(connections).
  private var longestIdle: Connection? {
    connections.values.lazy.filter { $0.isIdle }.min { ($0.since, $0.token) < ($1.since, $1.token) }
  }

  /// Stops accepting until a connection ends, or becomes idle, or some time has passed.
  private func pauseAccepting() {
    setAccepting(false)
    nextSweep = min(nextSweep, now + Self.exhaustedMilliseconds)
  }

  private func setAccepting(_ isAccepting: Bool) {
    guard isAccepting != self.isAccepting else { return }
    self.isAccepting = isAccepting
    let events = isAccepting ? EPOLLIN : EPOLL_EVENTS(0)
    listener?.watch(events, by: poller, token: Token.listener)
  }

  /// Forgets a connection; its socket closes with the last reference.
  private func drop(_ connection: Connection) {
    connections[connection.token] = nil
    heldBytes -= connection.accountedBytes
    setAccepting(true)
  }

  /// Takes no new connection or request; answers those that the handler has.
  private func stop() {
    isStopping = true
    stopDeadline = now + limits.stopMilliseconds
    nextSweep = min(nextSweep, stopDeadline)
    listener = nil
    jobs.post(.release)
    for connection in connections.values where connection.state == .receiving { drop(connection) }
  }
}

// MARK: - One exchange: receive, hand over, answer, flush

extension EventLoop {
  private func receive(on connection: Connection) {
    let count = scratch.withUnsafeMutableBytes { bytes in
      recv(connection.socket.number, bytes.baseAddress, bytes.count, 0)
    }
    guard count != 0 else { return drop(connection) }
    guard count > 0 else {
      if errno != EAGAIN, errno != EINTR { drop(connection) }
      return
    }
    guard connection.state == .receiving else { return }  // lingering: not even looked at
    advance(connection, connection.parser.feed(scratch.span.extracting(..<count)))
  }

  private func advance(_ connection: Connection, _ outcome: HTTPRequestParser.Outcome) {
    switch outcome {
    case .needMore: awaitMore(on: connection)
    case .expectsContinue:
      guard connection.sendContinue() else { return drop(connection) }
      advance(connection, connection.parser.next())
    case .request(let request):
      connection.closesAfterResponse = request.closesConnection
      connection.handledBytes = request.body.count
      connection.deadline = .max  // the handler's time is not the client's fault
      enter(.handling, connection)
      account(connection)
      jobs.post(.answer(request, connection: connection.token))
    case .failed(let refusal): refuse(connection, refusal)
    }
  }

  private func awaitMore(on connection: Connection) {
    account(connection)
    guard heldBytes <= limits.heldBytesMax else { return refuse(connection, .overloaded) }
    enter(.receiving, connection)
    let stage = connection.parser.stage
    if stage != connection.stage {
      connection.stage = stage
      connection.since = now
    }
    if stage == .idle { setAccepting(true) }
    let allowed =
      switch stage {
      case .idle: limits.idleMilliseconds
      case .head: limits.headMilliseconds
      case .body: limits.transferMilliseconds(for: connection.parser.bodyBytes)
      }
    setDeadline(of: connection, after: allowed)
  }

  private func answer(_ bytes: [UInt8], on token: UInt64) {
    guard let connection = connections[token] else { return }  // the client did not wait
    connection.handledBytes = 0
    account(connection)
    guard heldBytes + bytes.count <= limits.heldBytesMax
    else { return refuse(connection, .overloaded) }
    send(bytes, on: connection)
  }

  /// Answers what cannot be parsed or waited for, and ends the connection.
  private func refuse(_ connection: Connection, _ refusal: HTTPRefusal) {
    connection.closesAfterResponse = true
    connection.parser = HTTPRequestParser(limits: limits)  // frees what arrived
    send(
      problem(refusal.status, refusal.reason).encoded(forHead: false, closing: true),
      on: connection)
  }

  private func send(_ bytes: [UInt8], on connection: Connection) {
    connection.queue(bytes, at: now)
    flush(connection)
  }

  private func flush(_ connection: Connection) {
    let transfer = connection.send()
    account(connection)
    switch transfer {
    case .broken: drop(connection)
    case .blocked:
      enter(.sending, connection)
      setDeadline(of: connection, after: limits.transferMilliseconds(for: connection.sentBytes))
    case .finished where connection.closesAfterResponse || isStopping:
      connection.endOutput()
      connection.since = now
      enter(.lingering, connection)
      setDeadline(of: connection, after: limits.lingerMilliseconds)
    case .finished:
      connection.since = now
      connection.stage = .idle
      advance(connection, connection.parser.next())  // a pipelined request may be waiting
    }
  }

  private func enter(_ state: Connection.State, _ connection: Connection) {
    connection.state = state
    guard state.interest != connection.interest else { return }
    connection.interest = state.interest
    poller.change(connection.socket, events: state.interest, token: connection.token)
  }

  private func account(_ connection: Connection) {
    heldBytes += connection.heldBytes - connection.accountedBytes
    connection.accountedBytes = connection.heldBytes
  }
}

extension HTTPRefusal {
  fileprivate static let overloaded = HTTPRefusal(503, "too much to hold at once; try later")
}

// MARK: - Time

extension EventLoop {
  private func setDeadline(of connection: Connection, after milliseconds: UInt64) {
    connection.deadline = connection.since + milliseconds
    nextSweep = min(nextSweep, connection.deadline)
  }

  private var millisecondsToSweep: Int32 {
    guard nextSweep != .max else { return -1 }
    return nextSweep <= now ? 0 : Int32(clamping: nextSweep - now)
  }

  /// Ends what is overdue and finds the next deadline; O(connections), seldom.
  private func sweep() {
    nextSweep = .max
    setAccepting(true)
    if now >= stopDeadline {
      for connection in connections.values { connection.abandonOutput() }
      connections = [:]
      return
    }
    for connection in connections.values {
      if connection.deadline <= now {
        expire(connection)
      } else {
        nextSweep = min(nextSweep, connection.deadline)
      }
    }
    nextSweep = min(nextSweep, stopDeadline)
  }

  private func expire(_ connection: Connection) {
    switch connection.state {
    case .receiving where connection.stage != .idle:
      refuse(connection, HTTPRefusal(408, "the request took too long to arrive"))
    case .sending:
      connection.abandonOutput()
      drop(connection)
    case .receiving, .lingering, .handling: drop(connection)
    }
  }
}
