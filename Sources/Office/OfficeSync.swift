import Community
import OpLog
import Peer
import Store
import Wire

/// What one round trip moved.
package struct Exchange: Sendable, Equatable {
  /// Own ops that were pushed.
  package var pushed = 0
  /// Ops of others, the hub's included, that came.
  package var pulled = 0
  /// Nothing is left to push, and the hub has nothing more.
  package var isLast = false
  /// The hub has all own ops.
  package var isPushed = false
  /// How the hub's digest compares with the own one.
  package var comparison = Comparison.none
  /// Whether the rows that differ are to be looked for, or a report of them to be taken back.
  package var mustSearch = false

  /// The hub's digest was compared with the own one and was equal.
  package var isDigestEqual: Bool { comparison == .equal }
}

/// The office's side of a sync, one request at a time.
extension OfficeCore {
  /// The next request: own ops that the hub lacks, and how far the hub's log is held here.
  ///
  /// - Parameters:
  ///   - maxBytes: About how many bytes may go each way.
  ///   - inSegments: Whether ops may travel in segments, where the hub reads and writes them; else JSON.
  ///   - replyBytes: How large the reply may be; nil for what own ops leave of the chunk.
  /// - Returns: The request, to be kept for the answer, and the same as it goes over the line.
  /// - Throws: ``OfficeError/store(_:)`` when the log cannot be read.
  package func syncRequest(
    maxBytes: Int, inSegments: Bool = false, replyBytes: Int? = nil
  ) throws(OfficeError) -> (SyncRequest, PeerRequest) {
    let areSegments = inSegments ? try readsSegments : false
    let (request, codec) = try OfficeError.wrap { () throws(StoreError) in
      try store.read { () throws(StoreError) in
        let codec = try hubCodec()
        let byteCount = areSegments ? Segment.estimate(of:) : codec.byteCount(of:)
        var request = try makeRequest(maxBytes: maxBytes, byteCount)
        if let replyBytes { request.maxBytes = replyBytes }
        return (request, codec)
      }
    }
    return (request, try message(request, codec, inSegments: inSegments))
  }

  /// Takes the hub's reply: proves it, stores it, folds it; durable when it returns.
  ///
  /// - Parameters:
  ///   - response: What came back.
  ///   - request: What it answers.
  ///   - now: The PC's clock in ms since 1970-01-01 UTC.
  ///   - isCarried: Whether it came in a file, nobody knows how long ago.
  /// - Returns: What was moved.
  /// - Throws: ``OfficeError``; nothing of the reply is kept then, or all of it where the disk fails
  ///   behind the commit.
  package func take(
    _ response: PeerResponse, to request: SyncRequest, now: Int64, isCarried: Bool = false
  ) throws(OfficeError) -> Exchange {
    guard response.status == 200 else { throw OfficeError(refusal: response) }
    let reply = try reply(response)
    let exchange = try take(reply, to: request, now: now, isCarried: isCarried)
    if response.contentType == MediaType.segment, try !readsSegments {
      try OfficeError.wrap { () throws(StoreError) in
        try store.write { () throws(StoreError) in try store.set(.hubSegments, 1) }
      }
    }
    return exchange
  }

  /// The request that goes on behind an own op; nil for the last that the hub is known to have.
  func makeRequest(
    maxBytes: Int, after seq: UInt64? = nil, _ byteCount: (Op) -> Int
  ) throws(StoreError) -> SyncRequest {
    let stored = try store.storedHead(of: replica)
    let life = try store.newestIncarnation
    let held = if let seq { seq } else { try hubHas() }
    let from = min(held, stored.seq) + 1
    var ops: [Op] = []
    var budget = maxBytes
    reading: while from + UInt64(ops.count) <= stored.seq, ops.count < WireLimits.opsMax {
      let next = from + UInt64(ops.count)
      let batch = try store.ops(of: replica, in: next...stored.seq, limit: 128)
      if batch.isEmpty { break }
      for op in batch {
        budget -= byteCount(op)
        guard ops.isEmpty || (budget >= 0 && ops.count < WireLimits.opsMax) else { break reading }
        ops.append(op)
      }
    }
    let end = from - 1 + UInt64(ops.count)
    let head = try store.head(of: replica, at: end) ?? stored
    let progress = try store.entryProgress()
    guard let hub = try store.head(of: life.hub, at: progress.whole) else {
      throw .gap(replica: life.hub, held: 0)
    }
    return SyncRequest(
      catalogue: store.edition.version, head: head, seal: Seal.ofOffice(secret: secret, head),
      ops: ops,
      hub: HubProgress(
        seq: hub.seq, hash: hub.hash, run: progress.run, upTo: progress.seq),
      incarnation: life, held: try heldLogs(),
      maxBytes: max(budget, LinePace.chunkBytes.lowerBound))
  }

  private func take(
    _ reply: SyncReply, to request: SyncRequest, now: Int64, isCarried: Bool
  ) throws(OfficeError) -> Exchange {
    cannotFollow = false
    try prove(reply, to: request)
    var exchange = Exchange(pushed: request.ops.count)
    let (progress, isLate): (EntryProgress, Bool)
    do throws(StoreError) {
      (progress, isLate) = try store.write(hasMore: reply.hasMore) { () throws(StoreError) in
        let isLate = try isOlder(reply)
        let progress = try keep(reply)
        if !isLate {
          // A file says when it was made, and nothing of the clocks now.
          let heard = isCarried ? try store.number(.lastContact) : nil
          try store.set(.lastContact, max(reply.now, heard ?? reply.now))
          if !isCarried { try store.set(.clockOffset, reply.now - now) }
          if let digest = reply.digest { try store.set(.hubCatalogue, Int64(digest.catalogue)) }
          try store.keep(
            SealedHead(head: reply.head, seal: reply.seal, successorSeal: reply.successorSeal))
          if try store.number(.hubHas) != nil { try store.set(.hubHas, Int64(reply.have.seq)) }
          if !reply.hasMore, progress.isWhole {
            try store.clear(.resuming)
          }
        }
        return (progress, isLate)
      }
    } catch { throw try distrust(error, having: reply.have.seq) }
    let isEnd = !reply.hasMore && progress.isWhole && !isLate
    let hasAll = try OfficeError.wrap { () throws(StoreError) in
      guard isEnd else { return false }
      return try store.foldHistory()
    }
    if !isLate {
      acknowledged = (reply.head.replica, reply.have.seq)
      try resume()
    }
    for entry in reply.entries {
      exchange.pulled += 1 + entry.runs.reduce(0) { $0 + $1.ops.count }
    }
    if hasAll {
      try finishRenewal()
      try finishRejoining()
      try OfficeError.wrap { () throws(StoreError) in try store.takeUpFiles() }
      // The day is the hub's, who has just been heard: a PC's clock may be wrong.
      let today = BusinessDate(stamp: reply.now)
      try takeOverDebits(on: today, now: now)
      try settleRights(at: reply.now, now: now)
    }
    let own = try OfficeError.wrap { () throws(StoreError) in
      try store.storedHead(of: replica)
    }
    exchange.isPushed = reply.have == own
    exchange.isLast = !reply.hasMore && progress.isWhole && exchange.isPushed
    // Rows of a working set are not compared, while another process folds what they came from.
    if exchange.isLast, store.bootstrap == nil {
      exchange.comparison = try compare(reply)
      exchange.mustSearch = try beginSearch(after: exchange.comparison, at: reply.head)
    }
    return exchange
  }

  /// Takes over what other offices gave on trust to accounts of this one, so that the trust is free
  /// for another visit, or says that the account was empty; the exchange after this one tells them.
  private func takeOverDebits(on today: BusinessDate, now: Int64) throws(OfficeError) {
    guard try stop == nil else { return }
    try OfficeError.wrap { () throws(StoreError) in
      let (toTakeOver, owed) = try store.debitsOnTrust(limit: Self.debitsMax)
      let covers = toTakeOver.map { Payload(values: [.reference($0)]) }
      for (name, payloads) in [("standin.cover", covers), ("standin.owed", owed)] {
        guard let kind = Catalogue.kind(named: name), store.edition.kind(kind.number) != nil else {
          continue
        }
        for payload in payloads {
          let draft = Draft(kind: kind, payload: payload, occurredOn: today)
          // A refusal leaves it to the next sync.
          _ = try store.record(draft, key: nil, stamp: now)
        }
      }
    }
  }

  /// Debits of each sort after one exchange.
  private static let debitsMax = 256

  /// Whether a reply comes behind a newer one: what it says about the present is past.
  ///
  /// Logs tell it, not clocks: a hub's clock may be set back. An entry that is held in part does not
  /// count: a reply without entries, as one who was retired gets, ends before it.
  private func isOlder(_ reply: SyncReply) throws(StoreError) -> Bool {
    let hub = try store.entryProgress().whole
    let acknowledged = acknowledged.hub == reply.head.replica ? acknowledged.seq : 0
    return (reply.head.seq, reply.have.seq) < (hub, acknowledged)
  }

  /// Believes a reply only if its entries continue the hub's log and its seal is over their end.
  private func prove(_ reply: SyncReply, to request: SyncRequest) throws(OfficeError) {
    let life = try OfficeError.wrap { () throws(StoreError) in try store.newestIncarnation }
    guard request.incarnation == life else { throw .untrusted(.formerHub) }
    var head = Head(replica: life.hub, seq: request.hub.seq, hash: request.hub.hash)
    for entry in reply.entries {
      guard entry.op.id.replica == head.replica, entry.op.id.seq == head.seq + 1 else {
        throw .untrusted(.chain)
      }
      let hash = Chain.next(after: head.hash, entry.op.bytes)
      head = Head(replica: head.replica, seq: entry.op.id.seq, hash: hash)
    }
    guard head == reply.head else { throw .untrusted(.chain) }
    let seal = Seal.ofHub(secret: secret, head, successorSeal: reply.successorSeal)
    guard seal.isEqualInConstantTime(to: reply.seal) else {
      throw .untrusted(.seal)
    }
    try compareOwnLog(reply.have)
  }

  /// What the hub holds of this office's log must be what is held here.
  func compareOwnLog(_ have: Head) throws(OfficeError) {
    let held = try OfficeError.wrap { () throws(StoreError) in
      try store.head(of: replica, at: have.seq)
    }
    guard let held else { throw .untrusted(.olderThanHub(held: have.seq)) }
    guard held == have else {
      guard let id = OpID(replica, max(held.seq, 1)) else { throw .untrusted(.chain) }
      throw .untrusted(.fork(id))
    }
  }

  /// What a reply that could not be kept says about what is held here.
  ///
  /// Ops of an unfinished run are held before anybody vouched for them. Where they turn out to be
  /// others than the hub's, they are dropped, and the next sync asks for the run from its start. What is
  /// pushed arrives all the same, so that the next one goes on behind it.
  private func distrust(
    _ error: StoreError, having seq: UInt64
  ) throws(OfficeError) -> OfficeError {
    let hasOwnBeside = try OfficeError.wrap { () throws(StoreError) in
      try store.besideEnds(replica) != nil
    }
    switch error {
    case .hashMismatch(let id) where id.replica != replica || hasOwnBeside,
      .fork(let id) where id.replica != replica:
      try OfficeError.wrap { () throws(StoreError) in
        try store.write { () throws(StoreError) in
          if id.replica == replica {
            try store.dropBeside(replica)
          } else {
            try store.dropUnfolded(of: id.replica)
          }
          try store.set(.partRun, 0)
          try store.set(.partSeq, 0)
          if try store.number(.hubHas) != nil { try store.set(.hubHas, Int64(seq)) }
        }
      }
      cannotFollow = true
      return .untrusted(.chain)
    default: return .store(error)
    }
  }

  /// Stores and folds the entries in order; a run that is not complete is stored only.
  private func keep(_ reply: SyncReply) throws(StoreError) -> EntryProgress {
    let progress =
      try store.take(reply.entries, isProved: true, hasMore: reply.hasMore)
      ?? EntryProgress(whole: reply.head.seq)
    // An answer may come late, behind a newer one: progress never goes back.
    let held = try store.entryProgress()
    guard held < progress else { return held }
    try store.set(progress)
    return progress
  }

  /// Compares the state with the hub's, when both have folded the same ops.
  private func compare(_ reply: SyncReply) throws(OfficeError) -> Comparison {
    guard let theirs = reply.digest, theirs.catalogue == store.edition.version,
      try !owesRollCall
    else { return .none }
    let (ours, receipted, own, hub) = try OfficeError.wrap { () throws(StoreError) in
      try store.read { () throws(StoreError) in
        (
          try store.stateDigest(), try store.receiptedSeq(of: replica),
          try store.storedHead(of: replica), try store.foldedHead(of: reply.head.replica)
        )
      }
    }
    guard receipted == own.seq, hub == reply.head else { return .none }
    return ours.value == theirs.value ? .equal : .different
  }
}
