import Community
import Hub
import Office
import OpLog
import Store
import Wire

/// A PC that was told that its database is not the only one, until it goes on under another id.
struct Copied {
  /// The id that it had.
  let former: ReplicaID
  /// The id that the hub issued for it; nil until then.
  fileprivate(set) var reply: EnrolReply?
  /// The ops that no receipt covered when it took the new id, as they were; nil until then.
  fileprivate(set) var unproved: [FormerOp]?
  /// What it could spend of each account, beside what it earned itself since it last synced.
  var bounds: [OpID: Int64] = [:]
  /// The chain hashes of its log then, in order.
  fileprivate var hashes: [Digest] = []
  /// Whether no other PC goes on under the former id.
  fileprivate let isOnly: Bool

  init(from former: ReplicaID, isOnly: Bool) {
    self.former = former
    self.isOnly = isOnly
  }
}

/// Going on under another id: what the street lacks is recorded again, and nothing else.
extension World {
  /// Lets PCs that may not go on as they are go on under new ids.
  ///
  /// - Parameter rate: How likely each does so now, in cases of a thousand.
  /// - Throws: ``Violation``.
  func rejoin(rate: Int = 1_000) throws(Violation) {
    for office in offices where office.copied != nil && !office.isGone {
      guard office.copied?.unproved == nil, random.happens(rate) else { continue }
      try begin(office)
    }
  }

  /// One PC takes a new id, unless the power fails or the hub issues none.
  private func begin(_ office: OfficeNode) throws(Violation) {
    guard var copied = office.copied else { return }
    if copied.reply == nil {
      guard try !isEnrolmentUnsafe() else { return }
      copied.reply = try issueID(office.community, code: "again-\(office.index)")
      office.copied = copied
    }
    guard let reply = copied.reply else { return }
    office.session = nil
    let hashes = try ownLog(of: office).map(\.hash)
    let unproved = try unheld(of: office)
    copied.bounds = try bounds(of: unproved, at: office)
    if arms(.officeCrashBeforeCommit) { office.disk.failBeforeCommit(1) }
    try office.rejoin(as: reply)
    if office.replica == reply.replica {
      (copied.unproved, copied.hashes) = (unproved, hashes)
      note("\(copied.former) goes on as \(reply.replica), with \(unproved.count) ops unproved")
      try spoilRejoin(of: office)
    } else {
      marks.hit(.officeCrashBeforeCommit)
      note("\(copied.former) crashes before it is \(reply.replica)")
    }
    office.copied = copied
  }

  /// What a PC wrote and no receipt covers, and what the hub does not hold though a receipt does: other
  /// ops have those ids there.
  private func unheld(of office: OfficeNode) throws(Violation) -> [FormerOp] {
    let unproved = try must("list what nobody vouched for") { try office.store.uncoveredOps() }
    let first = unproved.first?.op.id.seq ?? .max
    let lost = try must("list what was put away") { try hub.store.putAwayHashes() }
    let covered = try ownLog(of: office).filter { $0.op.id.seq < first && lost.contains($0.hash) }
    return covered.map { FormerOp(op: $0.op, hash: $0.hash) } + unproved
  }

  /// Whether a PC's ops lost their ids to those of its copy, which a former hub had received before; then
  /// it may not go on as it is.
  func hasLostIDs(_ office: OfficeNode) throws(Violation) -> Bool {
    guard office.copied == nil, fate.hasHubFailed else { return false }
    let lost = try must("list what was put away") { try hub.store.putAwayHashes() }
    let first = try ownLog(of: office).first { lost.contains($0.hash) }
    guard let first else { return false }
    marks.hit(Look.idsLost)
    note("\(office.replica) lost ids to its copy")
    forget(behind: first.op.id.seq - 1, of: office.replica)
    office.copied = Copied(from: office.replica, isOnly: false)
    return true
  }

  /// Whether a PC was put back to an old disk while no hub knew of the newer ops, which another office
  /// then gave in a roll-call, or a bundle brought that was under way.
  func isFoundOutLate(_ office: OfficeNode, byFile: Bool = false) -> Bool {
    let isKnown = byFile || fate.isOldDiskShown || fate.hasHubFailed
    guard office.copied == nil, isKnown, fate.putBack == office.replica else { return false }
    note("\(office.replica) is found to have an old disk")
    forget(behind: fate.copy?.ownSeq ?? 0, of: office.replica)
    office.copied = Copied(from: office.replica, isOnly: true)
    return true
  }

  /// After the faults: whoever wants to go on does so.
  func endRejoining() throws(Violation) {
    guard fate.leftID != nil || offices.contains(where: { $0.copied != nil && !$0.isGone }) else {
      return
    }
    try rejoin()
    try syncAll()
    if fate.leftID != nil {
      try retireLeftID()
      try syncAll()
    }
    for office in offices {
      guard let copied = office.copied, copied.unproved != nil else { continue }
      throw Violation("I13", "\(office.replica) never recorded again what it wrote")
    }
    // Where nobody could end the hub's roll-call, no id was issued: what the hub has is not lost.
    for index in wishes.indices where offices[wishes[index].office].copied != nil {
      guard let op = wishes[index].op, let told = wishes[index].hash else { continue }
      if try hash(of: op, in: hub.store) != told { wishes[index].isLost = true }
    }
  }

  /// The street retires the id that nobody writes under any more, so that somebody works for its
  /// accounts.
  ///
  /// It has to where no other copy lives.
  func retireLeftID() throws(Violation) {
    guard let (former, successor) = fate.leftID,
      let office = offices.first(where: { $0.replica == successor })
    else { return }
    let retirement = Retirement(
      replica: former, successor: successor, approvers: Array(staff[office.community][..<2]),
      reason: 0)
    try actAtHub("puts \(successor) in the place of \(former)") { (store, now) throws(StoreError) in
      do throws(RetireRefusal) {
        _ = try HubAdmin.retire(retirement, in: store, now: now)
        marks.hit(Look.formerIDRetired)
      } catch {
        guard case .store(let failure) = error else { return }
        throw failure
      }
    }
  }

  /// Looks whether a PC has recorded again what the street lacked.
  func noticeRejoined(_ office: OfficeNode) throws(Violation) {
    guard let copied = office.copied, let unproved = copied.unproved, try !hasStopped(office)
    else { return }
    var again: [OpID: OpID] = [:]
    for former in unproved {
      again[former.op.id] = try must("look up what was recorded again") {
        try office.store.recordedAgain(former.op.id)
      }
    }
    office.copied = nil
    if copied.isOnly { fate.leftID = (copied.former, office.replica) }
    marks.hit(Look.rejoined)
    note("\(office.replica) recorded \(again.count) of \(unproved.count) ops again")
    for former in unproved { try check(former, again, copied, at: office) }
    try checkCost(of: again, copied, at: office)
    for index in wishes.indices where wishes[index].office == office.index {
      guard let op = wishes[index].op, let id = again[op] else { continue }
      rename(index, to: id, again)
      wishes[index].hash = try hash(of: id, in: office.store)
    }
    namedAhead.formUnion(
      unproved.filter { unchecked.contains($0.hash) }.compactMap { again[$0.op.id] })
    try spoilRecordedAgain(Array(again.values).sorted(), at: office)
  }

  /// I4, I10: an op is at the hub as it was, or recorded again, and names what it named.
  private func check(
    _ former: FormerOp, _ again: [OpID: OpID], _ copied: Copied, at office: OfficeNode
  ) throws(Violation) {
    let (op, store) = (former.op, office.store)
    guard let id = again[op.id] else {
      let held = try must("look up a head") { try store.head(of: op.id.replica, at: op.id.seq) }
      guard held?.hash != former.hash, try !isOnDesk(former, again, copied, at: office) else {
        return
      }
      throw Violation("I4", "\(op.id) was neither at the hub nor recorded again")
    }
    marks.hit(Look.recordedAgain)
    let record = try must("read what was recorded again") { try store.op(id) }
    guard record.was == op.was ?? former.hash, record.kind == op.kind, record.stamp == op.stamp,
      record.actor == op.actor.map({ again[$0] ?? $0 }), record.occurredOn == op.occurredOn,
      record.policy == op.policy, record.body == op.body,
      Set(record.namedOps) == Set(op.namedOps.map { again[$0] ?? $0 })
    else { throw Violation("I10", "\(op.id) was recorded again as \(id) and says something else") }
    for named in op.namedOps where named.replica == copied.former && again[named] == nil {
      let held = try must("look up a head") { try store.head(of: named.replica, at: named.seq) }
      guard named.seq <= copied.hashes.count, held?.hash != copied.hashes[Int(named.seq) - 1] else {
        continue
      }
      throw Violation("I10", "\(id) names \(named), which is another op than \(op.id) named")
    }
  }

  /// Whether staff have to look after an op that nobody can say again: what it names is not what its
  /// writer saw, cannot be said again either, or is not here beside something that lost its id.
  private func isOnDesk(
    _ former: FormerOp, _ again: [OpID: OpID], _ copied: Copied, at office: OfficeNode
  ) throws(Violation) -> Bool {
    let refused = try must("look at the desk") { try office.store.refusedFormerOps().map(\.op.id) }
    guard refused.contains(former.op.id) else { return false }
    guard !former.op.namedOps.contains(where: refused.contains) else { return true }
    var hashes: [Digest] = []
    var (isAnyLost, isAnyAbsent) = (false, false)
    for named in former.op.namedOps {
      let isOwn = named.replica == copied.former && named.seq <= copied.hashes.count
      let held = try must("look up a head") {
        try office.store.head(of: named.replica, at: named.seq)?.hash
      }
      guard let hash = isOwn ? copied.hashes[Int(named.seq) - 1] : held else {
        isAnyAbsent = true
        continue
      }
      hashes.append(hash)
      if hash != held { isAnyLost = true }
    }
    if isAnyAbsent { return isAnyLost }
    return Chain.names(of: hashes) != former.op.names
  }

  /// Staff have a receipt with the new id in their hands.
  private func rename(
    _ index: Int, to id: OpID, _ again: [OpID: OpID]
  ) {
    wishes[index].op = id
    guard wishes[index].isPromised else { return }
    remember(wishes[index].renaming(again), as: id)
  }

  /// The log that an office writes, with the chain hash after each op.
  func ownLog(of office: OfficeNode) throws(Violation) -> [(op: Op, hash: Digest)] {
    try must("read a log") {
      let head = try office.store.storedHead(of: office.replica)
      guard head.seq > 0, var hash = try office.store.head(of: office.replica, at: 0)?.hash else {
        return []
      }
      return try office.store.ops(of: office.replica, in: 1...head.seq, limit: .max).map { op in
        hash = Chain.next(after: hash, op.bytes)
        return (op, hash)
      }
    }
  }
}

extension Wish {
  /// The same as if it had been about other ids.
  fileprivate func renaming(_ again: [OpID: OpID]) -> Wish {
    var wish = self
    wish.request.fields = request.fields.mapValues { $0.renaming(again) }
    switch slip {
    case .none, .resident, .activity, .item: break
    case .grant(let sheet): wish.slip = .grant(sheet: sheet.mapValues { $0.renaming(again) })
    case .reversal(let grant):
      let sheet = grant.sheet.mapValues { $0.renaming(again) }
      wish.slip = .reversal(
        of: Known.Grant(id: again[grant.id] ?? grant.id, actor: grant.actor, sheet: sheet))
    }
    return wish
  }
}

extension String {
  /// The same with other ids in it.
  fileprivate func renaming(_ again: [OpID: OpID]) -> String {
    var (text, word) = ("", "")
    for character in self {
      if character.isASCII, character.isNumber || character == "-" {
        word.append(character)
        continue
      }
      text += OpID(word).flatMap { again[$0] }?.description ?? word
      text.append(character)
      word = ""
    }
    return text + (OpID(word).flatMap { again[$0] }?.description ?? word)
  }
}
