import Hub
import Office
import OpLog
import Testing
import Wire

/// A street whose offices have no line.
extension Street {
  /// The hub takes a bundle from a stick.
  func carry(_ bundle: [UInt8]) throws -> BundleImport {
    try hub.takeBundle(bundle, receiptBytesMax: WireLimits.bundleBytesMax, now: now)
  }

  /// An office takes a receipt file from a stick.
  @discardableResult
  func bring(_ receipt: [UInt8], to office: OfficeCore) throws -> ReceiptTaken {
    try office.take(try office.carriedFile(receipt), now: now)
  }

  /// A bundle goes to the hub, and its receipt file comes back.
  @discardableResult
  func exchange(_ office: OfficeCore, messageBytes: Int = 512 << 10) throws -> ReceiptTaken {
    let bundle = try office.exportBundle(messageBytes: messageBytes, now: now)
    return try bring(try carry(bundle.bytes).receipt, to: office)
  }
}

/// The same file with other bytes in place of some, and the right sum in its end.
func tampered(
  _ file: [UInt8], behind mark: String, with change: (UInt8) -> UInt8
) throws -> [UInt8] {
  let needle = Array(mark.utf8)
  let place = try #require(
    file.indices.first { file[$0...].starts(with: needle) })
  var bytes = file
  bytes[place + needle.count] = change(bytes[place + needle.count])
  let body = Array(bytes.dropLast(Digest.byteCount))
  return body + SHA256.hash(Array(body.dropLast(5))).bytes
}
