/// What an office's secret proves and hides in a bundle or a receipt file (`bundle.md` §3).
///
/// Each message that goes into HMAC here has another length than a head has (44 bytes) and than a hub's
/// head with its successor seal (76), so that no seal can stand for another.
package enum BundleSeal {
  /// Bytes of a bundle's nonce.
  package static let nonceBytes = 16

  /// The seal over a bundle's header: HMAC(secret, "linli bundle header" ‖ SHA-256(header)); 51 bytes.
  package static func ofHeader(secret: [UInt8], _ header: [UInt8]) -> Digest {
    HMAC.sha256(key: secret, Array("linli bundle header".utf8) + SHA256.hash(header).bytes)
  }

  /// The seal over a refusal in a receipt file: HMAC(secret, "linli bundle problem" ‖ nonce ‖
  /// SHA-256(document)); 68 bytes.
  package static func ofProblem(secret: [UInt8], nonce: [UInt8], _ document: [UInt8]) -> Digest {
    HMAC.sha256(
      key: secret, Array("linli bundle problem".utf8) + nonce + SHA256.hash(document).bytes)
  }

  /// The key of one box: HMAC(secret, "linli bundle box" ‖ nonce ‖ index:u32be); 36 bytes.
  ///
  /// - Parameters:
  ///   - secret: The office's secret.
  ///   - nonce: That of the file.
  ///   - index: The box's place among the file's boxes, from 0.
  /// - Returns: 32 bytes.
  package static func boxKey(secret: [UInt8], nonce: [UInt8], index: Int) -> [UInt8] {
    var message = Array("linli bundle box".utf8) + nonce
    message.appendBigEndian(UInt32(index))
    return HMAC.sha256(key: secret, message).bytes
  }

  /// The nonce of a file: the first 16 bytes of HMAC(secret, "linli bundle nonce" ‖ SHA-256(header with a
  /// nonce of zeros ‖ text of each box after its length:u32be)); 50 bytes.
  ///
  /// It follows from all that is in the file, as in RFC 5297: two files have one nonce only if they are
  /// the same file. So no clock, no counter that was set back with a database, and no copy of a machine
  /// that repeats its random numbers can make one key hide two texts.
  package static func nonce(secret: [UInt8], header: [UInt8], texts: [[UInt8]]) -> [UInt8] {
    var hash = SHA256()
    hash.update(header)
    for text in texts {
      var length: [UInt8] = []
      length.appendBigEndian(UInt32(text.count))
      hash.update(length)
      hash.update(text)
    }
    let message = Array("linli bundle nonce".utf8) + hash.finish().bytes
    return Array(HMAC.sha256(key: secret, message).bytes.prefix(nonceBytes))
  }
}
