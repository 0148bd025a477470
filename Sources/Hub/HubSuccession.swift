import Community
import OpLog
import Store

/// Why a roll-call cannot be ended now.
package enum SuccessionRefusal: Error, Equatable, Sendable {
  /// There is none: the hub was not rebuilt, or two persons have ended it.
  case notOpen
  /// No office has called yet, so that whatever the former hub lost would be lost for good.
  case nobodyCalled
  /// The two who should sign may not.
  case approvers(ClosingRefusal)
  /// The database failed.
  case store(StoreError)
}

/// How far a roll-call has come.
package struct RollCall: Equatable, Sendable {
  /// How far the log of each former hub is held and proved, the newest first.
  package let formers: [Head]
  /// The log that is being given in parts, and how far; nil for none.
  package let given: Head?
  /// The offices that called.
  package let callers: [ReplicaID]
  /// The offices in use that did not call.
  package let away: [ReplicaID]
  /// The offices that hold another branch of a former hub's log: they cannot follow.
  package let branched: [ReplicaID]
  /// What offices showed of a log by a key that is lost; nil for nothing.
  package let adoption: Adoption?
}

/// The lives of a hub: how one begins, and how its roll-call ends.
extension HubAdmin {
  /// Begins the next life of a hub on what its database holds: its first op says which lives were
  /// before, then come receipts for all that is held.
  ///
  /// - Parameters:
  ///   - key: The key of the new life, kept durably already.
  ///   - store: The hub's database: empty, a backup, or as the former life left it.
  ///   - now: The hub's clock in ms since 1970-01-01 UTC.
  /// - Throws: ``StoreError``, such as ``StoreError/clockBehind(written:)``; nothing is written then.
  package static func begin(
    _ key: HubKey, in store: Store, now: Int64
  ) throws(StoreError) {
    try store.write { () throws(StoreError) in
      try HubClock.check(now, in: store)
      try store.dropGiven()
      try store.become(key.incarnation, after: key.formers)
      try store.clear(.callers)
      try store.clear(.branched)
      try store.clear(.shown)
      // Whoever gave it gives it again in the new roll-call.
      try store.clear(.clockShown)
      // Not only the life that made it: that one may have been cut short before it began.
      if try key.since != store.keySince() ?? 1 {
        try store.beginKey(with: key.since)
      }
      try key.keepCheck(in: store)
      let payload = HubBeginFold.payload(key.incarnation, after: key.formers)
      try write(payload, HubBeginFold.kind, to: store, now: now)
      try writeReceipts(to: store, now: now)
    }
  }

  /// Writes receipts for all that is held and folded and that this hub has not said yet, the logs of
  /// former hubs first; inside a transaction.
  static func writeReceipts(to store: Store, now: Int64) throws(StoreError) {
    let own = store.identity.replica
    let replicas = try store.replicas().filter { $0 != own }
    var runs: [[PayloadValue?]] = []
    for replica in replicas.filter(\.isHub) + replicas.filter({ !$0.isHub }) {
      let head = try store.foldedHead(of: replica)
      guard head.seq > (try store.receiptedSeq(of: replica, by: own)) else { continue }
      runs.append([
        .integer(Int64(replica.rawValue)), .integer(Int64(head.seq)), .bytes(head.hash.bytes),
      ])
    }
    // Behind the logs: whoever follows this hub then knows that these ops lost their ids.
    for head in try store.unsaidBranches() {
      runs.append([
        .integer(Int64(head.replica.rawValue)), .integer(Int64(head.seq)), .bytes(head.hash.bytes),
      ])
    }
    for start in stride(from: 0, to: runs.count, by: EnvelopeLimits.receiptRunsMax) {
      let part = Array(runs[start...].prefix(EnvelopeLimits.receiptRunsMax))
      try write(Payload(values: [.records(part)]), Receipt.kind, to: store, now: now)
    }
  }

  /// Whether a later life of a hub has nothing but its own beginning: no office ever gave it anything.
  package static func hasOnlyBegun(_ store: Store) throws(StoreError) -> Bool {
    let own = store.identity
    guard own.incarnation.number > 1 else { return false }
    for replica in try store.replicas() {
      let seq = try store.foldedHead(of: replica).seq
      guard seq == (replica == own.replica ? 1 : 0) else { return false }
    }
    return true
  }

  /// How far the roll-call has come; nil when none is open.
  package static func rollCall(of store: Store) throws(StoreError) -> RollCall? {
    guard try store.isRollCallOpen else { return nil }
    var formers: [Head] = []
    for hub in try store.formerHubs() { formers.append(try store.foldedHead(of: hub)) }
    let given = try store.givenLog()
    let callers = try store.callers()
    var away: [ReplicaID] = []
    for replica in try store.enrolledReplicas() where !callers.contains(replica) {
      guard try store.enrolment(of: replica)?.isRevoked == false,
        try !store.isRetired(replica)
      else { continue }
      away.append(replica)
    }
    return RollCall(
      formers: formers,
      given: try given.map { (log) throws(StoreError) in try store.storedHead(of: log.hub) },
      callers: callers, away: away, branched: try store.branchedOffices(),
      adoption: try adoption(of: store))
  }

  /// Ends the roll-call: what former hubs wrote behind what is held now comes too late to decide
  /// anything.
  ///
  /// - Parameters:
  ///   - approvers: The two persons who answer for it.
  ///   - store: The hub's database.
  ///   - now: The hub's clock in ms since 1970-01-01 UTC.
  /// - Returns: The `hub.succeed` op.
  /// - Throws: ``SuccessionRefusal``; nothing is written then.
  package static func succeed(
    by approvers: [OpID], in store: Store, now: Int64
  ) throws(SuccessionRefusal) -> OpID {
    let result: Result<OpID, SuccessionRefusal>
    do throws(StoreError) {
      result = try store.write { () throws(StoreError) in
        try succeedInside(by: approvers, in: store, now: now)
      }
    } catch { throw .store(error) }
    return try result.get()
  }

  private static func succeedInside(
    by approvers: [OpID], in store: Store, now: Int64
  ) throws(StoreError) -> Result<OpID, SuccessionRefusal> {
    guard let rollCall = try rollCall(of: store) else { return .failure(.notOpen) }
    guard !rollCall.callers.isEmpty else { return .failure(.nobodyCalled) }
    if let refusal = try problem(of: approvers, of: nil, in: store, now: now) {
      return .failure(.approvers(refusal))
    }
    try store.dropGiven()
    // Nothing binds of a former hub that nobody but its number speaks for.
    let unheard = (1..<store.identity.incarnation.number).map { ReplicaID.hub(incarnation: $0) }
      .filter { hub in !rollCall.formers.contains { $0.replica == hub } }
      .map { Head(replica: $0, seq: 0, hash: .zero) }
    let heads: [[PayloadValue?]] = (rollCall.formers + unheard).prefix(headsMax).map { head in
      [
        .integer(Int64(head.replica.rawValue)), .integer(Int64(head.seq)),
        .bytes(head.hash.bytes),
      ]
    }
    let away: [[PayloadValue?]] = rollCall.away.prefix(awayMax).map { replica in
      [.integer(Int64(replica.rawValue))]
    }
    let payload = Payload(values: [
      .records(heads), .records(away), .references(approvers.sorted()),
    ])
    return .success(try write(payload, HubSucceedFold.kind, to: store, now: now).id)
  }

  /// How many offices that did not call the op can name.
  private static let awayMax = 512

  /// How many former hubs the op can name.
  private static let headsMax = 256
}
