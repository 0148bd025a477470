import Dispatch
import HTTP
import Testing

@Suite struct HTTPServerTests {
  @Test("answers one request after another on one connection")
  func keepAlive() throws {
    try withServer { server in
      let client = try TestClient(connectingTo: server.port)
      for number in 1...50 {
        try client.send("GET /\(number) HTTP/1.1\nHost: a\n\n")
        let reply = try client.reply()
        #expect(reply.status == 200)
        #expect(reply.text == #"GET ["\#(number)"]"#)
        #expect(!reply.head.contains("Connection"))
      }
    }
  }

  @Test("answers pipelined requests in order, a chunked one among them")
  func pipelining() throws {
    try withServer { server in
      let client = try TestClient(connectingTo: server.port)
      try client.send(
        "GET /1 HTTP/1.1\nHost: a\n\n"
          + "POST /2 HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\n3\nabc\n2\nde\n0\n\n"
          + "GET /3 HTTP/1.1\nHost: a\nConnection: x, Close\n\nGET /4 HTTP/1.1\nHost: a\n\n")
      #expect(try client.reply().text == #"GET ["1"]"#)
      #expect(try client.reply().text == #"POST ["2"] transfer-encoding:chunked |abcde"#)
      let last = try client.reply()
      #expect(last.text.hasPrefix(#"GET ["3"]"#))
      #expect(last.head.contains("\r\nConnection: close"))
      #expect(try client.readToEnd().isEmpty)
    }
  }

  @Test("closes after HTTP/1.0, also when the client has ended its side")
  func oldVersion() throws {
    try withServer { server in
      let client = try TestClient(connectingTo: server.port)
      try client.send("GET / HTTP/1.0\n\n")
      client.endOutput()
      #expect(try client.reply().head.contains("\r\nConnection: close"))
      #expect(try client.readToEnd().isEmpty)
    }
  }

  @Test("answers HEAD with the length of the body and no body")
  func head() throws {
    try withServer { server in
      let client = try TestClient(connectingTo: server.port)
      try client.send("HEAD /x HTTP/1.1\nHost: a\n\nGET /y HTTP/1.1\nHost: a\n\n")
      let reply = try client.reply(toHead: true)
      #expect(reply.head.contains("\r\nContent-Length: 10"))
      #expect(try client.reply().text == #"GET ["y"]"#)
    }
  }

  @Test("sends 100 Continue before the body, then the answer")
  func expectContinue() throws {
    try withServer { server in
      let client = try TestClient(connectingTo: server.port)
      try client.send("PUT /x HTTP/1.1\nHost: a\nContent-Length: 2\nExpect: 100-continue\n\n")
      #expect(try client.reply().status == 100)
      try client.send("hi")
      #expect(try client.reply().text.hasSuffix("|hi"))
    }
  }

  @Test("writes a response of 8 MiB to a client that reads it in small pieces")
  func partialWrites() throws {
    let body = patterned(atLeast: 8 << 20)
    let handler: @Sendable (HTTPRequest) -> HTTPResponse = { _ in
      HTTPResponse(status: 200, body: body)
    }
    try withServer(handler: handler) { server in
      let client = try TestClient(connectingTo: server.port)
      try client.send("GET / HTTP/1.1\nHost: a\n\nGET / HTTP/1.1\nHost: a\nConnection: close\n\n")
      for _ in 0..<200 { #expect(try client.receive(max: 1_000)) }
      #expect(try client.reply().body == body)
      #expect(try client.reply().body == body)
    }
  }

  @Test("takes a body of exactly the limit in both framings")
  func largeBody() throws {
    let handler: @Sendable (HTTPRequest) -> HTTPResponse = {
      HTTPResponse(status: 200, body: Array("\($0.body.count) \($0.body.last ?? 0)".utf8))
    }
    try withServer(limits: HTTPLimits(bodyBytesMax: 1 << 20), handler: handler) { server in
      let client = try TestClient(connectingTo: server.port)
      let body = [UInt8](repeating: 7, count: 1 << 20)
      try client.send("PUT / HTTP/1.1\nHost: a\nContent-Length: 1048576\n\n")
      try client.send(body)
      #expect(try client.reply().text == "1048576 7")
      try client.send("PUT / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\n100000\n")
      try client.send(body)
      try client.send("\n0\n\n")
      #expect(try client.reply().text == "1048576 7")
    }
  }

  @Test("serves 200 connections at once")
  func manyConnections() throws {
    try withServer { server in
      let clients = try (0..<200).map { _ in try TestClient(connectingTo: server.port) }
      for round in 1...3 {
        for (number, client) in clients.enumerated() {
          try client.send("GET /\(round)/\(number) HTTP/1.1\nHost: a\n\n")
        }
        for (number, client) in clients.enumerated().reversed() {
          #expect(try client.reply().text == #"GET ["\#(round)", "\#(number)"]"#)
        }
      }
    }
  }

  @Test("goes on parsing and refusing while the handler is busy")
  func slowHandler() throws {
    let (entered, gate) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    let handler: @Sendable (HTTPRequest) -> HTTPResponse = { request in
      entered.signal()
      gate.wait()
      return echo(request)
    }
    try withServer(handler: handler) { server in
      let slow = try TestClient(connectingTo: server.port)
      try slow.send("GET /slow HTTP/1.1\nHost: a\n\n")
      entered.wait()
      let bad = try TestClient(connectingTo: server.port)
      try bad.send("GET / HTTP/1.1\n\n")
      #expect(try bad.reply().status == 400)
      gate.signal()
      #expect(try slow.reply().text == #"GET ["slow"]"#)
    }
  }

  @Test("goes on when a client leaves before its answer")
  func leavingClient() throws {
    let (entered, gate) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    let handler: @Sendable (HTTPRequest) -> HTTPResponse = { request in
      if request.path == "/slow" {
        entered.signal()
        gate.wait()
      }
      return HTTPResponse(status: 200, body: [UInt8](repeating: 1, count: 8 << 20))
    }
    try withServer(handler: handler) { server in
      for _ in 0..<10 {
        let leaving = try TestClient(connectingTo: server.port)
        try leaving.send("GET /slow HTTP/1.1\nHost: a\n\n")
        entered.wait()
        withExtendedLifetime(consume leaving) {}
        gate.signal()
      }
      let client = try TestClient(connectingTo: server.port)
      try client.send("GET / HTTP/1.1\nHost: a\n\n")
      #expect(try client.reply().body.count == 8 << 20)
    }
  }

  @Test("listens on IPv6 too")
  func otherFamily() throws {
    let server = HTTPServer(host: "::", port: 0, handler: echo)
    try server.start()
    defer { server.stop() }
    let client = try TestClient(connectingTo: server.port)  // IPv4, by the same socket
    try client.send("GET / HTTP/1.1\nHost: a\n\n")
    #expect(try client.reply().status == 200)
  }

  @Test("says why it cannot start, and starts at a second try")
  func startErrors() throws {
    try withServer { server in
      let error = HTTPServerError.addressInUse(host: "127.0.0.1", port: server.port)
      let second = HTTPServer(host: "127.0.0.1", port: server.port, handler: echo)
      #expect(throws: error) { try second.start() }
      #expect("\(error)" == "127.0.0.1 port \(server.port) is already in use")
      #expect(second.port == server.port)
      server.stop()
      try second.start()
      second.stop()
    }
    for host in ["localhost", "1.2.3.256", "", "[::1]", "::1::"] {
      #expect(throws: HTTPServerError.badHost(host)) {
        try HTTPServer(host: host, port: 0, handler: echo).start()
      }
    }
    let elsewhere = HTTPServer(host: "192.0.2.1", port: 0, handler: echo)
    #expect(throws: HTTPServerError.self) { try elsewhere.start() }
  }

  @Test("traps when it is started twice or waited for before it starts")
  func misuse() async {
    await #expect(processExitsWith: .trap) {
      let server = HTTPServer(host: "127.0.0.1", port: 0, handler: echo)
      try server.start()
      try server.start()
    }
    await #expect(processExitsWith: .trap) {
      HTTPServer(host: "127.0.0.1", port: 0, handler: echo).waitUntilStopped()
    }
  }
}

/// Returns bytes whose pattern is no power of two long, so that a slip by a buffer shows.
private func patterned(atLeast count: Int) -> [UInt8] {
  var bytes = [UInt8](0...250)
  while bytes.count < count { bytes += bytes }
  return bytes
}
