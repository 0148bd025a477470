import Community
import OpLog

/// Writes the logs of a made-up street: real envelopes, chains, and check values.
struct LogWriter {
  /// Who writes an op, when, and under what.
  struct Author {
    let replica: ReplicaID
    /// Both nil in ops of the hub's administrator.
    var actor: OpID?
    var policy: OpID?
  }

  let street: StreetID
  let incarnation: Incarnation
  private var heads: [ReplicaID: Head] = [:]
  /// The chain hashes of the ops that later ones name.
  private var named: [OpID: Digest] = [:]

  init(street: StreetID, incarnation: Incarnation) {
    self.street = street
    self.incarnation = incarnation
  }

  /// How far a log is written.
  func head(of replica: ReplicaID) -> Head {
    heads[replica]
      ?? Head(
        replica: replica, seq: 0,
        hash: Chain.start(street: street, incarnation: incarnation, replica: replica))
  }

  /// Writes the next op of the author's log; `isNamed` says that later ops may name it.
  ///
  /// The values are those of the schema's first fields; the rest are absent.
  mutating func write(
    _ number: KindNumber, _ values: [PayloadValue?], by author: Author, at stamp: Int64,
    body: Digest? = nil, isNamed: Bool = false
  ) -> Op {
    let head = head(of: author.replica)
    guard let kind = Catalogue.kind(number), let id = OpID(author.replica, head.seq + 1) else {
      preconditionFailure("a workload has known kinds and fewer than 2^32 ops")
    }
    let absent = Array(
      repeating: PayloadValue?.none, count: kind.schema.fields.count - values.count)
    let op: Op
    do {
      var fields = OpFields(
        id: id, stamp: stamp, kind: number, occurredOn: BusinessDate(stamp: stamp),
        payload: try kind.schema.encode(Payload(values: values + absent)))
      fields.actor = author.actor
      fields.policy = author.policy
      fields.body = body
      fields.names = Chain.names(of: try Op(fields).namedOps.map(hash(of:)))
      op = try Op(fields)
    } catch { preconditionFailure("a workload has valid ops only: \(error)") }
    let next = Head(
      replica: author.replica, seq: id.seq, hash: Chain.next(after: head.hash, op.bytes))
    heads[author.replica] = next
    if isNamed { named[id] = next.hash }
    return op
  }

  private func hash(of id: OpID) -> Digest {
    guard let hash = named[id] else { preconditionFailure("op \(id) was not written to be named") }
    return hash
  }
}
