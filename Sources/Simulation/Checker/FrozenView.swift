import Community
import Conformance
import OpLog
import Store

/// A replica as it stands at one moment: whatever several checks ask for is read once.
///
/// For use while nothing is written.
final class FrozenView: ReplicaView {
  private let live: StoreView
  private var tables: [Int: [[Cell]]] = [:]
  private var verdicts: [OpID: Verdict?] = [:]
  private var entries: Set<DeskEntry>?

  /// Looks into a store.
  init(_ store: Store) { live = StoreView(store) }

  func rows(of table: Table) throws -> [[Cell]] {
    if let rows = tables[table.number] { return rows }
    let rows = try live.rows(of: table)
    tables[table.number] = rows
    return rows
  }

  func verdict(of id: OpID) throws -> Verdict? {
    if let verdict = verdicts[id] { return verdict }
    let verdict = try live.verdict(of: id)
    verdicts[id] = .some(verdict)
    return verdict
  }

  func desk() throws -> Set<DeskEntry> {
    if let entries { return entries }
    let desk = try live.desk()
    entries = desk
    return desk
  }

  func doubles() throws -> [OpID: OpID] { try live.doubles() }
  func hash(of id: OpID) throws -> Digest? { try live.hash(of: id) }
  func op(_ id: OpID) throws -> Op { try live.op(id) }
  func facts() throws -> [Conformance.Fact] { try live.facts() }
  func figures(of month: BusinessDate, in community: OpID) throws -> [Int64] {
    try live.figures(of: month, in: community)
  }
  func attendance() throws -> [OpID: Attendance] { try live.attendance() }
  func heads() throws -> [ReplicaID: UInt64] { try live.heads() }
  func digest() throws -> String { try live.digest() }
}
