import Community
import Conformance
import OpLog
import ScenarioKit
import Simulation
import Store

/// The tables, the desk, and the digest of one moment: other scenarios write to the hub that all of them share.
struct ScenarioMoment: ReplicaView {
  private let live: StoreView
  private var tables: [Int: [[Cell]]] = [:]
  private let entries: Set<DeskEntry>
  private let held: [ReplicaID: UInt64]
  private let fingerprint: String

  /// Reads them in one transaction.
  init(_ store: Store) throws {
    let view = StoreView(store)
    let (tables, desk, heads, digest) = try store.read { () throws(StoreError) in
      let heads = try store.replicas().map { (replica) throws(StoreError) in
        (replica, try store.foldedHead(of: replica).seq)
      }
      let digest = try store.stateDigest().value.description
      return Result {
        (
          try Tables.all.map { ($0.number, try view.rows(of: $0)) }, try view.desk(),
          heads.filter { $0.1 > 0 }, digest
        )
      }
    }.get()
    live = view
    for (number, rows) in tables { self.tables[number] = rows }
    entries = desk
    held = Dictionary(uniqueKeysWithValues: heads)
    fingerprint = digest
  }

  func rows(of table: Table) -> [[Cell]] { tables[table.number] ?? [] }

  func verdict(of id: OpID) throws -> Verdict? { try live.verdict(of: id) }

  func hash(of id: OpID) throws -> Digest? { try live.hash(of: id) }

  func doubles() throws -> [OpID: OpID] { try live.doubles() }

  func op(_ id: OpID) throws -> Op { try live.op(id) }

  func facts() throws -> [Conformance.Fact] { try live.facts() }

  func figures(of month: BusinessDate, in community: OpID) throws -> [Int64] {
    try live.figures(of: month, in: community)
  }

  func attendance() throws -> [OpID: Attendance] { try live.attendance() }

  func desk() -> Set<DeskEntry> { entries }

  func heads() -> [ReplicaID: UInt64] { held }

  func digest() -> String { fingerprint }
}
