import Peer

/// Reads one HTTP/1.1 answer (RFC 9112) from a source of bytes.
///
/// It takes no compression, as none is asked for, and looks at each byte once.
struct AnswerReader {
  private static let headBytesMax = 64 << 10

  private let bodyBytesMax: Int
  /// Waits for the next bytes; empty at the end of the connection.
  private let more: () throws(TransportError) -> [UInt8]
  private var buffer: [UInt8] = []
  /// The first byte of the buffer that is not used yet.
  private var start = 0
  private var headBytesLeft = headBytesMax
  private var closes = false
  /// What has come of an answer whose length was announced: its head, and its body so far.
  private(set) var beginning: PeerResponse?

  init(bodyBytesMax: Int, more: @escaping () throws(TransportError) -> [UInt8]) {
    self.bodyBytesMax = bodyBytesMax
    self.more = more
  }

  /// Whether the connection may carry another request, after ``answer()``.
  var mayGoOn: Bool { !closes && start == buffer.count }

  /// Reads the whole answer.
  ///
  /// - Throws: ``TransportError/broken(_:)``, and what the source throws.
  mutating func answer() throws(TransportError) -> PeerResponse {
    var head = try head()
    while 100..<200 ~= head.status { head = try self.head() }  // the true answer follows
    closes = head.isOld || head["connection"]?.lowercased() == "close"
    var answer = PeerResponse(
      status: head.status, contentType: head.contentType, retryAfter: head.retryAfter, body: [])
    answer.contentRange = head["content-range"]
    try takeBody(of: head, into: &answer)
    return answer
  }

  private mutating func head() throws(TransportError) -> AnswerHead {
    guard var head = AnswerHead(statusLine: try line()) else {
      throw .broken("the answer is not HTTP")
    }
    while case let line = try line(), !line.isEmpty {
      guard head.add(line) else { throw .broken("the answer's head is not HTTP") }
    }
    return head
  }

  // RFC 9112 §6.3
  private mutating func takeBody(
    of head: AnswerHead, into answer: inout PeerResponse
  ) throws(TransportError) {
    if head.status == 204 || head.status == 304 { return }
    if let coding = head["transfer-encoding"] {
      guard coding.lowercased() == "chunked", head["content-length"] == nil else {
        throw .broken("the answer's length is not clear")
      }
      answer.body = try chunks()
      return
    }
    guard let length = head["content-length"] else {
      closes = true
      answer.body = try rest()
      return
    }
    guard length.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }),
      let count = Int(length)
    else { throw .broken("the answer's length is not a number") }
    guard count <= bodyBytesMax else { throw tooLarge }
    do throws(TransportError) {
      try take(count, to: &answer.body)
    } catch {
      beginning = answer
      throw error
    }
  }

  private mutating func chunks() throws(TransportError) -> [UInt8] {
    var body: [UInt8] = []
    while true {
      let size = try line().prefix { $0 != ";" }.trimmingBlanks
      guard size.utf8.count <= 8, size.allSatisfy(\.isHexDigit), let count = Int(size, radix: 16)
      else {
        throw .broken("a part of the answer has no length")
      }
      if count == 0 { break }
      guard count <= bodyBytesMax - body.count else { throw tooLarge }
      try take(count, to: &body)
      guard try line().isEmpty else {
        throw .broken("a part of the answer is longer than its length")
      }
    }
    while try !line().isEmpty {}  // trailer fields
    return body
  }

  /// All up to the end of the connection.
  private mutating func rest() throws(TransportError) -> [UInt8] {
    var body = Array(buffer[start...])
    start = buffer.count
    while body.count <= bodyBytesMax {
      let bytes = try more()
      if bytes.isEmpty { return body }
      body += bytes
    }
    throw tooLarge
  }

  private mutating func take(_ count: Int, to body: inout [UInt8]) throws(TransportError) {
    var missing = count
    while true {
      let bytes = buffer[start...].prefix(missing)
      body += bytes
      start += bytes.count
      missing -= bytes.count
      if missing == 0 { return }
      try fill()
    }
  }

  /// Uses up a line of the head and returns it without its end.
  private mutating func line() throws(TransportError) -> String {
    var line: [UInt8] = []
    while true {
      let bytes = buffer[start...].prefix { $0 != UInt8(ascii: "\n") }
      line += bytes
      let isWhole = start + bytes.count < buffer.count
      start += bytes.count + (isWhole ? 1 : 0)
      headBytesLeft -= bytes.count + 1
      guard headBytesLeft >= 0 else { throw .broken("the answer's head is too long") }
      if isWhole { break }
      try fill()
    }
    if line.last == UInt8(ascii: "\r") { line.removeLast() }
    return String(decoding: line, as: UTF8.self)
  }

  /// Replaces the used-up buffer.
  private mutating func fill() throws(TransportError) {
    buffer = try more()
    start = 0
    if buffer.isEmpty { throw .broken("the answer was cut off") }
  }

  private var tooLarge: TransportError {
    .broken("the answer is larger than \(bodyBytesMax) bytes")
  }
}

/// The status line and the fields of an answer.
private struct AnswerHead {
  let status: Int
  /// Whether it is HTTP/1.0, which ends the connection behind the answer.
  let isOld: Bool
  private var fields: [String: String] = [:]

  /// Nil for what is not `HTTP/1.x SSS …`.
  init?(statusLine: String) {
    let parts = statusLine.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count >= 2, parts[0] == "HTTP/1.1" || parts[0] == "HTTP/1.0",
      parts[1].utf8.count == 3, let status = Int(parts[1]), status >= 100
    else { return nil }
    self.status = status
    isOld = parts[0] == "HTTP/1.0"
  }

  subscript(name: String) -> String? { fields[name] }

  /// Takes a field; false for what is none, or one of two that say different things.
  mutating func add(_ line: String) -> Bool {
    guard let colon = line.firstIndex(of: ":"), colon > line.startIndex else { return false }
    let (name, value) = (
      line[..<colon].lowercased(), line[line.index(after: colon)...].trimmingBlanks
    )
    if let known = fields[name], ["content-length", "transfer-encoding"].contains(name) {
      return known == value
    }
    fields[name] = value
    return true
  }

  /// The media type without parameters.
  var contentType: String {
    (fields["content-type"] ?? "").prefix { $0 != ";" }.trimmingBlanks.lowercased()
  }

  /// Seconds; nil for a date, which nobody needs.
  var retryAfter: Int? { fields["retry-after"].flatMap { UInt32($0) }.map(Int.init) }
}

extension Substring {
  /// Without the blanks at both ends.
  fileprivate var trimmingBlanks: String {
    let inner = drop { $0 == " " || $0 == "\t" }
    return String(inner.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
  }
}
