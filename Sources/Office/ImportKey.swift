import OpLog
import Wire

extension OfficeCore {
  /// The request key of a row of a file: the same row is recorded once, however often it is imported.
  ///
  /// 96 bits of an HMAC over the parts, each with its length, under the office's secret: who has the
  /// keys alone cannot try names and numbers until one fits.
  package func importKey(_ parts: [String]) -> RequestKey? {
    let bytes = parts.flatMap { part in Array("\(part.utf8.count) ".utf8) + Array(part.utf8) }
    let digest = HMAC.sha256(key: secret, Array("import ".utf8) + bytes)
    return RequestKey(replica: replica, randomBytes: Array(digest.bytes.prefix(12)))
  }
}
