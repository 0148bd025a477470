import HTTP
import Testing

@Suite struct HTTPResponseTests {
  @Test("a problem document escapes what it repeats")
  func problem() {
    let problem = HTTPResponse.problem(status: 404, detail: "a \"b\" \\ \n 青")
    #expect(problem.status == 404)
    #expect(problem.headers.map(\.0) == ["Content-Type"])
    let text = String(decoding: problem.body, as: UTF8.self)
    let expected =
      #"{"type":"about:blank","title":"Not Found","status":404,"#
      + #""detail":"a \"b\" \\ \u000a 青"}"#
    #expect(text == expected)
  }

  @Test("fields go out as `Name: value`; 204 has no length and no body")
  func format() throws {
    let response = HTTPResponse(status: 204, headers: [("X-A", "1"), ("X-B", "")])
    let handler: @Sendable (HTTPRequest) -> HTTPResponse = { _ in response }
    try withServer(handler: handler) { server in
      let client = try TestClient(connectingTo: server.port)
      try client.send("GET / HTTP/1.0\n\n")
      #expect(
        String(decoding: try client.readToEnd(), as: UTF8.self)
          == "HTTP/1.1 204 No Content\r\nX-A: 1\r\nX-B: \r\nConnection: close\r\n\r\n")
    }
  }

  @Test("a response that breaks the protocol traps")
  func misuse() async {
    await #expect(processExitsWith: .trap) {
      try serve(HTTPResponse(status: 200, headers: [("X-A", "1\r\nX-B: 2")]))
    }
    await #expect(processExitsWith: .trap) {
      try serve(HTTPResponse(status: 200, headers: [("X A", "1")]))
    }
    await #expect(processExitsWith: .trap) {
      try serve(HTTPResponse(status: 200, headers: [("content-Length", "1")]))
    }
    await #expect(processExitsWith: .trap) { try serve(HTTPResponse(status: 100)) }
    await #expect(processExitsWith: .trap) { try serve(HTTPResponse(status: 304, body: [1])) }
  }
}

private func serve(_ response: HTTPResponse) throws {
  let handler: @Sendable (HTTPRequest) -> HTTPResponse = { _ in response }
  try withServer(handler: handler) { server in
    let client = try TestClient(connectingTo: server.port)
    try client.send("GET / HTTP/1.0\n\n")
    _ = try client.readToEnd()
  }
}
