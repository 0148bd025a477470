import Community
import OpLog
import Peer
import Store
import Wire

/// What an office does when the hub begins a new life: it makes sure that it is the street's hub,
/// follows it, and shows it the logs of former hubs that it lacks.
extension OfficeCore {
  /// Whether the hub may still want something that this office has from former hubs.
  package var owesRollCall: Bool {
    get throws(OfficeError) {
      try OfficeError.wrap { () throws(StoreError) in try store.number(.rollCall) != nil }
    }
  }

  /// The next request of a roll-call: what was sealed for successors, and a page of the log that the
  /// hub wanted in its last answer.
  ///
  /// - Parameter maxBytes: About how many bytes the page may have.
  /// - Returns: The request, to be kept for the answer, and the same as it goes over the line.
  /// - Throws: ``OfficeError/store(_:)`` when the log cannot be read.
  package func rollCallRequest(
    maxBytes: Int
  ) throws(OfficeError) -> (RollCallRequest, PeerRequest) {
    let (request, codec) = try OfficeError.wrap { () throws(StoreError) in
      try store.read { () throws(StoreError) -> (RollCallRequest, OpJSON) in
        let codec = try hubCodec()
        let heads = try store.sealedHeads().compactMap { sealed in
          sealed.successorSeal.map { SuccessorHead(head: sealed.head, seal: $0) }
        }
        let request = RollCallRequest(
          incarnations: try store.incarnations().suffix(WireLimits.incarnationsMax),
          heads: heads.suffix(WireLimits.incarnationsMax),
          page: try page(showing: heads.map(\.head), maxBytes: maxBytes, codec))
        return (request, codec)
      }
    }
    let message = PeerRequest(
      method: "POST", path: "/v1/rollcall", contentType: "application/json", token: bearer,
      body: request.encode(codec))
    return (request, message)
  }

  /// The page of a former hub's log that the hub wants; nil when it wants none that is held here.
  private func page(
    showing heads: [Head], maxBytes: Int, _ codec: OpJSON
  ) throws(StoreError) -> RollCallPage? {
    guard let wish, let sealed = heads.first(where: { $0.replica == wish.hub }),
      let start = try start(of: wish)
    else { return nil }
    var page = EntryPage(
      of: wish.hub, from: store,
      limits: EntryPage.Limits(
        bytes: maxBytes, entries: WireLimits.entriesMax, ops: WireLimits.opsMax),
      byteCount: codec.byteCount(of:))
    let hasMore = try page.fill(after: start, through: sealed.seq)
    return RollCallPage(hub: wish.hub, entries: page.entries, hasMore: hasMore)
  }

  /// From where a log is to be given: from where somebody left off, unless that was another log.
  ///
  /// - Returns: nil when the hub holds another branch of that log than this office.
  private func start(of wish: RollCallWish) throws(StoreError) -> HubProgress? {
    for progress in [wish.progress, wish.proved] {
      // A hub that has not heard of that life cannot name the chain's start.
      if progress.seq == 0 { return progress }
      let head = Head(replica: wish.hub, seq: progress.seq, hash: progress.hash)
      if try store.holds(head) { return progress }
    }
    return nil
  }

  /// Takes the hub's answer in a roll-call.
  ///
  /// - Returns: Whether the hub wants nothing more for now.
  /// - Throws: ``OfficeError``; nothing is changed then.
  package func take(
    _ response: PeerResponse, to request: RollCallRequest
  ) throws(OfficeError) -> Bool {
    guard response.status == 200 else { throw OfficeError(refusal: response) }
    let reply: RollCallReply
    do throws(WireError) {
      reply = try RollCallReply(decoding: response.body, asker: replica, codec)
    } catch { throw .wire(error) }
    let head = try prove(reply)
    try compareOwnLog(reply.have)
    // What the hub wants is not sealed; it wants logs whose heads it was shown.
    if let wanted = reply.wish, !request.heads.contains(where: { $0.head.replica == wanted.hub }) {
      throw .wire(.outOfRange(field: "wanted"))
    }
    let mustAskAgain = try OfficeError.wrap { () throws(StoreError) -> Bool in
      try store.write { () throws(StoreError) in
        if try store.newestIncarnation != reply.incarnation { try follow(reply, head) }
        // What was just given may have had this office's own log in it.
        if try store.number(.hubHas) != nil { try store.set(.hubHas, Int64(reply.have.seq)) }
      }
      let (asked, unfit) = (wish, unfitWish)
      (wish, unfitWish) = (nil, nil)
      if let wanted = reply.wish {
        if try start(of: wanted) != nil {
          // A page that brought the hub no further would bring it no further again.
          guard request.page == nil || wanted != asked else { return false }
          wish = wanted
        } else if unfit?.hub != wanted.hub || unfit?.proved != wanted.proved {
          // The hub has another branch of that log, or the line spoiled a digit: it says so once more. How
          // far others have given it may have changed by then.
          unfitWish = wanted
          return true
        }
      }
      // Behind a new key it goes on showing what it has: two offices have to show the same.
      guard wish == nil, !reply.mustWait, try store.number(.renewed) == nil else { return false }
      try store.write { () throws(StoreError) in try store.clear(.rollCall) }
      return false
    }
    return wish == nil && !mustAskAgain
  }

  /// Believes a hub's life only if the seal over the first op of its log is right: the chain there
  /// begins with the life's random bits, and only the street's master key gives this office's secret.
  private func prove(_ reply: RollCallReply) throws(OfficeError) -> Head {
    let hub = reply.incarnation.hub
    let start = Chain.start(
      street: store.identity.street, incarnation: reply.incarnation, replica: hub)
    let head = Head(replica: hub, seq: 1, hash: Chain.next(after: start, reply.first.bytes))
    guard reply.first.id == OpID(hub, 1) else { throw .untrusted(.chain) }
    let seal = Seal.ofHub(secret: secret, head, successorSeal: reply.successorSeal)
    guard seal.isEqualInConstantTime(to: reply.seal) else {
      throw .untrusted(.seal)
    }
    let newest = try OfficeError.wrap { () throws(StoreError) in try store.newestIncarnation }
    guard reply.incarnation.number > newest.number || reply.incarnation == newest else {
      throw .untrusted(.formerHub)
    }
    return head
  }

  /// Follows the hub's new life from the start of its log; inside ``Store/write(_:)``.
  private func follow(_ reply: RollCallReply, _ head: Head) throws(StoreError) {
    for life in HubBeginFold.incarnations(in: reply.first) { try store.note(life) }
    try follow(reply.incarnation, having: reply.have.seq)
    // Who shows a seal can give what it seals, though this hub dies before anybody pulls from it.
    if let progress = try store.take(
      [HubEntry(op: reply.first, runs: [])], isProved: true, hasMore: false)
    {
      try store.set(progress)
    }
    try store.keep(
      SealedHead(head: head, seal: reply.seal, successorSeal: reply.successorSeal))
  }

  /// The same where only the hub's word says which life it is in, as at an enrolment.
  func follow(_ life: Incarnation, having seq: UInt64) throws(StoreError) {
    try store.note(life)
    try store.dropUnfolded()
    try store.set(EntryProgress(whole: 0))
    try store.set(.hubHas, Int64(seq))
    try store.set(.resuming, 1)
    try store.set(.rollCall, 1)
    // It may run another version of the program.
    try store.clear(.hubCatalogue)
    try store.clear(.hubSegments)
    // The new hub may have lost what the former one had of them.
    try store.markBodiesUnsent()
    acknowledged = (nil, 0)
  }

  /// How far the present hub holds this office's log, as far as it said so.
  func hubHas() throws(StoreError) -> UInt64 {
    let said = acknowledged.hub == (try store.hub) ? acknowledged.seq : 0
    guard let kept = try store.number(.hubHas) else {
      return max(said, try store.receiptedSeq(of: replica))
    }
    return max(said, UInt64(kept))
  }

  /// Logs that need not come again from a new hub; none once its whole log is here.
  func heldLogs() throws(StoreError) -> [Head] {
    guard try store.number(.resuming) != nil else { return [] }
    let hub = try store.hub
    var heads: [Head] = []
    for other in try store.replicas() where other != replica && other != hub {
      let head = try store.foldedHead(of: other)
      if head.seq > 0 { heads.append(head) }
    }
    return Array(heads.prefix(WireLimits.headsMax))
  }
}
