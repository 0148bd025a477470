import Glibc

/// Why a server did not start.
package enum HTTPServerError: Error, Equatable, Sendable {
  /// The host is not an IPv4 or IPv6 address in digits.
  case badHost(String)
  /// Another program, or another server of this one, listens there.
  case addressInUse(host: String, port: UInt16)
  /// The system refused a call; `code` is the `errno`.
  case system(operation: String, code: Int32)
}

extension HTTPServerError: CustomStringConvertible {
  /// One English line for a terminal or a log.
  package var description: String {
    switch self {
    case .badHost(let host): "\(host) is not an IPv4 or IPv6 address"
    case .addressInUse(let host, let port): "\(host) port \(port) is already in use"
    case .system(let operation, let code):
      "\(operation) failed: \(String(cString: strerror(code))) (errno \(code))"
    }
  }
}
