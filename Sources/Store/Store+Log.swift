import Community
import OpLog
import SQLite

/// What an office or the hub wants to write down; the store adds id, chain, and check value.
package struct Draft: Sendable {
  /// The kind.
  package var kind: Kind
  /// The payload, in the schema's order.
  package var payload: Payload
  /// Who records it.
  package var actor: OpID?
  /// Under which policy.
  package var policy: OpID?
  /// The business date.
  package var occurredOn: BusinessDate
  /// The detached body.
  package var body: Body?

  /// Makes a draft without body, actor, or policy.
  package init(kind: Kind, payload: Payload, occurredOn: BusinessDate) {
    self.kind = kind
    self.payload = payload
    self.occurredOn = occurredOn
  }
}

/// The log: own ops are appended, those of others are staged and then folded.
///
/// All of it runs inside ``write(_:)``.
extension Store {
  /// Writes an own op, folds it, and keeps its body.
  ///
  /// - Parameters:
  ///   - draft: What to write.
  ///   - stamp: The wall clock in ms since 1970-01-01 UTC.
  /// - Returns: The op.
  /// - Throws: ``StoreError/unknownReference(_:)``, ``StoreError/payload(_:)``,
  ///   ``StoreError/envelope(_:)``; ``StoreError/database(_:)`` for the disk.
  package func append(_ draft: Draft, stamp: Int64) throws(StoreError) -> Op {
    let id = try nextID()
    var fields: OpFields
    do throws(PayloadError) {
      fields = OpFields(
        id: id, stamp: min(max(stamp, 0), EnvelopeLimits.integerMax), kind: draft.kind.number,
        occurredOn: draft.occurredOn, payload: try draft.kind.schema.encode(draft.payload))
    } catch { throw .payload(error) }
    fields.actor = draft.actor
    fields.policy = draft.policy
    fields.body = draft.body?.digest
    if let body = draft.body {
      try StoreError.wrap { () throws(SQLiteFailure) in
        try bodies.put(body, of: id, isUploaded: id.replica.isHub)
      }
    }
    return try append(fields)
  }

  /// The id of the next own op.
  func nextID() throws(StoreError) -> OpID {
    let seq = try head(of: identity.replica).stored.seq + 1
    guard let id = OpID(identity.replica, seq) else {
      throw .envelope(.outOfRange(field: "seq"))
    }
    return id
  }

  /// Writes and folds an own op of which all but the check value is there, at ``nextID()``.
  func append(_ fields: OpFields) throws(StoreError) -> Op {
    var fields = fields
    fields.names = nil
    return try append(fields, names: try names(of: try Self.encode(fields)))
  }

  /// The same with a check value that is there already.
  func append(_ fields: OpFields, names: UInt64?) throws(StoreError) -> Op {
    var head = try head(of: identity.replica)
    var fields = fields
    fields.names = names
    let op = try Self.encode(fields)
    let hash = Chain.next(after: head.stored.hash, op.bytes)
    head.stored = Head(replica: op.id.replica, seq: op.id.seq, hash: hash)
    head.folded = head.stored
    try StoreError.wrap { () throws(SQLiteFailure) in try log.append(op, hash: hash) }
    set(head)
    try fold(op)
    return op
  }

  /// Adds ops of another replica behind what is held, without folding them yet.
  ///
  /// Ops that are held already are passed over.
  ///
  /// - Parameter ops: Ops of one log, in order, dense.
  /// - Returns: The new end of the log as held.
  /// - Throws: ``StoreError/gap(replica:held:)`` when ops before these are missing;
  ///   ``StoreError/fork(_:)`` when another op is held under an id.
  @discardableResult
  package func stage(_ ops: [Op]) throws(StoreError) -> Head? {
    guard let first = ops.first else { return nil }
    var head = try head(of: first.id.replica)
    let ops = ops.span  // lends each op without copying it
    for index in ops.indices {
      let id = ops[index].id
      precondition(id.replica == first.id.replica, "caller bug: ops of several logs")
      guard id.seq == first.id.seq + UInt64(index) else {
        throw .gap(replica: id.replica, held: first.id.seq + UInt64(index) - 1)
      }
      guard id.seq > head.stored.seq else {
        let held = try StoreError.wrap { () throws(SQLiteFailure) in try log.op(id) }
        guard held?.bytes == ops[index].bytes else { throw .fork(id) }
        continue
      }
      guard id.seq == head.stored.seq + 1 else {
        throw .gap(replica: id.replica, held: head.stored.seq)
      }
      let hash = Chain.next(after: head.stored.hash, ops[index].bytes)
      try StoreError.wrap { () throws(SQLiteFailure) in try log.append(ops[index], hash: hash) }
      head.stored = Head(replica: id.replica, seq: id.seq, hash: hash)
    }
    set(head)
    return head.stored
  }

  /// Folds a log up to a head that somebody vouched for.
  ///
  /// - Parameters:
  ///   - upTo: The head that a seal or a receipt covers.
  ///   - staged: Ops just staged, so that they need not be read again.
  /// - Throws: ``StoreError/gap(replica:held:)`` when the log is not held that far;
  ///   ``StoreError/hashMismatch(_:)`` when it is another log.
  package func fold(upTo: Head, staged: [Op] = []) throws(StoreError) {
    let replica = upTo.replica
    var head = try head(of: replica)
    guard upTo.seq > head.folded.seq else {
      return try check(upTo)
    }
    guard upTo.seq <= head.stored.seq else { throw .gap(replica: replica, held: head.stored.seq) }
    try check(upTo)
    guard bootstrap == nil else {
      // It counts, and is folded with all the others when the history is whole.
      head.folded = upTo
      return set(head)
    }
    var seq = head.folded.seq + 1
    while seq <= upTo.seq {
      let batch = try foldable(replica, seq...upTo.seq, staged)
      let ops = batch.span
      for index in ops.indices {
        folding = ops[index].id
        try fold(ops[index])
      }
      seq += UInt64(batch.count)
    }
    folding = nil
    head.folded = upTo
    set(head)
  }

  /// Stages and folds ops on the caller's word, who has proved them or made them.
  package func take(_ ops: [Op]) throws(StoreError) {
    guard let end = try stage(ops) else { return }
    try fold(upTo: end, staged: ops)
  }

  /// The head of a log as held, whether folded or not.
  package func storedHead(of replica: ReplicaID) throws(StoreError) -> Head {
    try head(of: replica).stored
  }

  /// The head of a log as far as it was vouched for and folded.
  package func foldedHead(of replica: ReplicaID) throws(StoreError) -> Head {
    try head(of: replica).folded
  }

  /// The head of a log at an earlier seq; nil when it is not held that far.
  package func head(of replica: ReplicaID, at seq: UInt64) throws(StoreError) -> Head? {
    guard seq > 0 else { return try start(of: replica) }
    let stored = try head(of: replica).stored
    if seq == stored.seq { return stored }
    guard let id = OpID(replica, seq) else { return nil }
    let hash = try StoreError.wrap { () throws(SQLiteFailure) in try log.hash(id) }
    return hash.map { Head(replica: replica, seq: seq, hash: $0) }
  }

  /// Whether a log is held here with this hash at that seq.
  package func holds(_ head: Head) throws(StoreError) -> Bool {
    guard try knowsLife(of: head.replica) else { return false }
    return try self.head(of: head.replica, at: head.seq) == head
  }

  /// At most `limit` ops of a log, in order.
  package func ops(
    of replica: ReplicaID, in seqs: ClosedRange<UInt64>, limit: Int
  ) throws(StoreError) -> [Op] {
    let rows = try StoreError.wrap { () throws(SQLiteFailure) in
      try log.ops(of: replica, in: seqs, limit: limit)
    }
    var ops: [Op] = []
    for (index, bytes) in rows.enumerated() {
      do throws(OpError) {
        ops.append(try Op(decoding: bytes))
      } catch {
        guard let id = OpID(replica, seqs.lowerBound + UInt64(index)) else { continue }
        throw .damaged(op: id)
      }
    }
    return ops
  }

  /// Every log of which something is held, those that this transaction began included, ascending.
  package func replicas() throws(StoreError) -> [ReplicaID] {
    let kept = try StoreError.wrap { () throws(SQLiteFailure) in try log.replicas() }
    return changedHeads.isSubset(of: kept) ? kept : changedHeads.union(kept).sorted()
  }

  private func check(_ upTo: Head) throws(StoreError) {
    guard try head(of: upTo.replica, at: upTo.seq) == upTo else {
      guard let id = OpID(upTo.replica, max(upTo.seq, 1)) else { return }
      throw .hashMismatch(id)
    }
  }

  private func foldable(
    _ replica: ReplicaID, _ seqs: ClosedRange<UInt64>, _ staged: [Op]
  ) throws(StoreError) -> ArraySlice<Op> {
    if let first = staged.first, first.id.seq <= seqs.lowerBound,
      let last = staged.last, last.id.seq >= seqs.lowerBound
    {
      let start = Int(seqs.lowerBound - first.id.seq)
      let end = Int(min(seqs.upperBound, last.id.seq) - first.id.seq)
      return staged[start...end]
    }
    let rows = try ops(of: replica, in: seqs, limit: 512)
    guard !rows.isEmpty else { throw .gap(replica: replica, held: seqs.lowerBound - 1) }
    // Stop where the staged ops begin.
    guard let first = staged.first, first.id.seq > seqs.lowerBound else { return rows[...] }
    return rows.prefix { $0.id.seq < first.id.seq }
  }

  /// The check value of a new op: over the ops that it names, which have to be admitted.
  func names(of op: Op) throws(StoreError) -> UInt64? {
    var hashes: [Digest] = []
    for id in op.namedOps {
      guard let hash = try admittedHash(id) else {
        let mayCome = bootstrap != nil && id.replica != identity.replica
        throw mayCome ? .notYet(id) : .unknownReference(id)
      }
      hashes.append(hash)
    }
    return Chain.names(of: hashes)
  }

  /// The same over what is held, admitted or not; nil where a named op is not held.
  func heldNames(of fields: OpFields) throws(StoreError) -> UInt64? {
    var fields = fields
    fields.names = nil
    var hashes: [Digest] = []
    for id in try Self.encode(fields).namedOps {
      let hash = try StoreError.wrap { () throws(SQLiteFailure) in try log.hash(id) }
      guard let hash else { return nil }
      hashes.append(hash)
    }
    return Chain.names(of: hashes)
  }

  static func encode(_ fields: OpFields) throws(StoreError) -> Op {
    do throws(OpError) {
      return try Op(fields)
    } catch { throw .envelope(error) }
  }
}
