/// An HTTP answer, read from all bytes that came before the hub closed the connection.
struct LineAnswer: Sendable {
  /// The status.
  let status: Int
  /// The fields by name in lower case; of several with one name the last.
  let fields: [String: String]
  /// The body, as far as it came.
  let body: [UInt8]
  /// Whether the body is as long as the head says.
  let isWhole: Bool
  /// How many bytes the head has, with the empty line.
  let headBytes: Int

  /// Reads the bytes; nil for what is not an HTTP/1.x answer with a whole head.
  init?(_ bytes: [UInt8]) {
    let end = Array("\r\n\r\n".utf8)
    guard
      let headEnd = bytes.indices.dropLast(3).first(where: {
        bytes[$0] == 13 && bytes[$0..<$0 + 4].elementsEqual(end)
      })
    else { return nil }
    let lines = String(decoding: bytes[..<headEnd], as: UTF8.self)
      .split(separator: "\r\n", omittingEmptySubsequences: false)
    let words = lines[0].split(separator: " ", maxSplits: 2)
    guard words.count >= 2, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]) else {
      return nil
    }
    var fields: [String: String] = [:]
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { return nil }
      let value = line[line.index(after: colon)...].drop { $0 == " " }
      fields[line[..<colon].lowercased()] = String(value)
    }
    headBytes = headEnd + 4
    let rest = Array(bytes[headBytes...])
    self.status = status
    self.fields = fields
    if fields["transfer-encoding"]?.lowercased() == "chunked" {
      (body, isWhole) = Self.joined(rest)
    } else if let length = fields["content-length"].flatMap({ Int($0) }), length >= 0 {
      body = Array(rest.prefix(length))
      isWhole = rest.count >= length
    } else {
      (body, isWhole) = (rest, true)
    }
  }

  /// The media type without parameters, in lower case.
  var mediaType: String {
    String((fields["content-type"] ?? "").lowercased().prefix { $0 != ";" && $0 != " " })
  }

  /// The body behind a request's head with these fields; nil while it is not whole.
  static func body(_ rest: [UInt8], _ fields: [String: String]) -> [UInt8]? {
    if fields["transfer-encoding"]?.lowercased() == "chunked" {
      let (body, isWhole) = joined(rest)
      return isWhole ? body : nil
    }
    let length = fields["content-length"].flatMap { Int($0) } ?? 0
    return rest.count >= length ? Array(rest.prefix(max(0, length))) : nil
  }

  /// The chunks of a body joined, and whether the last one came.
  private static func joined(_ bytes: [UInt8]) -> ([UInt8], Bool) {
    var body: [UInt8] = []
    var rest = bytes[...]
    while let lineEnd = rest.firstIndex(of: 10) {
      let size = String(decoding: rest[..<lineEnd].prefix { $0 != 59 && $0 != 13 }, as: UTF8.self)
      guard let count = Int(size, radix: 16), count >= 0 else { return (body, false) }
      rest = rest[(lineEnd + 1)...]
      if count == 0 { return (body, true) }
      guard rest.count - 2 >= count else { return (body + rest, false) }
      body += rest.prefix(count)
      rest = rest.dropFirst(count + 2)
    }
    return (body, false)
  }
}
