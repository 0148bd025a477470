import OpLog

/// How far logs bind: what a log holds behind its bound came too late (LATE).
///
/// `hub.succeed` bounds the logs of former hubs, `replica.retire` that of a PC that was lost, each only
/// with two approvers. Facts behind a bound still count; but whoever wrote them had no right to decide
/// or to spend any more.
/// A function of the set of these ops, so that every replica draws the same line; one that learns a
/// bound after it folded what stands behind it folds its logs anew.
package struct LogBounds: Equatable, Sendable {
  private struct Bound: Equatable {
    let seq: UInt64
    let by: OpID
  }

  /// The kinds of ops that bound logs.
  package static let kinds: Set<KindNumber> = [RetireFold.kind, HubSucceedFold.kind]

  private var bounds: [ReplicaID: Bound] = [:]

  /// Nothing is bounded.
  package init() {}

  /// The bounds that ops set: of several for one log that of the lowest id, of those not late
  /// themselves.
  ///
  /// - Parameters:
  ///   - ops: Admitted ops of ``kinds``, in any order.
  ///   - op: Reads an admitted op, such as the enrolment that a retirement names.
  /// - Throws: What reading an op throws.
  package init<E: Error>(
    _ ops: [Op], reading op: (OpID) throws(E) -> Op
  ) throws(E) {
    // A hub bounds only logs of former hubs, so the newest hub's ops are judged first.
    let order = ops.filter(\.id.replica.isHub).sorted {
      ($1.id.replica, $0.id.seq) < ($0.id.replica, $1.id.seq)
    }
    for bounding in order where !isLate(bounding.id) {
      for head in try Self.heads(of: bounding, reading: op) {
        if let known = bounds[head.replica], known.by < bounding.id { continue }
        bounds[head.replica] = Bound(seq: head.seq, by: bounding.id)
      }
    }
  }

  /// Whether an op stands behind its log's bound; O(1).
  package func isLate(_ id: OpID) -> Bool {
    guard let bound = bounds[id.replica] else { return false }
    return id.seq > bound.seq
  }

  /// Whether a log is bounded at an op: the last one that binds; O(1).
  package func end(at id: OpID) -> Bool { bounds[id.replica]?.seq == id.seq }

  /// The logs whose bounds differ, with the last seq up to which nothing changes.
  package func changes(from other: LogBounds) -> [(replica: ReplicaID, seq: UInt64)] {
    Set(bounds.keys).union(other.bounds.keys).sorted().compactMap { replica in
      let (new, old) = (bounds[replica]?.seq ?? .max, other.bounds[replica]?.seq ?? .max)
      return new == old ? nil : (replica, min(new, old))
    }
  }

  private static func heads<E: Error>(
    of op: Op, reading read: (OpID) throws(E) -> Op
  ) throws(E) -> [(replica: ReplicaID, seq: UInt64)] {
    switch op.kind {
    case HubSucceedFold.kind:
      guard let payload = HubSucceedFold.schema.payload(of: op),
        try HubSucceedFold.isSigned(op, reading: read)
      else { return [] }
      return HubSucceedFold.heads(of: payload).filter { $0.replica < op.id.replica }
    case RetireFold.kind:
      guard try RetireFold.isSigned(op, reading: read) else { return [] }
      return try RetireFold.terms(of: op, reading: read).map { [($0.replica, $0.seq)] } ?? []
    default: return []
    }
  }
}
