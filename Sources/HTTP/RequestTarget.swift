/// What a request asks for: the path and the query, as sent and decoded.
struct RequestTarget: Sendable {
  let raw: String
  let path: String
  let components: [String]
  let query: [(name: String, value: String)]

  // target := ["http://" authority] "/" path ["?" query], all visible ASCII, no "#"
  init(_ bytes: Span<UInt8>) throws(HTTPRefusal) {
    guard bytes.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "#") }),
      let raw = bytes.text
    else { throw .badTarget }
    let start = try Self.pathStart(bytes)
    let pathEnd = bytes.firstOffset(from: start, where: { $0 == questionMark }) ?? bytes.count
    let path = bytes.extracting(start..<pathEnd)
    let query = bytes.extracting(min(pathEnd + 1, bytes.count)...)
    self.raw = raw
    self.path = path.text ?? ""
    components = try Self.components(path)
    self.query = try Self.items(query)
  }

  /// Skips the authority of the absolute form, which servers must accept (RFC 9112 §3.2.2).
  private static func pathStart(_ bytes: Span<UInt8>) throws(HTTPRefusal) -> Int {
    let scheme = 7
    var start = 0
    if bytes.count > scheme, bytes.extracting(..<scheme).equals("http://") {
      start = bytes.firstOffset(from: scheme, where: { $0 == slash }) ?? bytes.count
      guard start > scheme else { throw .badTarget }
    }
    guard start < bytes.count, bytes[start] == slash else { throw .badTarget }
    return start
  }

  private static func components(_ path: Span<UInt8>) throws(HTTPRefusal) -> [String] {
    guard path.count > 1 else { return [] }
    var components: [String] = []
    var start = 1
    while start <= path.count {
      let end = path.firstOffset(from: start, where: { $0 == slash }) ?? path.count
      let component = try percentDecoded(path.extracting(start..<end), plusIsSpace: false)
      guard component != ".", component != ".." else { throw .badTarget }
      components.append(component)
      start = end + 1
    }
    return components
  }

  // query := item *("&" item);  item := name ["=" value], encoded as HTML forms do: "+" is a space
  private static func items(
    _ query: Span<UInt8>
  ) throws(HTTPRefusal) -> [(name: String, value: String)] {
    var items: [(name: String, value: String)] = []
    var start = 0
    while start < query.count {
      let end = query.firstOffset(from: start, where: { $0 == UInt8(ascii: "&") }) ?? query.count
      let item = query.extracting(start..<end)
      start = end + 1
      guard !item.isEmpty else { continue }
      let nameEnd = item.firstOffset(where: { $0 == UInt8(ascii: "=") }) ?? item.count
      let value = item.extracting(min(nameEnd + 1, item.count)...)
      items.append(
        (
          name: try percentDecoded(item.extracting(..<nameEnd), plusIsSpace: true),
          value: try percentDecoded(value, plusIsSpace: true)
        ))
    }
    return items
  }
}

private let slash = UInt8(ascii: "/")
private let questionMark = UInt8(ascii: "?")

extension HTTPRefusal {
  static let badTarget = HTTPRefusal(400, "malformed request target")
}

private func percentDecoded(
  _ bytes: Span<UInt8>, plusIsSpace: Bool
) throws(HTTPRefusal) -> String {
  var decoded: [UInt8] = []
  decoded.reserveCapacity(bytes.count)
  var offset = 0
  while offset < bytes.count {
    switch bytes[offset] {
    case UInt8(ascii: "%"):
      guard offset + 2 < bytes.count, let high = hexValue(bytes[offset + 1]),
        let low = hexValue(bytes[offset + 2])
      else { throw .badTarget }
      decoded.append(high << 4 | low)
      offset += 3
    case UInt8(ascii: "+") where plusIsSpace:
      decoded.append(space)
      offset += 1
    case let byte:
      decoded.append(byte)
      offset += 1
    }
  }
  guard decoded.allSatisfy({ $0 >= space && $0 != 0x7F }), let text = decoded.span.text
  else { throw .badTarget }
  return text
}
