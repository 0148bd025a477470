import Community
import OpLog
import Store

/// Why the hub does not enrol an office again.
package enum EnrolAgainRefusal: HubRefusal, Equatable {
  /// Its enrolment is here.
  case enrolled(ReplicaID)
  /// No former hub of this street issued the id.
  case unknown(ReplicaID)
  /// Nothing of it is here that says whose staff works there.
  case communityUnknown(ReplicaID)
  /// Its records were made by staff of this community, not of the one that is named.
  case otherCommunity(OpID)
  /// The database failed.
  case store(StoreError)
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
  ///   - community: Where it is; nil takes that of the staff who made its records.
  ///   - label: What it is called; nil takes the community's name.
  ///   - store: The hub's database.
  ///   - now: The hub's clock in ms since 1970-01-01 UTC.
  /// - Returns: The community.
  /// - Throws: ``EnrolAgainRefusal``; nothing is written then.
  package static func enrolAgain(
    _ replica: ReplicaID, in community: OpID?, label: String?, store: Store, now: Int64
  ) throws(EnrolAgainRefusal) -> OpID {
    try decide(store) { () throws(StoreError) -> Result<OpID, EnrolAgainRefusal> in
      try store.checkMayDecide()
      guard !replica.isHub, replica.incarnation < store.identity.incarnation.number,
        try store.knowsLife(of: replica)
      else { return .failure(.unknown(replica)) }
      guard try store.enrolment(of: replica) == nil else { return .failure(.enrolled(replica)) }
      let worked = try store.unenrolledOffice(replica)?.communities ?? []
      guard let place = community ?? (worked.count == 1 ? worked.first : nil) else {
        return .failure(.communityUnknown(replica))
      }
      if let other = worked.first, !worked.contains(place) {
        return .failure(.otherCommunity(other))
      }
      guard let named = try store.row(Tables.community, id: place.packed) else {
        return .failure(.communityUnknown(replica))
      }
      let name = label ?? named[1].text
      guard nameType.fits(.text(name)) else {
        return .failure(.store(.payload(.outOfRange(field: "label"))))
      }
      try append(
        EnrollFold.kind, [.integer(Int64(replica.rawValue)), .reference(place), .text(name)],
        to: store, now: now)
      return .success(place)
    }
  }
}
