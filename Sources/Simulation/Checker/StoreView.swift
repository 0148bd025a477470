import Community
import Conformance
import Office
import OpLog
import Store

/// A replica's database, as scenarios and the checker look at it.
package struct StoreView: ReplicaView {
  private let store: Store

  /// Looks into a store.
  package init(_ store: Store) { self.store = store }

  /// Every row of a table.
  package func rows(of table: Table) throws -> [[Cell]] { try store.rows(of: table) }

  /// What became of an op; nil for one that is not held.
  package func verdict(of id: OpID) throws -> Verdict? {
    try store.read { () throws(StoreError) in
      guard try store.foldedHead(of: id.replica).seq >= id.seq else { return nil }
      return try store.verdict(of: id)
    }
  }

  /// The chain hash after an op; nil for one that is not held.
  package func hash(of id: OpID) throws -> Digest? {
    try store.read { () throws(StoreError) in
      guard try store.storedHead(of: id.replica).seq >= id.seq else { return nil }
      return try store.head(of: id.replica, at: id.seq)?.hash
    }
  }

  /// The desk, less the bodies that did not arrive.
  package func desk() throws -> Set<DeskEntry> {
    var desk: Set<DeskEntry> = []
    for row in try store.listing(of: "desk_entries", limit: 1_000_000).rows {
      guard let reason = row[1].flatMap(DeskReason.init),
        let detail = row[2].flatMap({ Int64($0) }),
        let subject = row[0].flatMap(Self.packed)
      else { continue }
      // The store marks what an op's own verdict says with −1.
      desk.insert(DeskEntry(reason, subject: subject, detail: max(detail, 0)))
    }
    return desk
  }

  /// An op that is held.
  package func op(_ id: OpID) throws -> Op { try store.op(id) }

  /// The folded part of each log.
  package func facts() throws -> [Conformance.Fact] {
    try store.read { () throws(StoreError) in
      var facts: [Conformance.Fact] = []
      for replica in try store.replicas() {
        let end = try store.foldedHead(of: replica).seq
        guard end > 0, var hash = try store.head(of: replica, at: 0)?.hash else { continue }
        for op in try store.ops(of: replica, in: 1...end, limit: Int(end)) {
          hash = Chain.next(after: hash, op.bytes)
          facts.append(Conformance.Fact(op, hash: hash))
        }
      }
      return facts
    }
  }

  /// What a month's report says.
  package func figures(of month: BusinessDate, in community: OpID) throws -> [Int64] {
    try store.month(month, of: community).figures
  }

  /// The person-times of each community in all months together.
  package func attendance() throws -> [OpID: Attendance] {
    try store.attendance().mapValues {
      Attendance(personTimes: $0.personTimes, minutes: $0.minutes)
    }
  }

  /// The files that are surely one person's.
  package func doubles() throws -> [OpID: OpID] {
    var doubles: [OpID: OpID] = [:]
    for double in try KnownPeople.doubles(in: store) where double.isSure {
      doubles[double.file] = double.of
    }
    return doubles
  }

  /// How far each log is folded.
  package func heads() throws -> [ReplicaID: UInt64] {
    try store.read { () throws(StoreError) in
      var heads: [ReplicaID: UInt64] = [:]
      for replica in try store.replicas() {
        let seq = try store.foldedHead(of: replica).seq
        if seq > 0 { heads[replica] = seq }
      }
      return heads
    }
  }

  /// The state digest.
  package func digest() throws -> String {
    try store.read { () throws(StoreError) in try store.stateDigest() }.value.description
  }

  /// Two numbers with a dash, as the views write ids, and entities that are no ops.
  private static func packed(_ text: String) -> Int64? {
    let parts = text.split(separator: "-").compactMap { Int64($0) }
    return parts.count == 2 ? parts[0] << 32 + parts[1] : nil
  }
}
