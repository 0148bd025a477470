/// Slow hashing of short secrets as RFC 8018 §5.2 defines it, with HMAC-SHA-256.
package enum PBKDF2 {
  /// The first 32 bytes of the derived key.
  ///
  /// - Parameters:
  ///   - password: The secret.
  ///   - salt: Random bytes, other ones for each secret.
  ///   - rounds: How often it is hashed, at least 1; 600,000 take about 0.2 s.
  /// - Returns: The key; O(rounds).
  package static func sha256(password: [UInt8], salt: [UInt8], rounds: Int) -> Digest {
    precondition(rounds >= 1, "caller bug: no rounds")
    let keyed = KeyedHash(password)
    var block = keyed.hash(salt + [0, 0, 0, 1])
    var key = block
    for _ in 1..<rounds {
      block = keyed.hash(block)
      key = key.mixed(with: block)
    }
    return key
  }
}

/// HMAC-SHA-256 with the two blocks of its key hashed once.
private struct KeyedHash {
  private var inner = SHA256()
  private var outer = SHA256()

  init(_ key: [UInt8]) {
    var block = key.count > SHA256.blockByteCount ? SHA256.hash(key).bytes : key
    block += repeatElement(0, count: SHA256.blockByteCount - block.count)
    inner.update(block.map { $0 ^ 0x36 })
    outer.update(block.map { $0 ^ 0x5C })
  }

  func hash(_ message: [UInt8]) -> Digest {
    var inner = inner
    inner.update(message)
    return finish(inner)
  }

  func hash(_ message: Digest) -> Digest {
    var inner = inner
    inner.update(message)
    return finish(inner)
  }

  private func finish(_ inner: consuming SHA256) -> Digest {
    var outer = outer
    outer.update(inner.finish())
    return outer.finish()
  }
}

extension Digest {
  fileprivate func mixed(with other: Digest) -> Digest {
    Digest(
      words: word0 ^ other.word0, word1 ^ other.word1, word2 ^ other.word2, word3 ^ other.word3)
  }
}
