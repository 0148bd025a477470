import Foundation

/// Where a hub's paths start, such as `https://hub.example` or `http://[::1]:8080/street`.
struct HubAddress: Sendable {
  /// Without a slash at the end; its scheme is in small letters, as URLSession wants it.
  private let root: String

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
    root = scheme + text.dropFirst(scheme.count).dropLast(text.hasSuffix("/") ? 1 : 0)
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
