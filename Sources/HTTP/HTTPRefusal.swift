/// Why a request is refused before any handler sees it.
package struct HTTPRefusal: Error, Equatable, Sendable {
  /// The status to answer with, 400…599.
  package let status: Int
  /// The reason for people: a constant of this module that repeats no byte of the request.
  package let reason: String

  init(_ status: Int, _ reason: String) {
    self.status = status
    self.reason = reason
  }
}
