import Foundation
import Hub
import Office
import OpLog
import Testing
import Wire

@Suite struct BundleDocumentTests {
  /// `LINLI_RECORD=1 swift test --filter BundleDocumentTests` writes the example anew.
  @Test("Protocol/bundle.md shows a bundle and its receipt file, byte for byte")
  func example() throws {
    let street = try Street()
    let (office, staff) = try street.office(code: "ONE")
    try street.sync(office)
    try street.record("resident.register", ["name": "刘小娥"], at: office, by: staff[0])
    let secret = try #require(street.key.secret(of: office.replica))
    let bundle = try office.exportBundle(now: street.now).bytes
    street.now += 86_400_000
    let receipt = try street.carry(bundle).receipt
    let text = try """

    The office's secret is `\(Hex.encode(secret))`.

    \(Self.table(of: bundle, secret))

    A day later the hub answers:

    \(Self.table(of: receipt, secret))

    """
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Protocol/bundle.md")
    let page = try String(contentsOf: file, encoding: .utf8)
    let begin = try #require(page.range(of: "<!-- example begins -->\n"))
    let end = try #require(page.range(of: "<!-- example ends -->"))
    if ProcessInfo.processInfo.environment["LINLI_RECORD"] == "1" {
      let new = page.replacingCharacters(in: begin.upperBound..<end.lowerBound, with: text)
      try new.write(to: file, atomically: true, encoding: .utf8)
    } else {
      #expect(String(page[begin.upperBound..<end.lowerBound]) == text)
    }
  }

  /// Each frame of a file: its tag, its length, and what is in it.
  private static func table(of bytes: [UInt8], _ secret: [UInt8]) throws -> String {
    let file = try BundleFile(decoding: bytes)
    var lines = [
      "| tag | length | content |", "|---|---|---|",
      "| | | `\(Hex.encode(Array(bytes.prefix(13))))`: the magic and the version |",
    ]
    var (offset, box) = (13, 0)
    while offset < bytes.count {
      let length = bytes[offset + 1..<offset + 5].reduce(0) { $0 << 8 | Int($1) }
      let content = Array(bytes[offset + 5..<offset + 5 + length])
      let json = { (bytes: [UInt8]) in "`\(String(decoding: bytes, as: UTF8.self))`" }
      let shown: String
      switch bytes[offset] {
      case 1, 5:
        shown = "`\(Hex.encode(Array(content.prefix(32))))` \(json(Array(content.dropFirst(32))))"
      case 2, 3, 4: shown = json(content)
      case 6:
        let key = BundleSeal.boxKey(secret: secret, nonce: file.header.nonce, index: box)
        let text = try #require(SealedBox.open(content, key: key))
        box += 1
        shown =
          "`\(Hex.encode(content))`, which the key `\(Hex.encode(key))` opens: `\(Hex.encode(text))`"
      default: shown = "`\(Hex.encode(content))`"
      }
      lines.append("| \(bytes[offset]) | \(length) | \(shown) |")
      offset += 5 + length
    }
    return lines.joined(separator: "\n")
  }
}
