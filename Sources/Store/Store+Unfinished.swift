import OpLog
import SQLite

/// Ops of a run that has not come whole: held, but nobody has vouched for them yet.
extension Store {
  /// Drops what is held of another replica's log behind its folded head; inside ``write(_:)``.
  package func dropUnfolded(of replica: ReplicaID) throws(StoreError) {
    precondition(replica != identity.replica, "caller bug: own ops are never dropped")
    var head = try head(of: replica)
    guard head.stored.seq > head.folded.seq else { return }
    try StoreError.wrap { () throws(SQLiteFailure) in
      let delete = try connection.prepare("DELETE FROM log WHERE replica = ?1 AND seq > ?2")
      delete.bind(1, Int64(replica.rawValue))
      delete.bind(2, Int64(head.folded.seq))
      try delete.run()
    }
    head.stored = head.folded
    set(head)
  }
}
