import OpLog

/// Chain hashes that both sides of a segment know: those of ops that the reader holds, and those of ops
/// in the segment itself.
///
/// From them follows what an op's `names` must be, so that it need not travel. Both sides ask in the same
/// order, and so know the same.
struct SegmentNames {
  /// The chain hash of a log at a seq, 0 for its start; nil where the log is not held so far.
  private let held: (ReplicaID, UInt64) -> Digest?
  /// Asked and answered.
  private var known: [OpID: Digest?] = [:]
  /// The last hash of each log in the segment, and where it stands.
  private var ends: [ReplicaID: (seq: UInt64, hash: Digest?)] = [:]
  private var values = CheckValues()

  init(held: @escaping (ReplicaID, UInt64) -> Digest?) { self.held = held }

  /// What `names` of an op that names these must be; nil where one of them is not known.
  mutating func value(of named: [OpID]) -> UInt64?? {
    var hashes: [Digest] = []
    hashes.reserveCapacity(named.count)
    for id in named {
      guard let hash = hash(of: id) else { return nil }
      hashes.append(hash)
    }
    return .some(values.value(of: hashes))
  }

  /// Goes on by one op of the segment.
  mutating func add(_ op: Op) {
    let replica = op.id.replica
    let before =
      if let end = ends[replica], end.seq + 1 == op.id.seq {
        end.hash
      } else {
        held(replica, op.id.seq - 1)
      }
    let hash = before.map { Chain.next(after: $0, op.bytes) }
    ends[replica] = (op.id.seq, hash)
    known[op.id] = .some(hash)
  }

  private mutating func hash(of id: OpID) -> Digest? {
    if let answer = known[id] { return answer }
    let answer = held(id.replica, id.seq)
    known[id] = .some(answer)
    return answer
  }
}
