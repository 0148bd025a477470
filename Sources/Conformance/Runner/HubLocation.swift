/// Where a hub under test is: `http://host:port/path`.
package struct HubLocation: Sendable, Equatable {
  /// The host's name or address, without brackets.
  package let host: String
  /// The TCP port.
  package let port: UInt16
  /// What stands before every path; without a slash at its end.
  let root: String
  /// Host and port as the field `Host` has them.
  let authority: String

  /// Reads an address; nil for what is not an `http` URL of host, port, and path.
  ///
  /// TLS is not spoken: where a proxy brings it, the hub behind it is tested.
  package init?(_ text: String) {
    guard text.lowercased().hasPrefix("http://") else { return nil }
    let rest = text.dropFirst(7)
    let authority = rest.prefix { $0 != "/" }
    let path = rest.dropFirst(authority.count)
    guard !authority.isEmpty, !authority.contains("@"), !path.contains("?"), !path.contains("#"),
      text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
    else { return nil }
    var host = authority
    var port: UInt16? = 80
    // A colon inside brackets is part of an IPv6 address.
    if let colon = authority.lastIndex(of: ":"), !authority[colon...].contains("]") {
      host = authority[..<colon]
      port = UInt16(authority[authority.index(after: colon)...])
    }
    if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
    guard let port, port > 0, !host.isEmpty else { return nil }
    self.host = String(host)
    self.port = port
    self.authority = String(authority)
    root = String(path.hasSuffix("/") ? path.dropLast() : path)
  }
}
