import Glibc

/// An open file descriptor, closed when its owner goes away.
struct Descriptor: ~Copyable, Sendable {
  let number: Int32

  /// Adopts what a call made.
  ///
  /// - Throws: ``HTTPServerError/system(operation:code:)`` with `errno` if that is negative.
  init(_ number: Int32, from operation: String) throws(HTTPServerError) {
    guard number >= 0 else { throw .system(operation: operation, code: errno) }
    self.number = number
  }

  deinit { _ = close(number) }
}
