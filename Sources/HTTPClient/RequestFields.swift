import Peer

extension PeerRequest {
  /// The header fields that say who asks, for what, and with what.
  var fields: [(name: String, value: String)] {
    var fields = [("User-Agent", "linli/1"), ("Accept", accept ?? "application/json")]
    if let contentType { fields.append(("Content-Type", contentType)) }
    if let token { fields.append(("Authorization", "Bearer \(token)")) }
    if let range { fields.append(("Range", "bytes=\(range.lowerBound)-\(range.upperBound)")) }
    return fields
  }
}
