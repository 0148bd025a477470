import Community
import OpLog
import Store

/// Why the hub does not retire a PC now.
package enum RetireRefusal: HubRefusal, Equatable {
  /// No such replica is enrolled.
  case unknown(ReplicaID)
  /// The enrolment was lost with a former hub, if there was one.
  case notEnrolled(ReplicaID)
  /// It is retired already.
  case retiredBefore(ReplicaID)
  /// The successor was revoked, is retired, or is the lost PC itself.
  case unfitSuccessor(ReplicaID)
  /// The successor belongs to another community.
  case otherCommunity(ReplicaID)
  /// The two who should sign may not.
  case approvers(ClosingRefusal)
  /// The database failed.
  case store(StoreError)
}

/// A PC that is lost or broken, and the one that takes its place.
package struct Retirement: Sendable {
  /// The lost PC.
  package let replica: ReplicaID
  /// Who takes its place.
  package let successor: ReplicaID
  /// The two who decide it.
  package let approvers: [OpID]
  /// Its place in ``RetireFold/reasons``.
  package let reason: Int64

  /// Makes one.
  package init(
    replica: ReplicaID, successor: ReplicaID, approvers: [OpID], reason: Int64
  ) {
    self.replica = replica
    self.successor = successor
    self.approvers = approvers
    self.reason = reason
  }
}

/// What goes to the successor: the lost PC's log as the hub has it, its accounts, and its shelf.
package struct RetirementPlan: Sendable {
  /// How far its log binds.
  package let head: Head
  /// The residents and households whose points it held.
  package let accounts: Int64
  /// What lies on its shelf by its books.
  package let shelf: [(item: OpID, name: String, onHand: Int64)]
  /// Whether its door was shut before: what it had not sent is not taken.
  package let isRevoked: Bool
  /// How many files of people that it recorded have not come.
  package let filesAbsent: Int64
}

extension HubAdmin {
  /// What a retirement would move; nothing is written.
  ///
  /// - Throws: ``RetireRefusal`` where ``retire(_:in:now:)`` would.
  package static func plan(
    _ retirement: Retirement, in store: Store, now: Int64
  ) throws(RetireRefusal) -> RetirementPlan {
    try decide(store) { () throws(StoreError) -> Result<RetirementPlan, RetireRefusal> in
      if let refusal = try refusal(of: retirement, in: store, now: now) {
        return .failure(refusal)
      }
      let held = try store.holdings(of: retirement.replica)
      return .success(
        RetirementPlan(
          head: try store.foldedHead(of: retirement.replica), accounts: held.accounts,
          shelf: held.shelf,
          isRevoked: try store.enrolment(of: retirement.replica)?.isRevoked == true,
          filesAbsent: try store.absentBodies(of: retirement.replica)))
    }
  }

  /// Retires a PC at the head that the hub holds of it: what turns up later is late.
  ///
  /// - Parameters:
  ///   - retirement: What to do.
  ///   - store: The hub's database.
  ///   - now: The hub's clock in ms since 1970-01-01 UTC.
  /// - Returns: The `replica.retire` op.
  /// - Throws: ``RetireRefusal``; nothing is written then.
  package static func retire(
    _ retirement: Retirement, in store: Store, now: Int64
  ) throws(RetireRefusal) -> OpID {
    try decide(store) { () throws(StoreError) -> Result<OpID, RetireRefusal> in
      if let refusal = try refusal(of: retirement, in: store, now: now) {
        return .failure(refusal)
      }
      guard let lost = try store.enrolment(of: retirement.replica),
        let heir = try store.enrolment(of: retirement.successor)
      else { return .failure(.unknown(retirement.replica)) }
      let head = try store.foldedHead(of: retirement.replica)
      let values: [PayloadValue?] = [
        .reference(lost.op), .integer(Int64(head.seq)), .bytes(head.hash.bytes),
        .reference(heir.op), .references(retirement.approvers.sorted()),
        .integer(retirement.reason),
      ]
      return .success(try append(RetireFold.kind, values, to: store, now: now).id)
    }
  }

  private static func refusal(
    of retirement: Retirement, in store: Store, now: Int64
  ) throws(StoreError) -> RetireRefusal? {
    let (replica, successor) = (retirement.replica, retirement.successor)
    for office in [replica, successor] where try store.isForgotten(office) {
      return .notEnrolled(office)
    }
    guard let lost = try store.enrolment(of: replica) else { return .unknown(replica) }
    guard let heir = try store.enrolment(of: successor) else { return .unknown(successor) }
    if try store.isRetired(replica) { return .retiredBefore(replica) }
    if heir.community != lost.community { return .otherCommunity(successor) }
    guard replica != successor, !heir.isRevoked, try !store.isRetired(successor) else {
      return .unfitSuccessor(successor)
    }
    return try problem(of: retirement.approvers, of: lost.community, in: store, now: now)
      .map(RetireRefusal.approvers)
  }
}
