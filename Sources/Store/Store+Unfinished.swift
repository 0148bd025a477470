import OpLog
import SQLite

/// Ops of a run that has not come whole: held, but nobody has vouched for them yet.
extension Store {
  /// Drops what is held of another replica's log behind its folded head, or behind a later seq; inside
  /// ``write(_:)``.
  package func dropUnfolded(
    of replica: ReplicaID, behind seq: UInt64 = 0
  ) throws(StoreError) {
    precondition(replica != identity.replica, "caller bug: own ops are never dropped")
    try dropBeside(replica, behind: seq)
    var head = try head(of: replica)
    let seq = max(seq, head.folded.seq)
    guard head.stored.seq > seq, let end = try self.head(of: replica, at: seq) else { return }
    try StoreError.wrap { () throws(SQLiteFailure) in
      let delete = try connection.prepare("DELETE FROM log WHERE replica = ?1 AND seq > ?2")
      delete.bind(1, Int64(replica.rawValue))
      delete.bind(2, Int64(seq))
      try delete.run()
    }
    head.stored = end
    set(head)
  }
}
