import Foundation

/// Where a hub's paths start, such as `https://hub.example` or `http://[::1]:8080/street`.
struct HubAddress: Sendable {
  /// Without a slash at the end; its scheme is in small letters, as URLSession wants it.
  private let root: String
  /// Whether it asks for TLS.
  let isSecure: Bool
  /// The host's name or address, without brackets.
  let host: String
  /// The TCP port.
  let port: Int

  init(_ text: String) throws(HubAddressError) {
    guard let parts = URLComponents(string: text, encodingInvalidCharacters: false) else {
      throw .malformed
    }
    guard let scheme = parts.scheme?.lowercased(), ["http", "https"].contains(scheme) else {
      throw .notHTTP
    }
    guard let host = parts.host, !host.isEmpty else { throw .noHost }
    guard (1...65_535).contains(parts.port ?? 80) else { throw .malformed }
    guard parts.user == nil, parts.password == nil, parts.query == nil, parts.fragment == nil else {
      throw .surplus
    }
    isSecure = scheme == "https"
    self.host = host.trimmingCharacters(in: CharacterSet(charactersIn: "[]"))
    port = parts.port ?? (isSecure ? 443 : 80)
    root = scheme + text.dropFirst(scheme.count).dropLast(text.hasSuffix("/") ? 1 : 0)
  }

  /// Host and port as they stand in the address, for the field `Host`.
  var authority: Substring { root[start...].prefix { $0 != "/" } }

  /// What a request for a path names: the path behind that of the address.
  func target(path: String) -> String {
    precondition(path.hasPrefix("/"), "caller bug: a path starts at the root")
    return root[start...].drop { $0 != "/" } + path
  }

  /// Where the host starts in the address.
  private var start: String.Index {
    root.index(root.startIndex, offsetBy: isSecure ? 8 : 7)
  }

  /// Returns the URL of a path that starts with a slash.
  func url(path: String) -> URL {
    precondition(path.hasPrefix("/"), "caller bug: a path starts at the root")
    guard let url = URL(string: root + path) else {
      preconditionFailure("caller bug: \(path) is not a path")
    }
    return url
  }
}
