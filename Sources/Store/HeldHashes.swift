import OpLog

extension Store {
  /// Lends the chain hashes of all logs, from one snapshot, to whoever reads or writes a segment.
  ///
  /// - Parameter body: Gets a function that gives the chain hash of a log at a seq, 0 for its start; nil
  ///   where the log is not held so far.
  /// - Returns: What came of it.
  /// - Throws: ``StoreError/database(_:)`` when a hash could not be read, whatever the body made of that.
  package func readingHashes<R, E: Error>(
    _ body: (@escaping (ReplicaID, UInt64) -> Digest?) throws(E) -> R
  ) throws(StoreError) -> Result<R, E> {
    let held = HeldHashes(self)
    let result = try read { () throws(StoreError) -> Result<R, E> in
      Result { () throws(E) in try body(held.hash) }
    }
    if let failure = held.failure { throw failure }
    return result
  }
}

/// Looks chain hashes up, and keeps the first failure.
private final class HeldHashes {
  private let store: Store
  private(set) var failure: StoreError?

  init(_ store: Store) { self.store = store }

  func hash(_ replica: ReplicaID, _ seq: UInt64) -> Digest? {
    guard failure == nil else { return nil }
    do throws(StoreError) {
      guard try store.knowsLife(of: replica) else { return nil }
      return try store.head(of: replica, at: seq)?.hash
    } catch {
      failure = error
      return nil
    }
  }
}
