/// Keyed hashing as RFC 2104 defines it.
package enum HMAC {
  /// The HMAC-SHA-256 of a message.
  ///
  /// The key is of any length; a key over 64 bytes counts as its own SHA-256.
  package static func sha256(key: [UInt8], _ message: [UInt8]) -> Digest {
    var block = key.count > SHA256.blockByteCount ? SHA256.hash(key).bytes : key
    block += repeatElement(0, count: SHA256.blockByteCount - block.count)

    var inner = SHA256()
    inner.update(block.map { $0 ^ 0x36 })
    inner.update(message)

    var outer = SHA256()
    outer.update(block.map { $0 ^ 0x5C })
    outer.update(inner.finish())
    return outer.finish()
  }
}
