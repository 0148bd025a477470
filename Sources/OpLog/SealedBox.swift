/// Encryption that nobody without the key can read or change, made of HMAC-SHA-256 alone.
///
/// HMAC is a pseudorandom function; in counter mode (NIST SP 800-108 §4.1) it gives a keystream that is
/// XORed to the text, and another key of its own authenticates what comes out: encrypt, then MAC
/// (Bellare and Namprempre, 2000). No cipher has to be written for it, and no package.
package enum SealedBox {
  /// Bytes that a box is longer than its text.
  package static let tagBytes = Digest.byteCount

  // box := ciphertext tag:32        tag = HMAC(HMAC(key, "authenticate"), ciphertext)
  // ciphertext := text XOR (block(0) ‖ block(1) ‖ …), block(i) = HMAC(HMAC(key, "encrypt"), i:u32be)
  /// Closes a text into a box.
  ///
  /// - Parameters:
  ///   - text: At most 128 GiB less one byte.
  ///   - key: The key of this one box: with one key two texts would give their difference away.
  /// - Returns: The box, ``tagBytes`` longer than the text.
  package static func close(_ text: [UInt8], key: [UInt8]) -> [UInt8] {
    let hidden = xored(text[...], key: key)
    return hidden + tag(of: hidden, key: key).bytes
  }

  /// Opens a box; nil unless it was closed with this key and nobody changed it since.
  package static func open(_ box: [UInt8], key: [UInt8]) -> [UInt8]? {
    guard box.count >= tagBytes, let said = Digest(Array(box.suffix(tagBytes))) else { return nil }
    let hidden = box.dropLast(tagBytes)
    guard tag(of: Array(hidden), key: key).isEqualInConstantTime(to: said) else { return nil }
    return xored(hidden, key: key)
  }

  private static func tag(of hidden: [UInt8], key: [UInt8]) -> Digest {
    HMAC.sha256(key: HMAC.sha256(key: key, Array("authenticate".utf8)).bytes, hidden)
  }

  private static func xored(_ text: ArraySlice<UInt8>, key: [UInt8]) -> [UInt8] {
    precondition(text.count < 32 << 32, "caller bug: more text than the counter has blocks")
    let secret = HMAC.sha256(key: key, Array("encrypt".utf8)).bytes
    var out: [UInt8] = []
    out.reserveCapacity(text.count + tagBytes)
    var block: [UInt8] = []
    for (place, byte) in text.enumerated() {
      if place % Digest.byteCount == 0 {
        var counter: [UInt8] = []
        counter.appendBigEndian(UInt32(place / Digest.byteCount))
        block = HMAC.sha256(key: secret, counter).bytes
      }
      out.append(byte ^ block[place % Digest.byteCount])
    }
    return out
  }
}
