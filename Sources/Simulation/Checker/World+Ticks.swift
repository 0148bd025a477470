import Community
import OpLog
import Store

/// What is checked at every step, at each replica that the step touched.
extension World {
  /// Looks at whoever wrote or took in anything since the last look: chains and heads, and all that the
  /// tables say by themselves.
  func checkTouched() throws(Violation) {
    try hub.noteOwnLog()
    let mayLoseFolded = fate.hasHubFailed
    if try hub.logs.look(at: hub.store, of: "the hub", mayBranch: mayLoseFolded) {
      try checkTables(of: hub.store, "the hub")
    }
    for office in offices where !office.isGone {
      let name = "office \(office.replica)"
      let mayBranch = mayLoseFolded || office.copied != nil
      guard try office.logs.look(at: office.store, of: name, mayBranch: mayBranch) else { continue }
      try checkTables(of: office.store, name)
    }
  }

  private func checkTables(of store: Store, _ name: String) throws(Violation) {
    // Those of a checkpoint are of another head than the log.
    guard try must("look for the history", { try store.history() }) == nil else { return }
    marks.hit(Look.step)
    try ReplicaCheck.checkTables(of: FrozenView(store), name)
  }
}

/// How far the logs of one replica went when somebody last looked.
///
/// Logs only grow: what was folded once is there as it was, and what came since is dense and chained.
struct LogWatch {
  private var folded: [ReplicaID: Head] = [:]
  private var stored: [ReplicaID: Head] = [:]

  /// Looks at what came since.
  ///
  /// - Parameters:
  ///   - store: The replica's database.
  ///   - name: Who that is, for messages.
  ///   - mayBranch: Whether another branch of a log may have taken its place.
  /// - Returns: Whether anything changed.
  /// - Throws: A violation of I10, or the failure to read.
  mutating func look(
    at store: Store, of name: String, mayBranch: Bool
  ) throws(Violation) -> Bool {
    var hasChanged = false
    for replica in try must("list the logs of \(name)", { try store.replicas() }) {
      let (now, end) = try must("read the heads of \(name)") {
        (try store.foldedHead(of: replica), try store.storedHead(of: replica))
      }
      guard now != folded[replica] || end != stored[replica] else { continue }
      hasChanged = true
      guard now.seq <= end.seq else {
        throw Violation("I10", "\(name) folded \(replica) to \(now.seq) and holds it to \(end.seq)")
      }
      if let before = folded[replica] {
        let kept = try must("look for a head") { try store.head(of: replica, at: before.seq) }
        guard mayBranch || kept == before && before.seq <= now.seq else {
          throw Violation(
            "I10", "\(name) had folded \(replica) to \(before.seq), and does not hold that")
        }
      }
      try walk(replica, to: end, in: store, name)
      (folded[replica], stored[replica]) = (now, end)
    }
    return hasChanged
  }

  /// The chain from what was seen before to the end of a log.
  private func walk(
    _ replica: ReplicaID, to end: Head, in store: Store, _ name: String
  ) throws(Violation) {
    try must("walk the log of \(replica)") {
      guard var head = try store.head(of: replica, at: 0) else { return }
      if let seen = stored[replica], seen.seq <= end.seq,
        try store.head(of: replica, at: seen.seq) == seen
      {
        head = seen
      }
      var (seq, hash) = (head.seq, head.hash)
      guard seq < end.seq else { return }
      for op in try store.ops(of: replica, in: seq + 1...end.seq, limit: .max) {
        guard op.id.replica == replica, op.id.seq == seq + 1 else {
          throw Violation("I10", "\(name) holds \(op.id) at place \(seq + 1) of \(replica)")
        }
        (seq, hash) = (seq + 1, Chain.next(after: hash, op.bytes))
      }
      guard seq == end.seq, hash == end.hash else {
        throw Violation("I10", "\(name): the log of \(replica) does not end at its head")
      }
    }
  }
}
