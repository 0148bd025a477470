import Community
import OpLog
import Store

/// Why the hub does not enrol an office again.
package enum EnrolAgainRefusal: HubRefusal, Equatable {
  /// Its enrolment is here.
  case enrolled(ReplicaID)
  /// No former hub of this street issued the id.
  case unknown(ReplicaID)
  /// No record of it is here, or they name staff of several communities.
  case communityUnknown(ReplicaID)
  /// Its records name staff of this community, not of the one that is named.
  case otherCommunity(OpID, name: String?)
  /// Somebody should look at what it comes to, and be sure.
  case notConfirmed(EnrolAgainPlan)
  /// The database failed.
  case store(StoreError)
}

/// What enrolling an office again comes to.
package struct EnrolAgainPlan: Equatable, Sendable {
  /// The office.
  package let replica: ReplicaID
  /// Its community.
  package let community: OpID
  /// The community's name.
  package let name: String
  /// How many records of it are here; it may have more.
  package let records: UInt64
  /// Whether anybody whom they name is known here: nothing else tells the community, or lets them count.
  package let isStaffKnown: Bool
}

/// An office whose enrolment was lost with a former hub goes on under its id
/// (`Protocol/decisions/0080-enrolled-again.md`).
extension HubAdmin {
  /// Writes the enrolment of an office of a former hub anew; what the office recorded counts then.
  ///
  /// It waits for the end of a roll-call: until then the enrolment itself may come.
  ///
  /// - Parameters:
  ///   - replica: The office, by the id that it has.
  ///   - community: Where it is; nil takes that of the staff whom its records name.
  ///   - label: What it is called; nil takes the community's name.
  ///   - isSure: Whether somebody looked at what it comes to.
  ///   - store: The hub's database.
  ///   - now: The hub's clock in ms since 1970-01-01 UTC.
  /// - Returns: What was done.
  /// - Throws: ``EnrolAgainRefusal``; nothing is written then.
  package static func enrolAgain(
    _ replica: ReplicaID, in community: OpID?, label: String?, isSure: Bool, store: Store,
    now: Int64
  ) throws(EnrolAgainRefusal) -> EnrolAgainPlan {
    try decide(store) { () throws(StoreError) -> Result<EnrolAgainPlan, EnrolAgainRefusal> in
      try store.checkMayDecide()
      guard !replica.isHub, replica.incarnation < store.identity.incarnation.number,
        try store.knowsLife(of: replica)
      else { return .failure(.unknown(replica)) }
      guard try store.isForgotten(replica) else { return .failure(.enrolled(replica)) }
      let worked = try store.communitiesAtWork(at: replica)
      guard let place = community ?? (worked.count == 1 ? worked.first : nil),
        let name = try store.row(Tables.community, id: place.packed)?[1].text
      else { return .failure(.communityUnknown(replica)) }
      if let other = worked.first, !worked.contains(place) {
        let named = try store.row(Tables.community, id: other.packed)
        return .failure(.otherCommunity(other, name: named?[1].text))
      }
      let plan = EnrolAgainPlan(
        replica: replica, community: place, name: name,
        records: try store.storedHead(of: replica).seq, isStaffKnown: !worked.isEmpty)
      guard isSure else { return .failure(.notConfirmed(plan)) }
      let label = label ?? name
      guard nameType.fits(.text(label)) else {
        return .failure(.store(.payload(.outOfRange(field: "label"))))
      }
      try append(
        EnrollFold.kind, [.integer(Int64(replica.rawValue)), .reference(place), .text(label)],
        to: store, now: now)
      return .success(plan)
    }
  }
}
