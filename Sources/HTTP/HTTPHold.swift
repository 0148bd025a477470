/// What a handler does with a request.
package enum HTTPOutcome: Sendable {
  /// Answers it.
  case answer(HTTPResponse)
  /// Answers it later, when there is something to say.
  case hold(HTTPHold)
}

/// A request that waits for its answer, and holds no thread meanwhile.
package struct HTTPHold: Sendable {
  /// Whose request it is: one of each owner waits, and a newer one of the same ends it.
  package var owner: UInt64
  /// For how long at most.
  package var milliseconds: UInt64
  /// Whether there is something to say.
  ///
  /// Asked on the handler's thread behind other requests, and each second: it must be quick.
  package var isOver: @Sendable () -> Bool
  /// Makes the answer, on the handler's thread.
  package var answer: @Sendable () -> HTTPResponse

  /// Makes a hold of these parts.
  package init(
    owner: UInt64, milliseconds: UInt64, isOver: @escaping @Sendable () -> Bool,
    answer: @escaping @Sendable () -> HTTPResponse
  ) {
    self.owner = owner
    self.milliseconds = milliseconds
    self.isOver = isOver
    self.answer = answer
  }
}
