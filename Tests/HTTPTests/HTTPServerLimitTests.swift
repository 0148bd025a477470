import Dispatch
import Glibc
import HTTP
import Testing

@Suite struct HTTPServerLimitTests {
  @Test(
    "answers what it refuses with a problem document and closes",
    arguments: [
      ParserCase("PUT / HTTP/1.1\nHost: a\nContent-Length: 9999999\n\n", "413"),
      ParserCase("GET /\(String(repeating: "x", count: 5_000)) HTTP/1.1\nHost: a\n\n", "414"),
      ParserCase("GET / HTTP/1.1\nA: \(String(repeating: "x", count: 20_000))\n\n", "431"),
      ParserCase("GET / HTTP/2.0\n\n", "505"),
      ParserCase("PUT / HTTP/1.1\nHost: a\nTransfer-Encoding: gzip\n\n", "501"),
      ParserCase("\u{16}\u{3}\u{1}\n", "400"),
    ])
  func refusals(example: ParserCase) throws {
    try withServer { server in
      let client = try TestClient(connectingTo: server.port)
      try client.send(example.bytes)
      let reply = try client.reply()
      #expect(["\(reply.status)"] == example.expected)
      #expect(reply.head.contains("\r\nContent-Type: application/problem+json"))
      #expect(reply.head.contains("\r\nConnection: close"))
      #expect(reply.text.contains(#""status":\#(reply.status)"#))
      #expect(try client.readToEnd().isEmpty)
    }
  }

  @Test("a refused client that goes on sending still reads its answer")
  func lingering() throws {
    try withServer { server in
      let client = try TestClient(connectingTo: server.port)
      try client.send("PUT / HTTP/1.1\nHost: a\nContent-Length: 9999999\n\n")
      try client.send([UInt8](repeating: 0, count: 9_999_999))
      #expect(try client.reply().status == 413)
    }
  }

  @Test("asks the owner for the problem document")
  func ownProblem() throws {
    let server = HTTPServer(
      host: "127.0.0.1", port: 0, problem: { HTTPResponse(status: $0, body: Array($1.utf8)) },
      handler: echo)
    try server.start()
    defer { server.stop() }
    let client = try TestClient(connectingTo: server.port)
    try client.send("GET / HTTP/1.1\n\n")
    #expect(try client.reply().text == "Host is missing")
  }

  @Test("gives up a slow client: head and body with 408, an idle one without a word")
  func slowClients() throws {
    var limits = HTTPLimits()
    limits.headMilliseconds = 20
    limits.idleMilliseconds = 20
    limits.transferMilliseconds = 20
    try withServer(limits: limits) { server in
      let idle = try TestClient(connectingTo: server.port)
      let head = try TestClient(connectingTo: server.port)
      try head.send("GET / HTTP/1.1\nHo")
      let body = try TestClient(connectingTo: server.port)
      try body.send("PUT / HTTP/1.1\nHost: a\nContent-Length: 9\n\nabc")
      #expect(try idle.readToEnd().isEmpty)
      #expect(try head.reply().status == 408)
      #expect(try head.readToEnd().isEmpty)
      #expect(try body.reply().status == 408)
      #expect(try body.readToEnd().isEmpty)
    }
  }

  @Test("a head that drips in is given up although each byte comes in time")
  func drippingHead() throws {
    var limits = HTTPLimits()
    limits.headMilliseconds = 500
    limits.headBytesMax = 4_000  // a byte a millisecond comes to far less
    try withServer(limits: limits) { server in
      let client = try TestClient(connectingTo: server.port)
      try client.send("GET / HTTP/1.1\n")
      var isOpen = true
      while isOpen, TestClient.isQuiet(client) {
        isOpen = (try? client.send("A")) != nil
      }
      #expect(try client.reply().status == 408)
    }
  }

  @Test("a client that takes nothing of its answer makes room for the next one in the end")
  func stuckReader() throws {
    var limits = HTTPLimits()
    limits.transferMilliseconds = 20
    limits.transferBytesPerSecond = 1 << 30
    limits.connectionsMax = 1
    let handler: @Sendable (HTTPRequest) -> HTTPResponse = { request in
      let size = request.path == "/large" ? 32 << 20 : 1
      return HTTPResponse(status: 200, body: [UInt8](repeating: 1, count: size))
    }
    try withServer(limits: limits, handler: handler) { server in
      let stuck = try TestClient(connectingTo: server.port)
      try stuck.send("GET /large HTTP/1.1\nHost: a\n\n")
      let next = try TestClient(connectingTo: server.port)
      try next.send("GET /small HTTP/1.1\nHost: a\n\n")
      #expect(try next.reply().status == 200)
      #expect(try stuck.readToEnd().count < 32 << 20)
    }
  }

  @Test("a connection above the limit waits for a place while all others are busy")
  func connectionLimit() throws {
    var limits = HTTPLimits()
    limits.connectionsMax = 2
    try withServer(limits: limits) { server in
      let clients = try (0..<2).map { _ in try TestClient(connectingTo: server.port) }
      for client in clients { try client.send("GET / HTTP/1.1\nHo") }
      let waiting = try TestClient(connectingTo: server.port)
      try waiting.send("GET / HTTP/1.1\nHost: a\n\n")
      #expect(TestClient.isQuiet(waiting))
      try clients[0].send("st: a\n\n")
      #expect(try clients[0].reply().status == 200)
      #expect(try waiting.reply().status == 200)
      try clients[1].send("st: a\n\n")
      #expect(try clients[1].reply().status == 200)
    }
  }

  @Test("a connection above the limit takes the place of the longest idle one")
  func idleGivesWay() throws {
    var limits = HTTPLimits()
    limits.connectionsMax = 3
    try withServer(limits: limits) { server in
      let clients = try (0..<3).map { _ in try TestClient(connectingTo: server.port) }
      for client in clients {
        try client.send("GET / HTTP/1.1\nHost: a\n\n")
        #expect(try client.reply().status == 200)
      }
      try clients[0].send("GET / HTTP/1.1\nHo")
      let new = try TestClient(connectingTo: server.port)
      try new.send("GET / HTTP/1.1\nHost: a\n\n")
      #expect(try new.reply().status == 200)
      #expect(try clients[1].readToEnd().isEmpty)
      for (client, rest) in [
        (clients[0], "st: a\n\n"), (clients[2], "GET / HTTP/1.1\nHost: a\n\n"),
      ] {
        try client.send(rest)
        #expect(try client.reply().status == 200)
      }
    }
  }

  @Test("unanswered requests together hold no more than their limit")
  func heldBytes() throws {
    var limits = HTTPLimits()
    limits.heldBytesMax = 100_000
    try withServer(limits: limits) { server in
      let clients = try (0..<2).map { _ in try TestClient(connectingTo: server.port) }
      for client in clients {
        try client.send("PUT / HTTP/1.1\nHost: a\nContent-Length: 60001\n\n")
        try client.send([UInt8](repeating: 65, count: 60_000))
      }
      let refused = try #require(TestClient.firstReadable(of: clients))
      #expect(try clients[refused].reply().status == 503)
      try clients[1 - refused].send("A")
      #expect(try clients[1 - refused].reply().status == 200)
    }
  }

  @Test("responses that nobody takes count as held, and make room when they are taken")
  func heldResponses() throws {
    var limits = HTTPLimits()
    limits.heldBytesMax = 40 << 20
    let handler: @Sendable (HTTPRequest) -> HTTPResponse = { _ in
      HTTPResponse(status: 200, body: [UInt8](repeating: 1, count: 24 << 20))
    }
    try withServer(limits: limits, handler: handler) { server in
      let stuck = try TestClient(connectingTo: server.port)
      try stuck.send("GET / HTTP/1.1\nHost: a\n\n")
      #expect(try stuck.receive(max: 1))
      let refused = try TestClient(connectingTo: server.port)
      try refused.send("GET / HTTP/1.1\nHost: a\n\n")
      #expect(try refused.reply().status == 503)
      #expect(try stuck.reply().status == 200)
      let next = try TestClient(connectingTo: server.port)
      try next.send("GET / HTTP/1.1\nHost: a\n\n")
      #expect(try next.reply().status == 200)
    }
  }

  @Test("goes on accepting after the process ran out of descriptors")
  func descriptorsExhausted() async {
    await #expect(processExitsWith: .success) {
      try withServer { server in
        let first = try TestClient(connectingTo: server.port)
        try first.send("GET / HTTP/1.1\nHost: a\n\n")
        #expect(try first.reply().status == 200)
        let second = try TestClient()
        // More than one: libdispatch may take a descriptor in the very moment they are free again.
        let spares = (0..<32).map { _ in dup(0) }
        let count = rlim_t(try #require(spares.last) + 1)
        var limit = rlimit(rlim_cur: count, rlim_max: count)
        #expect(setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
        try second.connect(to: server.port)
        try second.send("GET / HTTP/1.1\nHost: a\n\n")
        try first.send("GET / HTTP/1.1\nHost: a\n\n")  // its answer comes after a failed accept
        #expect(try first.reply().status == 200)
        for spare in spares { close(spare) }
        #expect(try second.reply().status == 200)
      }
    }
  }
}

extension TestClient {
  /// True while there is nothing to read from the client.
  static func isQuiet(_ client: TestClient) -> Bool {
    var polls = [pollfd(fd: client.socket, events: Int16(POLLIN), revents: 0)]
    return poll(&polls, 1, 1) == 0
  }
}
