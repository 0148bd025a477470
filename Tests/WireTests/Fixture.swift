import Foundation
import OpLog
import Testing

/// A file of `Fixtures/wire`.
enum Fixture {
  private static let folder = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Fixtures/wire")

  /// The bytes of a file without the line end that closes it.
  static func bytes(_ name: String) throws -> [UInt8] {
    let data = try Data(contentsOf: folder.appending(path: name))
    let bytes = Array(data)
    try #require(bytes.last == UInt8(ascii: "\n"), "\(name) ends with one line end")
    return bytes.dropLast()
  }

  /// The bytes that a file of hexadecimal digits stands for.
  static func hex(_ name: String) throws -> [UInt8] {
    try #require(Hex.decode(String(decoding: try bytes(name), as: UTF8.self)))
  }
}

extension [UInt8] {
  /// The bytes as text, for messages of tests.
  var text: String { String(decoding: self, as: UTF8.self) }
}
