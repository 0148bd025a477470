/// The head of an HTTP/1.x message, of either side, with what stands behind it.
struct LineHead: Sendable {
  /// The words of the first line, three at most.
  let words: [String]
  /// The fields by name in lower case; of several with one name the last.
  let fields: [String: String]
  /// How many bytes it has, with the empty line.
  let count: Int
  /// The bytes behind it.
  let rest: [UInt8]

  /// Reads the bytes of a message; nil where no whole head begins them.
  init?(_ bytes: [UInt8]) {
    let end = Array("\r\n\r\n".utf8)
    guard
      let headEnd = bytes.indices.dropLast(3).first(where: {
        bytes[$0] == 13 && bytes[$0..<$0 + 4].elementsEqual(end)
      })
    else { return nil }
    let lines = String(decoding: bytes[..<headEnd], as: UTF8.self)
      .split(separator: "\r\n", omittingEmptySubsequences: false)
    var fields: [String: String] = [:]
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { return nil }
      let value = line[line.index(after: colon)...].drop { $0 == " " }
      fields[line[..<colon].lowercased()] = String(value)
    }
    words = lines[0].split(separator: " ", maxSplits: 2).map(String.init)
    self.fields = fields
    count = headEnd + 4
    rest = Array(bytes[count...])
  }

  /// How long the body is by the head; nil where it does not say so.
  var length: Int? { fields["content-length"].flatMap { Int($0) }.map { max(0, $0) } }

  /// The chunks of the body joined, and whether the last one came; nil where it comes in one piece.
  var joinedChunks: (body: [UInt8], isWhole: Bool)? {
    guard fields["transfer-encoding"]?.lowercased() == "chunked" else { return nil }
    var body: [UInt8] = []
    var rest = rest[...]
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

extension [String: String] {
  /// The media type without parameters, in lower case; the keys are names of fields in lower case.
  var mediaType: String {
    String((self["content-type"] ?? "").lowercased().prefix { $0 != ";" && $0 != " " })
  }
}
