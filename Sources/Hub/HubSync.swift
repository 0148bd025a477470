import Community
import OpLog
import Store
import Wire

/// One round trip of a sync: take what the office pushes, answer with what it lacks.
extension HubCore {
  func sync(
    _ request: SyncRequest, from replica: ReplicaID, now: Int64
  ) throws(Problem) -> SyncReply {
    guard request.head.replica == replica else {
      throw Problem(.forbidden, detail: "the token is of replica \(replica)")
    }
    try checkShape(request)
    let secret = key.secret(of: replica)
    guard Seal.ofOffice(secret: secret, request.head).isEqualInConstantTime(to: request.seal)
    else { throw Problem(.sealMismatch, detail: "the seal is not over this head") }
    if !request.ops.isEmpty {
      try Problem.wrap { () throws(StoreError) in
        try store.write { () throws(StoreError) in try take(request, now: now) }
      }
    }
    let reply = try Problem.wrap { () throws(StoreError) in
      try store.read { () throws(StoreError) in
        try answer(request, secret: secret, now: now)
      }
    }
    guard let reply else {
      throw Problem(.unknownProgress, detail: "this hub never wrote the head that you hold of it")
    }
    return reply
  }

  /// The pushed ops must be the end of the log that the head speaks of.
  private func checkShape(_ request: SyncRequest) throws(Problem) {
    guard request.ops.count <= request.head.seq else {
      throw Problem(.outOfRange, detail: "more ops than the head says", field: "head")
    }
    var expected = request.head.seq + 1 - UInt64(request.ops.count)
    for op in request.ops {
      guard op.id.replica == request.head.replica else {
        throw Problem(.forbidden, detail: "op \(op.id) is not of your log", field: "ops")
      }
      guard op.id.seq == expected else {
        throw Problem(
          .gap, detail: "op \(op.id) stands where seq \(expected) belongs", field: "ops")
      }
      expected += 1
    }
  }

  /// Stores the pushed ops, writes their receipt, and folds them.
  private func take(_ request: SyncRequest, now: Int64) throws(StoreError) {
    let before = try store.storedHead(of: request.head.replica)
    guard let end = try store.stage(request.ops) else { return }
    guard try store.head(of: end.replica, at: request.head.seq) == request.head else {
      throw .hashMismatch(request.ops[request.ops.count - 1].id)
    }
    guard end.seq > before.seq, let kind = Catalogue.kind(Receipt.kind) else { return }
    try store.keep(SealedHead(head: request.head, seal: request.seal, successorSeal: nil))
    let run: [PayloadValue?] = [
      .integer(Int64(end.replica.rawValue)), .integer(Int64(end.seq)), .bytes(end.hash.bytes),
    ]
    let payload = Payload(values: [.records([run])])
    let draft = Draft(kind: kind, payload: payload, occurredOn: BusinessDate(stamp: now))
    _ = try store.append(draft, stamp: now)
    try store.fold(upTo: end, staged: request.ops)
  }

  /// The reply from one snapshot; nil when the asker holds another hub log than this.
  private func answer(
    _ request: SyncRequest, secret: [UInt8], now: Int64
  ) throws(StoreError) -> SyncReply? {
    let hub = key.incarnation.hub
    guard let held = try store.head(of: hub, at: request.hub.seq), held.hash == request.hub.hash
    else { return nil }
    var page = Page(
      store: store, codec: codec, asker: request.head.replica, budget: request.maxBytes)
    let hasMore = try page.fill(hub: hub, after: request.hub)
    let last = page.entries.last?.op.id.seq ?? held.seq
    let head = try store.head(of: hub, at: last) ?? held
    var reply = SyncReply(
      now: now, have: try store.storedHead(of: request.head.replica), entries: page.entries,
      head: head, seal: Seal.ofOffice(secret: secret, head),
      successorSeal: Seal.ofSuccessor(masterKey: key.masterKey, head), hasMore: hasMore)
    if !hasMore {
      let digest = try store.stateDigest()
      reply.digest = StateDigestMessage(catalogue: digest.catalogue, value: digest.value)
    }
    return reply
  }
}

/// The entries of one reply, filled up to a budget of bytes.
private struct Page {
  let store: Store
  let codec: OpJSON
  let asker: ReplicaID
  /// Bytes of JSON that are still free; the first entry always fits.
  var budget: Int
  private(set) var entries: [HubEntry] = []
  private var opCount = 0

  init(store: Store, codec: OpJSON, asker: ReplicaID, budget: Int) {
    self.store = store
    self.codec = codec
    self.asker = asker
    self.budget = budget
  }

  /// Adds the hub's entries after what the asker holds.
  ///
  /// - Returns: Whether something is left for the next request.
  mutating func fill(hub: ReplicaID, after progress: HubProgress) throws(StoreError) -> Bool {
    let end = try store.foldedHead(of: hub).seq
    var seq = progress.seq + 1
    while seq <= end {
      for op in try store.ops(of: hub, in: seq...end, limit: 128) {
        let isFirst = op.id.seq == progress.seq + 1
        let bytes = codec.byteCount(of: op)
        guard isFirst || hasRoom(for: bytes) else { return true }
        budget -= bytes
        entries.append(HubEntry(op: op, runs: []))
        let part = isFirst ? (run: progress.run, upTo: progress.upTo) : (run: 0, upTo: 0)
        guard try addRuns(of: op, from: part) else { return true }
      }
      seq = (entries.last?.op.id.seq ?? end) + 1
    }
    return false
  }

  /// Adds the ops that a receipt covers; false when the budget ended before the receipt did.
  private mutating func addRuns(
    of op: Op, from part: (run: Int, upTo: UInt64)
  ) throws(StoreError) -> Bool {
    guard op.kind == Receipt.kind, let receipt = try? Receipt(op) else { return true }
    for (index, run) in receipt.runs.enumerated() where index >= part.run {
      guard run.upTo.replica != asker, let first = try store.firstSeq(ofRunEndingAt: run.upTo)
      else { continue }
      var seq = index == part.run ? max(first, part.upTo + 1) : first
      guard seq <= run.upTo.seq else { continue }
      entries[entries.count - 1].runs.append(EntryRun(index: index, ops: []))
      while seq <= run.upTo.seq {
        for op in try store.ops(of: run.upTo.replica, in: seq...run.upTo.seq, limit: 128) {
          // Whatever the budget, each reply brings at least one op further.
          let bytes = codec.byteCount(of: op)
          guard opCount == 0 || hasRoom(for: bytes) else { return false }
          budget -= bytes
          opCount += 1
          let entry = entries.count - 1
          entries[entry].runs[entries[entry].runs.count - 1].ops.append(op)
          seq = op.id.seq + 1
        }
      }
    }
    return true
  }

  private func hasRoom(for bytes: Int) -> Bool {
    entries.count < WireLimits.entriesMax && opCount < WireLimits.opsMax && budget >= bytes
  }
}
