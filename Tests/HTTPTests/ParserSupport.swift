import HTTP
import Testing

/// A seeded generator (SplitMix64), so that a failing case replays.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64
  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }
}

/// One line per request, or the status and reason of the refusal that ends the bytes.
func outcomes(of pieces: [[UInt8]], limits: HTTPLimits = HTTPLimits()) -> [String] {
  var parser = HTTPRequestParser(limits: limits)
  var lines: [String] = []
  for piece in pieces {
    var outcome = parser.feed(piece.span)
    drain: while true {
      switch outcome {
      case .needMore: break drain
      case .expectsContinue: break
      case .request(let request): lines.append(summary(of: request))
      case .failed(let refusal): return lines + ["\(refusal.status) \(refusal.reason)"]
      }
      outcome = parser.next()
    }
  }
  return lines
}

func summary(of request: HTTPRequest) -> String {
  let query = request.query.map { " ?\($0.name)=\($0.value)" }.joined()
  let headers = request.headers.filter { $0.name != "host" }
    .map { " \($0.name):\($0.value)" }.joined()
  let body = request.body.isEmpty ? "" : " |" + String(decoding: request.body, as: UTF8.self)
  return "\(request.method) \(request.pathComponents)\(query)\(headers)\(body)"
}

func bytewise(_ bytes: [UInt8]) -> [[UInt8]] { bytes.map { [$0] } }

func randomlySplit(_ bytes: [UInt8], seed: UInt64) -> [[UInt8]] {
  var generator = SeededGenerator(seed: seed)
  var pieces: [[UInt8]] = []
  var start = 0
  while start < bytes.count {
    let end = min(bytes.count, start + Int.random(in: 1...40, using: &generator))
    pieces.append(Array(bytes[start..<end]))
    start = end
  }
  return pieces
}

/// Bytes on the wire, and what the parser must make of them.
struct ParserCase: Sendable, CustomTestStringConvertible {
  let bytes: [UInt8]
  let expected: [String]

  /// `head` gets its line ends here: each "\n" becomes CR LF.
  init(_ head: String, _ expected: String...) {
    self.init(raw: Array(head.utf8.flatMap { $0 == 10 ? [13, 10] : [$0] }), expected)
  }

  init(raw bytes: [UInt8], _ expected: [String]) {
    self.bytes = bytes
    self.expected = expected
  }

  var testDescription: String {
    String(String(decoding: bytes, as: UTF8.self).map { $0.isNewline ? "⏎" : $0 }.prefix(80))
  }
}
