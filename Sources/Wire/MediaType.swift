/// The media types of messages.
package enum MediaType {
  /// Every message that is not a problem.
  package static let json = "application/json"
  /// A problem document (RFC 9457).
  package static let problem = "application/problem+json"
}
