import Community
import OpLog

/// An office whose records are here and whose enrolment is not: it was lost with a former hub, and the
/// records wait for it.
package struct UnenrolledOffice: Equatable, Sendable {
  /// The office's id.
  package let replica: ReplicaID
  /// How many records of it are here.
  package let records: UInt64
  /// The communities whose staff made them, ascending: one, where each was made at that office.
  package let communities: [OpID]
}

extension Store {
  /// The offices whose records wait for their enrolment, ascending.
  ///
  /// O(logs), and the records of such offices.
  ///
  /// - Throws: ``StoreError``.
  package func unenrolledOffices() throws(StoreError) -> [UnenrolledOffice] {
    var offices: [UnenrolledOffice] = []
    for replica in try replicas() where !replica.isHub {
      if let office = try unenrolledOffice(replica) { offices.append(office) }
    }
    return offices
  }

  /// The same of one office; nil where it is enrolled, or none of its records is here.
  package func unenrolledOffice(
    _ replica: ReplicaID
  ) throws(StoreError) -> UnenrolledOffice? {
    guard try knowsLife(of: replica), try enrolment(of: replica) == nil else { return nil }
    let end = try storedHead(of: replica).seq
    var communities: Set<OpID> = []
    var actors: Set<OpID> = []
    var seq: UInt64 = 1
    while seq <= end {
      let batch = try ops(of: replica, in: seq...end, limit: 512)
      guard !batch.isEmpty else { throw .gap(replica: replica, held: seq - 1) }
      for actor in batch.compactMap(\.actor) where actors.insert(actor).inserted {
        if let staff = try row(Tables.staff, id: actor.packed), let community = staff[1].id {
          communities.insert(community)
        }
      }
      seq += UInt64(batch.count)
    }
    guard end > 0 else { return nil }
    return UnenrolledOffice(replica: replica, records: end, communities: communities.sorted())
  }
}
