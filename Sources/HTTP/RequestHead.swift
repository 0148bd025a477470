/// A request line with its header fields, while they arrive and when they are judged as a whole.
struct RequestHead {
  /// How the end of the body is found.
  enum Framing: Equatable {
    case length(Int)
    case chunked
  }

  let line: RequestLine
  private(set) var fields: [(name: String, value: String)] = []

  init(line: RequestLine) { self.line = line }

  /// Fields of which two would leave it open which one counts.
  private static let single: Set<String> = [
    "host", "content-length", "transfer-encoding", "content-type", "authorization", "expect",
  ]

  mutating func add(
    _ field: (name: String, value: String), max: Int
  ) throws(HTTPRefusal) {
    guard fields.count < max else { throw .tooManyFields }
    guard !Self.single.contains(field.name) || value(of: field.name) == nil
    else { throw HTTPRefusal(400, "header field sent twice") }
    fields.append(field)
  }

  /// Checks the fields together and finds out how the body is framed.
  ///
  /// A body framed in two ways is how one request is smuggled inside another (RFC 9112 §6.1, §11.2).
  func framing(bodyBytesMax: Int) throws(HTTPRefusal) -> Framing {
    try checkHost()
    if let expectation = value(of: "expect"), expectation.lowercased() != "100-continue" {
      throw HTTPRefusal(417, "unknown expectation")
    }
    let length = value(of: "content-length")
    guard let coding = value(of: "transfer-encoding") else {
      guard let length else { return .length(0) }
      return .length(try parseContentLength(length, max: bodyBytesMax))
    }
    guard length == nil, line.version == .http11
    else { throw HTTPRefusal(400, "ambiguous body length") }
    guard coding.lowercased() == "chunked"
    else { throw HTTPRefusal(501, "unknown transfer coding") }
    return .chunked
  }

  /// True if the client waits for an interim answer before it sends the body.
  var expectsContinue: Bool { line.version == .http11 && value(of: "expect") != nil }

  func request(body: [UInt8]) -> HTTPRequest {
    HTTPRequest(
      method: line.method, target: line.target, version: line.version, headers: fields, body: body)
  }

  private func checkHost() throws(HTTPRefusal) {
    guard let host = value(of: "host") else {
      guard line.version == .http10 else { throw HTTPRefusal(400, "Host is missing") }
      return
    }
    guard host.utf8.allSatisfy(isHostByte) else { throw HTTPRefusal(400, "malformed Host") }
  }

  private func value(of name: String) -> String? { fields.first { $0.name == name }?.value }
}
