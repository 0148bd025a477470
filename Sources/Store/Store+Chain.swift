import OpLog

extension Store {
  /// The chain hash of a log at a seq, 0 for its start; nil where the log is not held so far, or cannot be
  /// read.
  ///
  /// Whoever reads or writes a segment asks for it; a hash that is missing makes the op travel with what
  /// it would have told.
  package func chainHash(_ replica: ReplicaID, _ seq: UInt64) -> Digest? {
    do throws(StoreError) {
      return try head(of: replica, at: seq)?.hash
    } catch { return nil }
  }
}
