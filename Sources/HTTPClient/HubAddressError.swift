/// Why a text is not the address of a hub.
public struct HubAddressError: Error, Hashable, Sendable, CustomStringConvertible {
  /// One English line for a terminal or a log.
  public let description: String

  /// The text is not a URL, or its port is not in 1...65535.
  public static let malformed = HubAddressError(description: "the hub's address is not a URL")
  /// The text does not start with `http://` or `https://`.
  public static let notHTTP = HubAddressError(
    description: "the hub's address must start with http:// or https://")
  /// The URL names no host.
  public static let noHost = HubAddressError(description: "the hub's address names no host")
  /// The URL holds a user, a password, a query, or a fragment.
  public static let surplus = HubAddressError(
    description: "the hub's address may hold nothing but a host, a port, and a path")
}
