import Community
import OpLog
import Store
import Wire

/// A roll-call: offices give a rebuilt hub the logs of former hubs that it lacks.
///
/// What comes is stored at once and counts for nothing until its end is a head that a former hub
/// sealed for its successors. Then all of it is folded, and receipts say so.
extension HubCore {
  /// How long a log that somebody began to give keeps others waiting, ms.
  private static let patience: Int64 = 60_000

  func rollCall(
    _ request: RollCallRequest, from replica: ReplicaID, now: Int64
  ) throws(Problem) -> RollCallReply {
    // The line spoiled it: without that head the asker's log would never be asked for.
    guard
      request.heads.allSatisfy({
        $0.head.replica.isHub && (isRight($0) || isUnprovable($0.head.replica))
      })
    else {
      throw Problem(
        .sealMismatch, detail: "a head is not sealed for successors", field: "heads")
    }
    var heads = request.heads.filter { isRight($0) }.map(\.head)
    if try isBehind(heads) {
      // Whoever asks may say anything of the lives; only a seal says that there was one.
      let newest = heads.map(\.replica.incarnation).max() ?? 0
      try beginNextLife(above: newest, now: now)
    }
    heads += try shown(by: replica, request.heads.map(\.head))
    if let page = request.page {
      guard let end = heads.first(where: { $0.replica == page.hub }) else {
        throw Problem(
          .sealMismatch, detail: "no head of \(page.hub) is shown", field: "heads")
      }
      guard end.replica < store.identity.replica,
        page.entries.allSatisfy({ $0.op.id.replica == page.hub && $0.op.id.seq <= end.seq })
      else {
        throw Problem(.outOfRange, detail: "no page of a former hub's log", field: "page")
      }
      if try isWanted(page, among: heads, now: now) {
        try take(page, through: end, from: replica, now: now)
        // Its last page folds all of a log.
        mergeLog(after: page.hasMore ? page.entries.count : Self.unmergedMax)
        try learnLives()
      }
    }
    let answer = try Problem.wrap { () throws(StoreError) in
      try store.read { () throws(StoreError) in
        try reply(to: replica, heads: heads, now: now)
      }
    }
    if answer.mustWait { waiting.insert(replica) } else { waiting.remove(replica) }
    return answer
  }

  /// Whether a page brings something of the log that this office is asked for now; any other would only
  /// fill the disk with what nobody proves.
  private func isWanted(
    _ page: RollCallPage, among heads: [Head], now: Int64
  ) throws(Problem) -> Bool {
    try Problem.wrap { () throws(StoreError) -> Bool in
      try store.read { () throws(StoreError) -> Bool in
        guard try wish(among: heads, now: now).0?.hub == page.hub else { return false }
        // A page without entries says that somebody else gave all that was sealed for this office.
        guard let first = page.entries.first else {
          return try store.givenLog()?.hub == page.hub
        }
        let proved = try proved(page.hub)
        return first.op.id.seq > proved.seq
      }
    }
  }

  private func isRight(_ sealed: SuccessorHead) -> Bool {
    Seal.ofSuccessor(masterKey: key.masterKey, sealed.head).isEqualInConstantTime(to: sealed.seal)
  }

  /// The heads of former hubs that an office shows and no seal can prove, because the key of their time is
  /// lost; kept until two offices have shown the same and two persons adopt it (``HubAdmin``).
  ///
  /// Nothing where the roll-call has ended, and none of a life whose seals this key tells.
  private func shown(by replica: ReplicaID, _ heads: [Head]) throws(Problem) -> [Head] {
    let shown = heads.filter { $0.replica.isHub && isUnprovable($0.replica) }
    guard key.since > 1, try isRollCallOpen() else { return [] }
    return try Problem.wrap { () throws(StoreError) in
      let kept = try store.shownHeads().filter { $0.office == replica }.map(\.head)
      if kept != shown {
        try store.write { () throws(StoreError) in try store.setShown(shown, by: replica) }
      }
      return shown
    }
  }

  /// Whether a hub was of a time whose key is lost.
  private func isUnprovable(_ hub: ReplicaID) -> Bool { hub.incarnation < key.since }

  /// Whether a hub of this street wrote what this one lacks, although it is the newest or the same.
  private func isBehind(_ heads: [Head]) throws(Problem) -> Bool {
    try Problem.wrap { () throws(StoreError) in
      try store.read { () throws(StoreError) in
        for head in heads where head.replica >= store.identity.replica {
          guard try store.holds(head) else { return true }
        }
        return false
      }
    }
  }

  /// Stores a page; behind the last one folds the log and writes receipts.
  ///
  /// Where a third office brought another log of its own before than the page has of it, nothing is wrong
  /// with the asker: `fork` would stop it for good.
  private func take(
    _ page: RollCallPage, through end: Head, from asker: ReplicaID, now: Int64
  ) throws(Problem) {
    do throws(StoreError) {
      try take(page, through: end, now: now)
    } catch {
      guard case .fork(let id) = error, id.replica != asker else { throw Problem(error) }
      throw Problem(
        .chainBroken, detail: "replica \(id.replica) has brought another op \(id) itself")
    }
  }

  private func take(
    _ page: RollCallPage, through sealed: Head, now: Int64
  ) throws(StoreError) {
    // A log that nothing proves is only kept: somebody adopts it.
    let isFolded = !page.hasMore && !isUnprovable(page.hub)
    if isFolded {
      try store.read { () throws(StoreError) in
        try HubClock.check(now, before: sealed, in: store)
      }
    }
    do throws(StoreError) {
      return try HubClock.take(by: now, in: store) { (checkClock) throws(StoreError) in
        try keep(page, through: sealed, now: now, checkClock)
      }
    } catch {
      switch error {
      // The asker is told again from where to give; somebody else may have begun anew.
      case .gap: return
      case .fork, .hashMismatch, .otherIncarnation: break
      default: throw error
      }
    }
    // What two offices showed stays; only what one of them alone gave behind it gives way.
    if isUnprovable(page.hub), let agreed = try agreedHead(of: page.hub) {
      guard page.entries.first?.op.id.seq == agreed.seq + 1 else { return }
      return try HubClock.take(by: now, in: store) { (checkClock) throws(StoreError) in
        try store.dropGiven(behind: agreed)
        try keep(page, through: sealed, now: now, checkClock)
      }
    }
    // Two gave different logs, and at most one of them gives the one that was sealed.
    try store.write { () throws(StoreError) in try store.dropGiven() }
    let start = try proved(page.hub).seq + 1
    guard page.entries.first?.op.id.seq == start else { return }
    try HubClock.take(by: now, in: store) { (checkClock) throws(StoreError) in
      try keep(page, through: sealed, now: now, checkClock)
    }
  }

  private func keep(
    _ page: RollCallPage, through sealed: Head, now: Int64,
    _ checkClock: () throws(StoreError) -> Void
  ) throws(StoreError) {
    if let given = try store.givenLog(), given.hub != page.hub { try store.dropGiven() }
    let before = EntryProgress(whole: try proved(page.hub).seq)
    let held = try store.givenLog()?.progress ?? before
    let progress = try store.take(page.entries, isProved: false, hasMore: true) ?? before
    // Only who brings something keeps others waiting.
    if progress > held { try store.setGiven(page.hub, progress, at: now) }
    guard page.hasMore || isUnprovable(page.hub) else {
      return try prove(page.hub, through: sealed, now: now, checkClock)
    }
    if !page.hasMore, try !store.holds(sealed), let end = OpID(sealed.replica, sealed.seq) {
      throw .hashMismatch(end)
    }
    var count: UInt64 = 0
    for log in try store.unprovedOps() { count += log.count }
    // No street's logs are so long: it is not what was sealed.
    guard count <= unprovedOpsMax else {
      throw .hashMismatch(page.entries[0].op.id)
    }
  }

  /// Folds a log that was given whole, if it ends at the head that was sealed.
  private func prove(
    _ hub: ReplicaID, through sealed: Head, now: Int64,
    _ checkClock: () throws(StoreError) -> Void
  ) throws(StoreError) {
    guard try store.holds(sealed) else {
      guard let end = OpID(sealed.replica, sealed.seq) else { return }
      throw .hashMismatch(end)
    }
    try store.foldEntries(of: hub, through: sealed.seq)
    try store.noteGivenProved()
    try checkClock()
    try HubAdmin.writeReceipts(to: store, now: now)
    if try store.storedHead(of: hub).seq == sealed.seq { try store.dropGiven() }
    if try store.setting(.streetName) == nil, let name = try store.definedName() {
      try store.set(.streetName, Array(name.utf8))
    }
  }

  private func reply(
    to replica: ReplicaID, heads: [Head], now: Int64
  ) throws(StoreError) -> RollCallReply {
    let own = store.identity.replica
    guard let first = try store.ops(of: own, in: 1...1, limit: 1).first,
      let head = try store.head(of: own, at: 1), let secret = key.secret(of: replica)
    else { throw .gap(replica: own, held: 0) }
    let (wish, mustWait) = try wish(among: heads, now: now)
    let successorSeal = Seal.ofSuccessor(masterKey: key.masterKey, head)
    return RollCallReply(
      incarnation: key.incarnation, first: first,
      seal: Seal.ofHub(secret: secret, head, successorSeal: successorSeal),
      successorSeal: successorSeal,
      have: try store.foldedHead(of: replica), wish: wish, mustWait: mustWait)
  }

  /// The newest former log of which somebody has more than is proved here.
  private func wish(
    among heads: [Head], now: Int64
  ) throws(StoreError) -> (RollCallWish?, mustWait: Bool) {
    let own = store.identity.replica
    let shown = heads.map(\.replica).filter { $0 < own }
    for hub in Set(try store.formerHubs() + shown).sorted(by: >) {
      let proved = try proved(hub)
      guard let head = heads.first(where: { $0.replica == hub }), head.seq > proved.seq else {
        continue
      }
      let start = HubProgress(seq: proved.seq, hash: proved.hash)
      guard let given = try store.givenLog(), given.progress.whole >= proved.seq else {
        return (RollCallWish(hub: hub, progress: start, proved: start), false)
      }
      if isUnprovable(given.hub), given.hub >= hub {
        // What it shows is here, or it is the turn of a newer hub's log until that is adopted.
        guard given.hub == hub, try !store.holds(head) else { return (nil, false) }
      }
      guard given.hub == hub else {
        // The log of the newer hub brings most of the older ones with it.
        let isIdle = now - (try store.number(.givenAt) ?? now) > Self.patience
        guard given.hub < hub || isIdle else { return (nil, true) }
        return (RollCallWish(hub: hub, progress: start, proved: start), false)
      }
      let place = try store.head(of: hub, at: given.progress.whole) ?? proved
      let progress = HubProgress(
        seq: place.seq, hash: place.hash, run: given.progress.run, upTo: given.progress.seq)
      // Where two offices agree, no third begins before that.
      let agreed = isUnprovable(hub) ? try agreedHead(of: hub) : nil
      let base = agreed.map { HubProgress(seq: $0.seq, hash: $0.hash) } ?? start
      return (RollCallWish(hub: hub, progress: progress, proved: base), false)
    }
    return (nil, false)
  }

  /// How far two offices showed the same of a log that no seal proves and that is being given; nil where
  /// only one did.
  private func agreedHead(of hub: ReplicaID) throws(StoreError) -> Head? {
    let agreed = try HubAdmin.adoption(of: store)?.head
    return agreed?.replica == hub ? agreed : nil
  }

  /// How far a former hub's log is proved; hash 0 where this hub has not even heard of that life.
  private func proved(_ hub: ReplicaID) throws(StoreError) -> Head {
    guard try store.knowsLife(of: hub) else {
      return Head(replica: hub, seq: 0, hash: .zero)
    }
    return try store.foldedHead(of: hub)
  }
}
