import Conformance
import OpLog
import Store

/// I1 at the moment of writing: nobody spends or grants more than is left by what it knew then.
///
/// At the end an account may be full again, and hide that its home spent what it had granted away.
extension World {
  /// Judges each op with which an office's program just took points by a right of the home, in every
  /// world: what it had folded then is all that it knew.
  ///
  /// Not at an older program, which knows less than the model; it spends nothing of an account that an
  /// unread op touches (``HubTests/VersionsTests``).
  func judgeSpending(behind own: Head, at office: OfficeNode) throws(Violation) {
    let now = try must("read a head") { try office.store.storedHead(of: office.replica) }
    guard !office.isOlder, now.replica == own.replica, now.seq > own.seq else { return }
    let spent = try must("read what was written") {
      try office.store.ops(of: now.replica, in: own.seq + 1...now.seq, limit: .max)
    }.filter { Self.spending.contains($0.kind) && $0.was == nil }
    guard !spent.isEmpty else { return }
    let known = try must("read what an office knows") {
      NaiveModel(try StoreView(office.store).facts(), lost: try office.store.putAwayHashes())
    }
    for op in spent { try check(op.id, known) }
  }

  /// The kinds with which a home spends or grants: redemptions, grants, offers, coins, gifts.
  private static let spending: Set<KindNumber> = [9, 23, 39, 40, 56]

  /// How many ops are looked at in one world: each takes a model of its own.
  private static let spendingsMax = 3

  /// Judges some of what homes spent and granted by what the hub's log told them when they wrote.
  func checkSpending(_ union: ReplicaCheck) throws(Violation) {
    // What a writer held of a former hub, or on another copy of its disk, is in no list.
    guard !fate.hasHubFailed, fate.copy?.disk == nil else { return }
    let log = union.logs.joined().map { Fact($0.op, hash: $0.hash) }
    let model = NaiveModel(log)
    var asked: [(op: Op, account: OpID)] = []
    for (op, hash) in union.logs.joined() where !unchecked.contains(hash) {
      guard hubOpSeen[op.id] != nil, let spent = model.spending(by: op.id) else { continue }
      asked.append((op, spent.account))
    }
    // Where a home granted something, its other debits have to leave that.
    let shared = Set(asked.filter { $0.op.kind == Self.grant }.map(\.account))
    let places = receipts(in: union)
    for _ in 0..<Self.spendingsMax {
      let open = asked.filter { shared.contains($0.account) }
      guard let id = random.pick(open.isEmpty ? asked : open)?.op.id else { return }
      asked.removeAll { $0.op.id == id }
      try check(id, NaiveModel(log.filter { knew($0.id, when: id, places) }))
    }
  }

  /// The kind of `rights.grant`.
  private static let grant: KindNumber = 9

  /// Whether the writer of an op held another when it wrote.
  private func knew(_ other: OpID, when id: OpID, _ places: [OpID: OpID]) -> Bool {
    if other.replica == id.replica, other.seq <= id.seq { return true }
    guard let seen = hubOpSeen[id] else { return false }
    if other.replica == seen.replica { return other.seq <= seen.seq }
    return places[other].map { $0 <= seen } ?? false
  }

  private func check(_ id: OpID, _ known: NaiveModel) throws(Violation) {
    guard let (account, points) = known.spending(by: id) else { return }
    marks.hit(Look.spending)
    let left = known.homeRights(on: account)
    guard left < 0 else { return }
    throw Violation(
      "I1", "\(id) took \(points) of \(account), \(-left) more than its writer knew to be there")
  }

  /// The hub's op that first receipted each op.
  private func receipts(in union: ReplicaCheck) -> [OpID: OpID] {
    var held: [OpID: OpID] = [:]
    for (op, _) in union.logs.joined() where op.kind == Receipt.kind && op.id.replica.isHub {
      guard let runs = try? Receipt(op).runs else { continue }
      for run in runs where !union.lost.contains(run.upTo.hash) {
        for seq in stride(from: run.upTo.seq, to: 0, by: -1) {
          guard let id = OpID(run.upTo.replica, seq), held[id] == nil else { break }
          held[id] = op.id
        }
      }
    }
    return held
  }
}
