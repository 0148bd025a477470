import Community
import OpLog
import Store
import Wire

/// One round trip of a sync: take what the office pushes, answer with what it lacks.
extension HubCore {
  func sync(
    _ request: SyncRequest, from replica: ReplicaID, now: Int64, inSegment: Bool
  ) throws(Problem) -> SyncReply {
    guard request.head.replica == replica, let secret = key.secret(of: replica) else {
      throw Problem(.forbidden, detail: "the token is of replica \(replica)")
    }
    try checkShape(request)
    guard Seal.ofOffice(secret: secret, request.head).isEqualInConstantTime(to: request.seal)
    else { throw Problem(.sealMismatch, detail: "the seal is not over this head") }
    try checkLife(request)
    let isRollCallOpen = try isRollCallOpen()
    let isEnrolled = try isEnrolled(replica)
    let isFirst = try isRollCallOpen || isEnrolled ? false : isFirstPush(request)
    guard isRollCallOpen || isEnrolled || isFirst else { throw Self.notEnrolled(replica) }
    try Problem.wrap { () throws(StoreError) in
      // One that was told to wait has not shown yet what it alone may hold.
      let mayCall = isRollCallOpen && !waiting.contains(replica)
      let isNewCaller = mayCall ? try !store.callers().contains(replica) : false
      let isBranched = try isBranched(request)
      let isNews = try isBranched != store.branchedOffices().contains(replica)
      // Said before its ops are looked at: they may be refused, where the hub gave its number again.
      if isNews {
        try store.write { () throws(StoreError) in try store.setBranched(replica, isBranched) }
      }
      guard isNewCaller || !request.ops.isEmpty else { return }
      try store.write { () throws(StoreError) in
        if !request.ops.isEmpty { try take(request, now: now) }
        if isNewCaller { try store.noteCaller(replica) }
      }
    }
    mergeLog(after: request.ops.count)
    guard isRollCallOpen || isEnrolled else { throw Self.notEnrolled(replica) }
    // A lost PC that turns up brings all of its log; then it hears that it was retired.
    if request.ops.isEmpty { try refuseRetired(replica) }
    let isRetired = try isRetired(replica)
    let reply = try Problem.wrap { () throws(StoreError) in
      try store.read { () throws(StoreError) in
        try answer(
          request, secret: secret, isRetired: isRetired, now: now, inSegment: inSegment)
      }
    }
    lastSync[replica] = now
    return reply
  }

  /// Whether a push is the first of an office whose enrolment was lost with a former hub: it says whose
  /// office that is.
  ///
  /// No more is taken: it may be a stolen PC whose revocation was lost too, which would fill every disk of
  /// the street.
  private func isFirstPush(_ request: SyncRequest) throws(Problem) -> Bool {
    guard !request.ops.isEmpty else { return false }
    let replica = request.head.replica
    return try Problem.wrap { () throws(StoreError) in
      try store.read { () throws(StoreError) in
        guard try store.isForgotten(replica) else { return false }
        return try store.storedHead(of: replica).seq == 0
      }
    }
  }

  /// Whether the asker holds entries of a former hub that are not here although it was asked for what it
  /// has: that hub's disk was set back once, and it wrote on.
  private func isBranched(_ request: SyncRequest) throws(StoreError) -> Bool {
    guard !waiting.contains(request.head.replica) else { return false }
    // A log by a key that is lost is adopted or given up: the office drops what this hub lacks of it.
    for head in request.held
    where head.replica.isHub
      && (key.since..<key.incarnation.number).contains(head.replica.incarnation)
    {
      guard try store.holds(head) else { return true }
    }
    return false
  }

  /// Refuses an asker that follows another life of the hub, or another log of this life.
  ///
  /// One that has seen more than this hub wrote shows it in a roll-call.
  private func checkLife(_ request: SyncRequest) throws(Problem) {
    guard request.incarnation.number >= key.incarnation.number else {
      throw Problem(
        .newIncarnation, detail: "this is life \(key.incarnation.number) of the street's hub")
    }
    let held = try Problem.wrap { () throws(StoreError) in
      try store.read { () throws(StoreError) in
        try store.head(of: key.incarnation.hub, at: request.hub.seq)
      }
    }
    guard request.incarnation == key.incarnation, held?.hash == request.hub.hash else {
      throw Problem(.unknownProgress, detail: "this hub never wrote the head that you hold of it")
    }
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
    let replica = request.head.replica
    let before = try store.foldedHead(of: replica)
    do throws(StoreError) {
      do throws(StoreError) {
        try store.stage(request.ops)
      } catch {
        // Its writer knows its log better than whoever gave it in a roll-call.
        guard case .fork(let id) = error, id.seq > before.seq else { throw error }
        try store.dropGiven()
        try store.stage(request.ops)
      }
    } catch { throw try other(error, request) }
    guard try store.head(of: replica, at: request.head.seq) == request.head else {
      throw try other(.hashMismatch(request.ops[request.ops.count - 1].id), request)
    }
    guard request.head.seq > before.seq else { return }
    try store.keep(SealedHead(head: request.head, seal: request.seal, successorSeal: nil))
    let run: [PayloadValue?] = [
      .integer(Int64(replica.rawValue)), .integer(Int64(request.head.seq)),
      .bytes(request.head.hash.bytes),
    ]
    try HubAdmin.write(
      Payload(values: [.records([run])]), Receipt.kind, to: store, now: now)
    try store.fold(upTo: request.head, staged: request.ops)
  }

  /// Why a push is refused: its writer may go on behind ops that were put away, and has to hear that
  /// others bear their ids.
  private func other(
    _ error: StoreError, _ request: SyncRequest
  ) throws(StoreError) -> StoreError {
    let start = try store.putAwayStart(before: request.ops, endingAt: request.head)
    return start.map { .fork($0) } ?? error
  }

  /// The reply from one snapshot.
  ///
  /// A retired asker gets no entries and is asked to go on, until it has pushed all.
  private func answer(
    _ request: SyncRequest, secret: [UInt8], isRetired: Bool, now: Int64, inSegment: Bool
  ) throws(StoreError) -> SyncReply {
    let hub = key.incarnation.hub
    var held: [ReplicaID: UInt64] = [:]
    for head in request.held where head.seq > 0 {
      guard try store.holds(head) else { continue }
      held[head.replica] = head.seq
    }
    let codec = codec(for: request.catalogue)
    var page = EntryPage(
      of: hub, for: request.head.replica, holding: held, from: store,
      limits: EntryPage.Limits(
        bytes: request.maxBytes, entries: WireLimits.entriesMax, ops: WireLimits.opsMax),
      byteCount: { inSegment ? Segment.estimate(of: $0) : codec.byteCount(of: $0) })
    let end = try store.foldedHead(of: hub)
    let hasMore = isRetired ? true : try page.fill(after: request.hub, through: end.seq)
    let last = page.entries.last?.op.id.seq ?? request.hub.seq
    let head = try store.head(of: hub, at: last) ?? end
    let successorSeal = Seal.ofSuccessor(masterKey: key.masterKey, head)
    var reply = SyncReply(
      now: now, have: try store.foldedHead(of: request.head.replica), entries: page.entries,
      head: head, seal: Seal.ofHub(secret: secret, head, successorSeal: successorSeal),
      successorSeal: successorSeal, hasMore: hasMore)
    if !hasMore {
      let digest = try store.stateDigest()
      reply.digest = StateDigestMessage(catalogue: store.edition.version, value: digest.value)
    }
    return reply
  }
}
