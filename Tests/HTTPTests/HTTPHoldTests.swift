import Dispatch
import HTTP
import Synchronization
import Testing

@Suite struct HTTPHoldTests {
  /// What a handler waits for: `/wait/OWNER/MS` is held until the news is told.
  private final class News: Sendable {
    private let state = Mutex((isTold: false, asked: 0, answered: 0))

    var answered: Int { state.withLock { $0.answered } }

    func tell() { state.withLock { $0.isTold = true } }

    @Sendable func decide(_ request: HTTPRequest) -> HTTPOutcome {
      let parts = request.pathComponents
      guard parts.first == "wait", parts.count == 3, let owner = UInt64(parts[1]),
        let milliseconds = UInt64(parts[2])
      else {
        if parts.first == "tell" { tell() }
        return .answer(
          HTTPResponse(status: 200, contentType: "text/plain", body: [UInt8]("now".utf8)))
      }
      return .hold(
        HTTPHold(
          owner: owner, milliseconds: milliseconds,
          isOver: { [self] in state.withLock { $0.isTold } },
          answer: { [self] in
            let word = state.withLock { state in
              state.answered += 1
              return state.isTold ? "news" : "nothing"
            }
            return HTTPResponse(status: 200, contentType: "text/plain", body: [UInt8](word.utf8))
          }))
    }
  }

  private func with<R>(
    _ news: News, limits: HTTPLimits = HTTPLimits(), _ body: (HTTPServer) throws -> R
  ) throws -> R {
    let server = HTTPServer(
      host: "127.0.0.1", port: 0, limits: limits,
      problem: { .problem(status: $0, detail: $1) }, deciding: news.decide)
    try server.start()
    defer { server.stop() }
    return try body(server)
  }

  private func asking(_ path: String, _ server: HTTPServer) throws -> TestClient {
    let client = try TestClient(connectingTo: server.port)
    try client.send("GET \(path) HTTP/1.1\nHost: a\n\n")
    return client
  }

  @Test("who waits holds up nobody, and hears at once what another brought")
  func news() throws {
    let news = News()
    try with(news) { server in
      let waiting = try (0..<100).map { try asking("/wait/\($0)/600000", server) }
      let other = try TestClient(connectingTo: server.port)
      for _ in 0..<20 {
        try other.send("GET / HTTP/1.1\nHost: a\n\n")
        #expect(try other.reply().text == "now")
      }
      #expect(news.answered == 0)
      try other.send("GET /tell HTTP/1.1\nHost: a\n\n")
      #expect(try other.reply().text == "now")
      for client in waiting { #expect(try client.reply().text == "news") }
      // The connection goes on.
      try waiting[0].send("GET / HTTP/1.1\nHost: a\n\n")
      #expect(try waiting[0].reply().text == "now")
    }
  }

  @Test("news that no request brought is heard of too")
  func elsewhere() throws {
    let news = News()
    try with(news) { server in
      let client = try asking("/wait/1/600000", server)
      let other = try asking("/", server)
      #expect(try other.reply().text == "now")
      news.tell()
      #expect(try client.reply().text == "news")
    }
  }

  @Test("a wait ends when its time is over")
  func deadline() throws {
    try with(News()) { server in
      let answer = try asking("/wait/1/50", server).reply()
      #expect(answer.text == "nothing")
    }
  }

  @Test("of one owner the newest request waits")
  func owner() throws {
    try with(News()) { server in
      let older = try asking("/wait/7/600000", server)
      let newer = try asking("/wait/7/600000", server)
      // Whichever of the two the server took first.
      let first = try #require(TestClient.firstReadable(of: [older, newer]))
      let answer = try [older, newer][first].reply()
      #expect(answer.text == "nothing")
    }
  }

  @Test("what is too many to wait is answered at once")
  func bound() throws {
    var limits = HTTPLimits()
    limits.heldRequestsMax = 3
    let news = News()
    try with(news, limits: limits) { server in
      var clients = try (0..<5).map { try asking("/wait/\($0)/600000", server) }
      for _ in 0..<2 {
        let first = try #require(TestClient.firstReadable(of: clients))
        let answer = try clients.remove(at: first).reply()
        #expect(answer.text == "nothing")
      }
      news.tell()
      for client in clients { #expect(try client.reply().text == "news") }
    }
  }

  @Test("stop() answers who waits")
  func stop() throws {
    let news = News()
    let server = HTTPServer(
      host: "127.0.0.1", port: 0, limits: HTTPLimits(),
      problem: { .problem(status: $0, detail: $1) }, deciding: news.decide)
    try server.start()
    let client = try asking("/wait/1/600000", server)
    let other = try asking("/", server)
    #expect(try other.reply().text == "now")
    let group = DispatchGroup()
    DispatchQueue.global().async(group: group) { server.stop() }
    #expect(try client.reply().text == "nothing")
    #expect(group.wait(timeout: .now() + 20) == .success)
  }
}
