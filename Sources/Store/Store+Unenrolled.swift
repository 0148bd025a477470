import Community
import OpLog

/// An office whose records are here and whose enrolment is not: it was lost with a former hub, and the
/// records wait for it.
package struct UnenrolledOffice: Equatable, Sendable {
  /// The office's id.
  package let replica: ReplicaID
  /// How many records of it are here; it may have more.
  package let records: UInt64
}

/// What a hub knows of the offices whose enrolment was lost with a former one.
extension Store {
  /// Whether an id is one of a former hub's to give, and no enrolment of it is here.
  package func isForgotten(_ replica: ReplicaID) throws(StoreError) -> Bool {
    guard !replica.isHub, replica.incarnation < identity.incarnation.number,
      try knowsLife(of: replica)
    else { return false }
    return try enrolment(of: replica) == nil
  }

  /// The offices whose records wait for their enrolment, ascending; O(logs).
  ///
  /// - Throws: ``StoreError``.
  package func unenrolledOffices() throws(StoreError) -> [UnenrolledOffice] {
    var offices: [UnenrolledOffice] = []
    for replica in try replicas() where try isForgotten(replica) {
      let records = try storedHead(of: replica).seq
      if records > 0 { offices.append(UnenrolledOffice(replica: replica, records: records)) }
    }
    return offices
  }

  /// The communities whose staff made an office's records, ascending: one, where each was made at that
  /// office; at most two, which is enough to see that they do not say it.
  ///
  /// O(records), for the caller who asks of one office.
  package func communitiesAtWork(at replica: ReplicaID) throws(StoreError) -> [OpID] {
    let end = try storedHead(of: replica).seq
    var communities: Set<OpID> = []
    var actors: Set<OpID> = []
    var seq: UInt64 = 1
    while seq <= end {
      let batch = try ops(of: replica, in: seq...end, limit: 512)
      guard !batch.isEmpty else { throw .gap(replica: replica, held: seq - 1) }
      for op in batch {
        // What was written about another hub's log names nobody here, whoever has that number.
        guard let actor = op.actor, !actors.contains(actor),
          try heldNames(of: op.fields) == op.names
        else { continue }
        actors.insert(actor)
        guard let staff = try row(Tables.staff, id: actor.packed), let community = staff[1].id
        else { continue }
        communities.insert(community)
        guard communities.count < 2 else { return communities.sorted() }
      }
      seq += UInt64(batch.count)
    }
    return communities.sorted()
  }
}
