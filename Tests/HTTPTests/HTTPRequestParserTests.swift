import HTTP
import Testing

private let good: [ParserCase] = [
  ParserCase("GET / HTTP/1.1\nHost: a\n\n", "GET []"),
  ParserCase("GET /v1 HTTP/1.1\nHOST:a:80\n\n", #"GET ["v1"]"#),
  ParserCase("\nGET /v1 HTTP/1.1\nHost: [::1]:80\n\n", #"GET ["v1"]"#),
  ParserCase(
    "GET /1 HTTP/1.1\nHost: a\n\n\nGET /2 HTTP/1.1\nHost: a\n\n\nGET /3 HTTP/1.0\n\n",
    #"GET ["1"]"#, #"GET ["2"]"#, #"GET ["3"]"#),
  ParserCase("GET /a%2Fb/%E9%9D%92/ HTTP/1.1\nHost:\n\n", #"GET ["a/b", "青", ""]"#),
  ParserCase("GET //x HTTP/1.1\nHost: a\n\n", #"GET ["", "x"]"#),
  ParserCase("GET http://hub.example/v1?x HTTP/1.1\nHost: a\n\n", #"GET ["v1"] ?x="#),
  ParserCase(
    "GET /s?a=1&b=%26+x&&c&=d&a=2= HTTP/1.1\nHost: a\n\n",
    #"GET ["s"] ?a=1 ?b=& x ?c= ?=d ?a=2="#),
  ParserCase("GET /?a=b?c/d HTTP/1.1\nHost: a\n\n", "GET [] ?a=b?c/d"),
  ParserCase("BREW /pot HTTP/1.1\nHost: a\n\n", #"BREW ["pot"]"#),
  ParserCase("GET / HTTP/1.0\n\n", "GET []"),
  ParserCase(
    "GET / HTTP/1.1\nHost: a\nX-Empty:\nX-Odd:\t a  b \t\nX-Zh: 青\nX-Odd: 2\n\n",
    "GET [] x-empty: x-odd:a  b x-zh:青 x-odd:2"),
  ParserCase(
    "POST /v1/sync HTTP/1.1\nHost: a\nContent-Length: 5\n\nhello",
    #"POST ["v1", "sync"] content-length:5 |hello"#),
  ParserCase(
    "PUT /x HTTP/1.1\nHost: a\nContent-Length: 0\n\nGET / HTTP/1.1\nHost: a\n\n",
    #"PUT ["x"] content-length:0"#, "GET []"),
  ParserCase(
    "POST / HTTP/1.0\nContent-Length: 002\n\nhi", "POST [] content-length:002 |hi"),
  ParserCase(
    "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: Chunked\n\n5\nhello\n00A ; x=\"y\"\n, world 12\n0\n\n",
    "POST [] transfer-encoding:Chunked |hello, world 12"),
  ParserCase(
    "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\n1\nx\n0\nX-Sum: 7\nX-Sum: 8\n\n"
      + "GET /next HTTP/1.1\nHost: a\n\n",
    "POST [] transfer-encoding:chunked |x", #"GET ["next"]"#),
  ParserCase(
    "POST / HTTP/1.1\nHost: a\nExpect: 100-Continue\nContent-Length: 2\n\nhi",
    "POST [] expect:100-Continue content-length:2 |hi"),
  ParserCase(
    "GET /1 HTTP/1.1\nHost: a\n\nGET /2 HTTP/1.1\nHost: a\n\nGET /3 HTTP/1.1\nHost: a\n\nGET",
    #"GET ["1"]"#, #"GET ["2"]"#, #"GET ["3"]"#),
]

private let badLine = "400 malformed request line"
private let badTarget = "400 malformed request target"
private let badName = "400 malformed header field name"
private let badValue = "400 malformed header field value"
private let badEnd = "400 line does not end with CR LF"
private let twice = "400 header field sent twice"

private let hostileLines: [ParserCase] = [
  ParserCase("\n\nGET / HTTP/1.1\nHost: a\n\n", badLine),
  ParserCase("GET /\n\n", badLine),
  ParserCase("GET  / HTTP/1.1\nHost: a\n\n", badLine),
  ParserCase("GET / HTTP/1.1 \nHost: a\n\n", badLine),
  ParserCase("GET /a b HTTP/1.1\nHost: a\n\n", badLine),
  ParserCase("GET / http/1.1\nHost: a\n\n", badLine),
  ParserCase("GET / HTTP/11\nHost: a\n\n", badLine),
  ParserCase("GET\t/\tHTTP/1.1\nHost: a\n\n", badLine),
  ParserCase("PRI * HTTP/2.0\n\nSM\n\n", "505 only HTTP/1.1 and HTTP/1.0 are spoken here"),
  ParserCase("GET / HTTP/1.2\n\n", "505 only HTTP/1.1 and HTTP/1.0 are spoken here"),
  ParserCase(" GET / HTTP/1.1\nHost: a\n\n", badLine),
  ParserCase("G(T / HTTP/1.1\nHost: a\n\n", "400 malformed method"),
  ParserCase(
    String(repeating: "M", count: 33) + " / HTTP/1.1\nHost: a\n\n", "400 malformed method"),
  ParserCase("GET * HTTP/1.1\nHost: a\n\n", badTarget),
  ParserCase("GET v1 HTTP/1.1\nHost: a\n\n", badTarget),
  ParserCase("CONNECT a:80 HTTP/1.1\nHost: a\n\n", badTarget),
  ParserCase("GET http:///v1 HTTP/1.1\nHost: a\n\n", badTarget),
  ParserCase("GET http://a HTTP/1.1\nHost: a\n\n", badTarget),
  ParserCase("GET /#x HTTP/1.1\nHost: a\n\n", badTarget),
  ParserCase("GET /青 HTTP/1.1\nHost: a\n\n", badTarget),
  ParserCase("GET /%4 HTTP/1.1\nHost: a\n\n", badTarget),
  ParserCase("GET /%zz HTTP/1.1\nHost: a\n\n", badTarget),
  ParserCase("GET /%ff HTTP/1.1\nHost: a\n\n", badTarget),
  ParserCase("GET /a%00 HTTP/1.1\nHost: a\n\n", badTarget),
  ParserCase("GET /a?b=%0d HTTP/1.1\nHost: a\n\n", badTarget),
  ParserCase("GET /a/../b HTTP/1.1\nHost: a\n\n", badTarget),
  ParserCase("GET /%2e%2E HTTP/1.1\nHost: a\n\n", badTarget),
  ParserCase(raw: Array("GET / HTTP/1.1\nHost: a\n\n".utf8), [badEnd]),
  ParserCase(raw: Array("GET / HTTP/1.1\r\r\nHost: a\r\n\r\n".utf8), [badLine]),
  ParserCase(raw: Array("GET / HTTP/1.1\r\nHost: a\r\nA: b\rc\r\n\r\n".utf8), [badValue]),
  ParserCase(raw: Array("GET / HTTP/1.1\r\nHost: a\r\n\n".utf8), [badEnd]),
  ParserCase("GET / HTTP/1.1\nHost: a\nA: 1\n 2\n\n", badName),
  ParserCase("GET / HTTP/1.1\n Host: a\n\n", badName),
  ParserCase("GET / HTTP/1.1\nHost : a\n\n", badName),
  ParserCase("GET / HTTP/1.1\nHost: a\n: x\n\n", badName),
  ParserCase("GET / HTTP/1.1\nHost: a\nno colon\n\n", badName),
  ParserCase("GET / HTTP/1.1\nHost: a\nA: \u{0}\n\n", badValue),
  ParserCase("GET / HTTP/1.1\nHost: a\nA: \u{7F}\n\n", badValue),
  ParserCase(
    raw: Array("GET / HTTP/1.1\r\nHost: a\r\nA: ".utf8) + [0xFF] + Array("\r\n\r\n".utf8),
    [badValue]),
]

private let hostileFraming: [ParserCase] = [
  ParserCase("GET / HTTP/1.1\n\n", "400 Host is missing"),
  ParserCase("GET / HTTP/1.1\nHost: a\nHost: a\n\n", twice),
  ParserCase("GET / HTTP/1.0\nHost: a\nHost: b\n\n", twice),
  ParserCase("GET / HTTP/1.1\nHost: a/b\n\n", "400 malformed Host"),
  ParserCase("GET / HTTP/1.1\nHost: a, b\n\n", "400 malformed Host"),
  ParserCase("GET / HTTP/1.1\nHost: u@a\n\n", "400 malformed Host"),
  ParserCase("GET / HTTP/1.1\nHost: a\nAuthorization: x\nauthorization: y\n\n", twice),
  ParserCase("PUT / HTTP/1.1\nHost: a\nContent-Length: 5\nContent-Length: 6\n\n", twice),
  ParserCase("PUT / HTTP/1.1\nHost: a\nContent-Length: 5\nContent-Length: 5\n\n", twice),
  ParserCase("PUT / HTTP/1.1\nHost: a\nContent-Length: 5, 5\n\n", "400 malformed Content-Length"),
  ParserCase("PUT / HTTP/1.1\nHost: a\nContent-Length: +5\n\n", "400 malformed Content-Length"),
  ParserCase("PUT / HTTP/1.1\nHost: a\nContent-Length: -5\n\n", "400 malformed Content-Length"),
  ParserCase("PUT / HTTP/1.1\nHost: a\nContent-Length:\n\n", "400 malformed Content-Length"),
  ParserCase("PUT / HTTP/1.1\nHost: a\nContent-Length: 0x5\n\n", "400 malformed Content-Length"),
  ParserCase(
    "PUT / HTTP/1.1\nHost: a\nContent-Length: 99999999999999999999\n\n", "413 body too large"),
  ParserCase("PUT / HTTP/1.1\nHost: a\nContent-Length: 2097153\n\n", "413 body too large"),
  ParserCase(
    "PUT / HTTP/1.1\nHost: a\nContent-Length: 5\nTransfer-Encoding: chunked\n\n",
    "400 ambiguous body length"),
  ParserCase("PUT / HTTP/1.0\nTransfer-Encoding: chunked\n\n", "400 ambiguous body length"),
  ParserCase(
    "PUT / HTTP/1.1\nHost: a\nTransfer-Encoding: gzip\n\n", "501 unknown transfer coding"),
  ParserCase(
    "PUT / HTTP/1.1\nHost: a\nTransfer-Encoding: gzip, chunked\n\n", "501 unknown transfer coding"),
  ParserCase(
    "PUT / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked, chunked\n\n",
    "501 unknown transfer coding"),
  ParserCase(
    "PUT / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\nTransfer-Encoding: identity\n\n", twice),
  ParserCase("PUT / HTTP/1.1\nHost: a\nExpect: 200-ok\n\n", "417 unknown expectation"),
]

private let chunkedHead = "PUT / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\n"
private let badSize = "400 malformed chunk size"
private let badChunkEnd = "400 chunk longer than its size"

private let hostileChunks: [ParserCase] = [
  ParserCase(chunkedHead + "\n", badSize),
  ParserCase(chunkedHead + "g\n", badSize),
  ParserCase(chunkedHead + "-1\n", badSize),
  ParserCase(chunkedHead + "0x1\nx\n0\n\n", badSize),
  ParserCase(chunkedHead + " 1\nx\n0\n\n", badSize),
  ParserCase(chunkedHead + "1 \nx\n0\n\n", badSize),
  ParserCase(chunkedHead + "1 2\nx\n0\n\n", badSize),
  ParserCase(chunkedHead + "000000001\nx\n0\n\n", badSize),
  ParserCase(chunkedHead + "1;\u{1}\nx\n0\n\n", badSize),
  ParserCase(chunkedHead + "1;" + String(repeating: "x", count: 300) + "\nx\n0\n\n", badSize),
  ParserCase(chunkedHead + "1\nxy\n0\n\n", badChunkEnd),
  ParserCase(chunkedHead + "1\nx0\n\n", badChunkEnd),
  ParserCase(chunkedHead + "FFFFFFFF\n", "413 body too large"),
  ParserCase(chunkedHead + "200000\n" + "x", []),
  ParserCase(chunkedHead + "1\nx\n200000\n", "413 body too large"),
  ParserCase(chunkedHead + "0\nX: 1\n 2\n\n", badName),
  ParserCase(raw: Array("\(ParserCase(chunkedHead).text)1\nx\r\n0\r\n\r\n".utf8), [badEnd]),
  ParserCase(raw: Array("\(ParserCase(chunkedHead).text)1\r\nx\n0\r\n\r\n".utf8), [badEnd]),
]

extension ParserCase {
  fileprivate init(_ head: String, _ expected: [String]) {
    self.init(raw: ParserCase(head).bytes, expected)
  }

  fileprivate var text: String { String(decoding: bytes, as: UTF8.self) }
}

@Suite struct HTTPRequestParserTests {
  @Test(
    "makes the same of a request, whole, byte by byte, and split anywhere",
    arguments: good + hostileLines + hostileFraming + hostileChunks)
  func split(example: ParserCase) {
    #expect(outcomes(of: [example.bytes]) == example.expected)
    #expect(outcomes(of: bytewise(example.bytes)) == example.expected)
    for seed in UInt64(1)...10 {
      #expect(
        outcomes(of: randomlySplit(example.bytes, seed: seed)) == example.expected,
        "split seed \(seed)")
    }
  }

  @Test("says the same of damaged requests however they are split", arguments: 1...100)
  func damaged(seed: Int) throws {
    var generator = SeededGenerator(seed: UInt64(seed))
    for example in good {
      var bytes = example.bytes
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        let offset = Int.random(in: 0..<bytes.count, using: &generator)
        switch Int.random(in: 0..<3, using: &generator) {
        case 0: bytes[offset] = UInt8.random(in: 0...255, using: &generator)
        case 1: bytes.remove(at: offset)
        default: bytes.insert(bytes[bytes.count - 1 - offset], at: offset)
        }
      }
      let whole = outcomes(of: [bytes])
      #expect(outcomes(of: bytewise(bytes)) == whole)
      #expect(outcomes(of: randomlySplit(bytes, seed: UInt64(seed))) == whole)
    }
  }

  @Test("refuses a target, a head, or a field count above its limit and takes one at it")
  func limits() {
    var limits = HTTPLimits(bodyBytesMax: 4)
    limits.targetBytesMax = 10
    limits.headBytesMax = 100
    limits.headersMax = 3
    func firstLine(_ text: String) -> String? {
      let bytes = ParserCase(text).bytes
      let whole = outcomes(of: [bytes], limits: limits)
      #expect(outcomes(of: bytewise(bytes), limits: limits) == whole)
      return whole.first?.split(separator: " ").first.map(String.init)
    }
    func padded(_ count: Int) -> String { String(repeating: "x", count: count) }

    #expect(firstLine("GET /\(padded(9)) HTTP/1.0\n\n") == "GET")
    #expect(firstLine("GET /\(padded(10)) HTTP/1.0\n\n") == "414")
    #expect(firstLine("GET /\(padded(90))") == "414")
    #expect(firstLine("GET / HTTP/1.0\nA: \(padded(77))\n\n") == "GET")
    #expect(firstLine("GET / HTTP/1.0\nA: \(padded(78))\n\n") == "431")
    #expect(firstLine("GET / HTTP/1.0\nA: \(padded(200))") == "431")
    #expect(firstLine("GET / HTTP/1.0\nA: 1\nA: 2\nA: 3\n\n") == "GET")
    #expect(firstLine("GET / HTTP/1.0\nA: 1\nA: 2\nA: 3\nA: 4\n\n") == "431")
    #expect(firstLine("PUT / HTTP/1.0\nContent-Length: 4\n\nabcd") == "PUT")
    #expect(firstLine("PUT / HTTP/1.0\nContent-Length: 5\n\nabcde") == "413")
    let chunked = "PUT / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\n"
    #expect(firstLine(chunked + "2\nab\n2\ncd\n0\n\n") == "PUT")
    #expect(firstLine(chunked + "2\nab\n3\ncde\n0\n\n") == "413")
    #expect(firstLine(chunked + "0\nA: 1\nA: 2\nA: 3\n\n") == "PUT")
    #expect(firstLine(chunked + "0\nA: 1\nA: 2\nA: 3\nA: 4\n\n") == "431")
    #expect(firstLine(chunked + "0\nA: \(padded(93))\n\n") == "PUT")
    #expect(firstLine(chunked + "0\nA: \(padded(94))\n\n") == "431")
  }

  @Test("asks for the body once when the client waits for it, and only then")
  func expectsContinue() {
    func kinds(_ text: String) -> [String] {
      var parser = HTTPRequestParser(limits: HTTPLimits())
      var kinds: [String] = []
      var outcome = parser.feed(ParserCase(text).bytes.span)
      while kinds.count < 9 {
        switch outcome {
        case .needMore: return kinds + ["more"]
        case .expectsContinue: kinds.append("continue")
        case .request: kinds.append("request")
        case .failed: return kinds + ["failed"]
        }
        outcome = parser.next()
      }
      return kinds
    }
    let head = "PUT / HTTP/1.1\nHost: a\nExpect: 100-continue\n"
    #expect(kinds(head + "Content-Length: 2\n\n") == ["continue", "more"])
    #expect(kinds(head + "Transfer-Encoding: chunked\n\n") == ["continue", "more"])
    #expect(kinds(head + "Content-Length: 2\n\nh") == ["more"])
    #expect(kinds(head + "Content-Length: 2\n\nhi") == ["request", "more"])
    #expect(kinds(head + "\n") == ["request", "more"])
    #expect(kinds(head + "Content-Length: 9999999\n\n") == ["failed"])
    #expect(
      kinds("PUT / HTTP/1.0\nExpect: 100-continue\nContent-Length: 2\n\n") == ["more"])
  }

  @Test("knows what the connection waits for")
  func stage() {
    var parser = HTTPRequestParser(limits: HTTPLimits())
    let steps: [(String, HTTPRequestParser.Stage)] = [
      ("", .idle), ("\n", .idle), ("PUT", .head), (" / HTTP/1.0\n", .head),
      ("Content-Length: 4\n", .head), ("\n", .body), ("abc", .body), ("dG", .head),
    ]
    for (text, stage) in steps {
      if case .request = parser.feed(ParserCase(text).bytes.span) { _ = parser.next() }
      #expect(parser.stage == stage, "after \(text)")
    }
    #expect(parser.heldBytes == 1)
  }

  @Test("finds headers in any case and query items by name")
  func lookUp() throws {
    let request = try HTTPRequest(
      method: "GET", target: "/v1/x?a=1&a=2&b", headers: [("X-A", "1"), ("x-a", "2")])
    #expect(request.header("x-A") == "1")
    #expect(request.header("x-b") == nil)
    #expect(request.queryValue("a") == "1")
    #expect(request.queryValue("b")?.isEmpty == true)
    #expect(request.queryValue("c") == nil)
    #expect(request.path == "/v1/x")
    #expect(request.target == "/v1/x?a=1&a=2&b")
    #expect(throws: HTTPRefusal.self) { try HTTPRequest(method: "GET", target: "x") }
  }
}
