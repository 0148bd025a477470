import Glibc
import Peer
import Testing

@testable import HTTPClient

@Suite("Both ways to a hub", .timeLimit(.minutes(5))) struct HTTPTransportTests {
  static let ways = HTTPTransport.Way.allCases

  @Test("returns status, media type, and body of an answer", arguments: ways)
  func answer(way: HTTPTransport.Way) async throws {
    let hub = try CannedHub(.answer(type: "Application/JSON; charset=utf-8", body: #"{"a":"水"}"#))
    let answer = try await hub.line(way).send(.greeting)
    let body = Array(#"{"a":"水"}"#.utf8)
    #expect(answer == PeerResponse(status: 200, contentType: "application/json", body: body))
  }

  @Test("takes an answer without a body or a media type", arguments: ways)
  func emptyAnswer(way: HTTPTransport.Way) async throws {
    let hub = try CannedHub(CannedHub.Reply(bytes: "HTTP/1.1 204 No Content\r\n\r\n"))
    let answer = try await hub.line(way).send(.greeting)
    #expect(answer == PeerResponse(status: 204, contentType: "", body: []))
  }

  @Test("returns a problem document like any answer", arguments: ways)
  func problem(way: HTTPTransport.Way) async throws {
    let hub = try CannedHub(
      .answer("404 Not Found", type: "application/problem+json", body: #"{"code":"x"}"#))
    let answer = try await hub.line(way).send(.greeting)
    #expect(answer.status == 404)
    #expect(answer.contentType == "application/problem+json")
    #expect(answer.body == Array(#"{"code":"x"}"#.utf8))
  }

  @Test(
    "reads Retry-After in seconds and ignores it in another form",
    arguments: [
      ("0", 0), ("120", 120), ("-1", nil), ("Wed, 21 Oct 2026 07:28:00 GMT", nil),
      ("99999999999999999999", nil),
    ], ways)
  func retryAfter(given: (text: String, seconds: Int?), way: HTTPTransport.Way) async throws {
    let hub = try CannedHub(.answer("503 Busy", extra: "Retry-After: \(given.text)\r\n", body: ""))
    #expect(try await hub.line(way).send(.greeting).retryAfter == given.seconds)
  }

  @Test(
    "returns a refusal, whatever it demands",
    arguments: ["X: y", "WWW-Authenticate: Bearer", #"WWW-Authenticate: Basic realm="proxy""#], ways
  )
  func unauthorized(header: String, way: HTTPTransport.Way) async throws {
    let hub = try CannedHub(.answer("401 Unauthorized", extra: header + "\r\n", body: "{}"))
    let answer = try await hub.line(way).send(.greeting)
    #expect(
      answer == PeerResponse(status: 401, contentType: "application/json", body: [0x7B, 0x7D]))
  }

  @Test(
    "never follows a redirect", arguments: ["301 Moved", "307 Temporary", "308 Permanent"], ways)
  func redirect(status: String, way: HTTPTransport.Way) async throws {
    let thief = try CannedHub(.answer(body: "{}"))
    let hub = try CannedHub(.answer(status, extra: "Location: \(thief.url)/v1\r\n", body: "moved"))
    let answer = try await hub.line(way).send(.upload("secret"))
    #expect(answer.status == Int(status.prefix(3)))
    #expect(answer.body == Array("moved".utf8))
    #expect(thief.requests.isEmpty)
  }

  @Test(
    "takes a redirect to nowhere as an answer", arguments: ["", "Location: http://[::1\r\n"], ways)
  func redirectToNowhere(location: String, way: HTTPTransport.Way) async throws {
    let hub = try CannedHub(.answer("302 Found", extra: location, body: ""))
    #expect(try await hub.line(way).send(.greeting).status == 302)
  }

  @Test("sends the path, the headers, and the body", arguments: ways)
  func request(way: HTTPTransport.Way) async throws {
    let hub = try CannedHub(.answer(body: "{}"))
    _ = try await hub.line(way, path: "/street/").send(.upload("{\"ops\":[]}"))
    let request = try #require(hub.requests.first)
    #expect(request.hasPrefix("POST /street/v1/sync HTTP/1.1\r\n"))
    #expect(request.hasSuffix("\r\n\r\n{\"ops\":[]}"))
    for line in [
      "User-Agent: linli/1", "Accept: application/json", "Content-Type: application/json",
      "Authorization: Bearer t0ken", "Content-Length: 10",
    ] {
      #expect(request.contains("\r\n\(line)\r\n"), "\(line) in \(request)")
    }
  }

  @Test("reaches a hub whose address is written in capitals", arguments: ways)
  func capitals(way: HTTPTransport.Way) async throws {
    let hub = try CannedHub(.answer(body: "{}"))
    let line = try HTTPTransport(hub: hub.url.uppercased(), by: way)
    #expect(try await line.send(.greeting).status == 200)
  }

  @Test("sends no token before enrolment", arguments: ways)
  func noToken(way: HTTPTransport.Way) async throws {
    let hub = try CannedHub(.answer(body: "{}"))
    _ = try await hub.line(way).send(.greeting)
    let request = try #require(hub.requests.first)
    #expect(request.hasPrefix("GET /v1 HTTP/1.1\r\n"))
    #expect(!request.contains("Authorization"))
  }

  @Test(
    "calls a cut or garbled answer broken",
    arguments: [
      "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"a\":",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
      "220 mail.example ESMTP\r\n", "",
    ], ways)
  func broken(bytes: String, way: HTTPTransport.Way) async throws {
    let hub = try CannedHub(CannedHub.Reply(bytes: bytes, closes: true))
    let line = try hub.line(way)
    let error = await #expect(throws: TransportError.self) { try await line.send(.greeting) }
    #expect(error?.isBroken == true, "\(String(describing: error))")
  }

  @Test("hands over what had come of an answer when it was cut off", arguments: ways)
  func beginning(way: HTTPTransport.Way) async throws {
    let head = "HTTP/1.1 206 P\r\nContent-Length: 9\r\nContent-Range: bytes 0-8/20\r\n\r\n"
    let hub = try CannedHub(CannedHub.Reply(bytes: head + "linli", closes: true))
    let outcome = await (try hub.line(way)).carry(.greeting)
    guard case .failure = outcome.result else {
      Issue.record("the answer was not whole")
      return
    }
    #expect(outcome.beginning?.status == 206)
    #expect(outcome.beginning?.contentRange == "bytes 0-8/20")
    #expect(outcome.beginning?.body == Array("linli".utf8))
    let whole = try CannedHub(.answer(body: "{}"))
    #expect(await (try whole.line(way)).carry(.greeting).beginning == nil)
  }

  @Test("cannot reach a port where nobody listens", arguments: ways)
  func refused(way: HTTPTransport.Way) async throws {
    let socket = try LoopbackSocket()
    let line = try HTTPTransport(hub: "http://127.0.0.1:\(socket.port)", by: way)
    let error = await #expect(throws: TransportError.self) { try await line.send(.greeting) }
    guard case .unreachable = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test(
    "gives up a silent line, before the answer and within it",
    arguments: ["", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"], ways)
  func silence(bytes: String, way: HTTPTransport.Way) async throws {
    let hub = try CannedHub(CannedHub.Reply(bytes: bytes))
    let line = try HTTPTransport(hub: hub.url, idleTimeoutSeconds: 1, by: way)
    await #expect(throws: TransportError.timedOut) { try await line.send(.greeting) }
  }

  @Test("takes an answer as large as the limit", arguments: ways)
  func largest(way: HTTPTransport.Way) async throws {
    let hub = try CannedHub(.answer(body: String(repeating: "a", count: 100_000)))
    let line = try HTTPTransport(hub: hub.url, answerBytesMax: 100_000, by: way)
    #expect(try await line.send(.greeting).body.count == 100_000)
  }

  @Test(
    "calls a larger answer broken, announced or not",
    arguments: ["Content-Length: 100001\r\n\r\n", "\r\n"], ways)
  func tooLarge(headEnd: String, way: HTTPTransport.Way) async throws {
    let body = String(repeating: "a", count: 100_001)
    let hub = try CannedHub(
      CannedHub.Reply(bytes: "HTTP/1.1 200 OK\r\n" + headEnd + body, closes: true))
    let line = try HTTPTransport(hub: hub.url, answerBytesMax: 100_000, by: way)
    let error = await #expect(throws: TransportError.self) { try await line.send(.greeting) }
    #expect(error?.isBroken == true, "\(String(describing: error))")
  }

  @Test("sends one request after the other over the same connection", arguments: ways)
  func keepAlive(way: HTTPTransport.Way) async throws {
    let hub = try CannedHub(.answer(body: "{}"))
    let line = try hub.line(way)
    for _ in 0..<50 { #expect(try await line.send(.upload("{}")).status == 200) }
    #expect(hub.requests.count == 50)
    // URLSession has one pool for all tests: more than one if others push the connection out of it.
    #expect(hub.connections < 25)
  }

  @Test("replaces a connection that the hub closed meanwhile", arguments: ways)
  func staleConnection(way: HTTPTransport.Way) async throws {
    var reply = CannedHub.Reply.answer(body: "{}")
    reply.closes = true
    let hub = try CannedHub(reply)
    var endings = hub.endings.makeAsyncIterator()
    let line = try hub.line(way)
    for _ in 0..<5 {
      #expect(try await line.send(.upload("{}")).status == 200)
      await endings.next()
    }
    #expect(hub.connections == 5)
  }

  @Test("gives each of many concurrent requests its own answer", arguments: ways)
  func concurrent(way: HTTPTransport.Way) async throws {
    let hub = try CannedHub { request in
      .answer(body: request.split(separator: "\r\n\r\n").last.map(String.init) ?? "")
    }
    let line = try hub.line(way)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<20 {
        group.addTask {
          let answer = try await line.send(.upload("body \(number)"))
          #expect(answer.body == Array("body \(number)".utf8))
        }
      }
      try await group.waitForAll()
    }
    #expect(hub.requests.count == 20)
  }

  @Test("waits for an answer without work")
  func idleWait() async {
    await #expect(processExitsWith: .success) {
      let hub = try CannedHub(CannedHub.Reply(bytes: ""))
      let line = try HTTPTransport(hub: hub.url, idleTimeoutSeconds: 1)
      let before = clock()
      await #expect(throws: TransportError.timedOut) { try await line.send(.greeting) }
      let seconds = Double(clock() - before) / Double(CLOCKS_PER_SEC)
      #expect(seconds < 0.3, "of processor time in a second of silence")
    }
  }

  @Test("a cancelled task still gets its answer", arguments: ways)
  func cancelled(way: HTTPTransport.Way) async throws {
    let hub = try CannedHub(.answer(body: "{}"))
    let line = try hub.line(way)
    let task = Task { try await line.send(.greeting) }
    task.cancel()
    #expect(try await task.value.status == 200)
  }
}

extension CannedHub {
  fileprivate func line(
    _ way: HTTPTransport.Way, path: String = ""
  ) throws -> HTTPTransport {
    try HTTPTransport(hub: url + path, by: way)
  }
}

extension PeerRequest {
  fileprivate static let greeting = PeerRequest(method: "GET", path: "/v1")

  fileprivate static func upload(_ body: String) -> PeerRequest {
    PeerRequest(
      method: "POST", path: "/v1/sync", contentType: "application/json", token: "t0ken",
      body: Array(body.utf8))
  }
}

extension TransportError {
  fileprivate var isBroken: Bool {
    if case .broken = self { true } else { false }
  }
}
