// The grammar of single lines (RFC 9112 §2–7). A line arrives here without its CR LF; every
// function is pure and refuses what it does not know.

let carriageReturn = UInt8(ascii: "\r")
let lineFeed = UInt8(ascii: "\n")
let space = UInt8(ascii: " ")
let tab = UInt8(ascii: "\t")

// token := 1*(letter | digit | one of !#$%&'*+-.^_`|~)
func isTokenByte(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
    UInt8(ascii: "0")...UInt8(ascii: "9"):
    true
  case UInt8(ascii: "!"), UInt8(ascii: "#")...UInt8(ascii: "'"), UInt8(ascii: "*"),
    UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "^"),
    UInt8(ascii: "_"), UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"):
    true
  default: false
  }
}

/// True for what a host name, an address in brackets, and a port are made of.
func isHostByte(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: ":"), UInt8(ascii: "["), UInt8(ascii: "]"): true
  case UInt8(ascii: "#"): false
  default: isTokenByte(byte)
  }
}

/// True for what a field value may hold: no control byte but the tab.
func isFieldByte(_ byte: UInt8) -> Bool { byte >= space && byte != 0x7F || byte == tab }

func isBlank(_ byte: UInt8) -> Bool { byte == space || byte == tab }

func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

func hexValue(_ byte: UInt8) -> UInt8? {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
  case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
  case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
  default: nil
  }
}

extension Span<UInt8> {
  func firstOffset(from start: Int = 0, where matches: (UInt8) -> Bool) -> Int? {
    var offset = start
    while offset < count {
      if matches(self[offset]) { return offset }
      offset += 1
    }
    return nil
  }

  func allSatisfy(_ isGood: (UInt8) -> Bool) -> Bool { firstOffset { !isGood($0) } == nil }

  func equals(_ text: StaticString) -> Bool {
    text.withUTF8Buffer { utf8 in
      utf8.count == count && indices.allSatisfy { self[$0] == utf8[$0] }
    }
  }

  /// The text of these bytes, or nil if they are not UTF-8.
  var text: String? {
    guard let utf8 = try? UTF8Span(validating: self) else { return nil }
    return String(copying: utf8)
  }
}

struct RequestLine {
  static let methodBytesMax = 32

  let method: String
  let target: RequestTarget
  let version: HTTPVersion

  // request-line := method SP target SP "HTTP/" DIGIT "." DIGIT
  init(_ line: Span<UInt8>, targetBytesMax: Int) throws(HTTPRefusal) {
    guard let methodEnd = line.firstOffset(where: { $0 == space }),
      let targetEnd = line.firstOffset(from: methodEnd + 1, where: { $0 == space })
    else { throw HTTPRefusal(400, "malformed request line") }
    version = try Self.version(line.extracting((targetEnd + 1)...))
    let method = line.extracting(..<methodEnd)
    guard (1...Self.methodBytesMax).contains(method.count), method.allSatisfy(isTokenByte),
      let method = method.text
    else { throw HTTPRefusal(400, "malformed method") }
    let target = line.extracting((methodEnd + 1)..<targetEnd)
    guard target.count <= targetBytesMax else { throw .targetTooLong }
    self.method = method
    self.target = try RequestTarget(target)
  }

  private static func version(_ text: Span<UInt8>) throws(HTTPRefusal) -> HTTPVersion {
    if text.equals("HTTP/1.1") { return .http11 }
    if text.equals("HTTP/1.0") { return .http10 }
    let isVersion =
      text.count == 8 && text.extracting(..<5).equals("HTTP/") && isDigit(text[5])
      && text[6] == UInt8(ascii: ".") && isDigit(text[7])
    throw isVersion
      ? HTTPRefusal(505, "only HTTP/1.1 and HTTP/1.0 are spoken here")
      : HTTPRefusal(400, "malformed request line")
  }
}

extension HTTPRefusal {
  static let targetTooLong = HTTPRefusal(414, "request target too long")
  static let headTooLarge = HTTPRefusal(431, "header fields too large")
  static let tooManyFields = HTTPRefusal(431, "too many header fields")
  static let bodyTooLarge = HTTPRefusal(413, "body too large")
  static let badChunkSize = HTTPRefusal(400, "malformed chunk size")
}

// field := token ":" OWS value OWS      (a blank before the name is obs-fold, before ":" an attack)
func parseField(_ line: Span<UInt8>) throws(HTTPRefusal) -> (name: String, value: String) {
  guard let colon = line.firstOffset(where: { $0 == UInt8(ascii: ":") }), colon > 0,
    line.extracting(..<colon).allSatisfy(isTokenByte),
    let name = line.extracting(..<colon).text
  else { throw HTTPRefusal(400, "malformed header field name") }
  var (start, end) = (colon + 1, line.count)
  while start < end, isBlank(line[start]) { start += 1 }
  while end > start, isBlank(line[end - 1]) { end -= 1 }
  let bytes = line.extracting(start..<end)
  guard bytes.allSatisfy(isFieldByte), let value = bytes.text
  else { throw HTTPRefusal(400, "malformed header field value") }
  return (name.lowercased(), value)
}

// chunk-head := 1*8HEXDIG [*blank ";" anything without control bytes]
func parseChunkSize(_ line: Span<UInt8>) throws(HTTPRefusal) -> Int {
  let digits = line.firstOffset(where: { hexValue($0) == nil }) ?? line.count
  guard (1...8).contains(digits) else { throw .badChunkSize }
  let extensionStart = line.firstOffset(from: digits, where: { !isBlank($0) }) ?? line.count
  let hasExtension = extensionStart < line.count && line[extensionStart] == UInt8(ascii: ";")
  guard digits == line.count || hasExtension,
    line.extracting(extensionStart...).allSatisfy(isFieldByte)
  else { throw .badChunkSize }
  var size = 0
  for offset in 0..<digits { size = size << 4 | Int(hexValue(line[offset]) ?? 0) }
  return size
}

// content-length := 1*DIGIT
func parseContentLength(_ text: String, max: Int) throws(HTTPRefusal) -> Int {
  guard !text.isEmpty, text.utf8.allSatisfy(isDigit)
  else { throw HTTPRefusal(400, "malformed Content-Length") }
  guard let length = Int(text), length <= max else { throw .bodyTooLarge }
  return length
}
