import Community
import Conformance
import OpLog
import ScenarioKit
import Simulation
import Store

/// The tables and the desk of one moment: other scenarios write to the hub that all of them share.
struct ScenarioMoment: ReplicaView {
  private let live: StoreView
  private var tables: [Int: [[Cell]]] = [:]
  private let entries: Set<DeskEntry>

  /// Reads them in one transaction.
  init(_ store: Store) throws {
    let view = StoreView(store)
    let (tables, desk) = try store.read { () throws(StoreError) in
      Result {
        (try Tables.all.map { ($0.number, try view.rows(of: $0)) }, try view.desk())
      }
    }.get()
    live = view
    for (number, rows) in tables { self.tables[number] = rows }
    entries = desk
  }

  func rows(of table: Table) -> [[Cell]] { tables[table.number] ?? [] }

  func verdict(of id: OpID) throws -> Verdict? { try live.verdict(of: id) }

  func desk() -> Set<DeskEntry> { entries }

  func heads() throws -> [ReplicaID: UInt64] { try live.heads() }

  func digest() throws -> String { try live.digest() }
}
