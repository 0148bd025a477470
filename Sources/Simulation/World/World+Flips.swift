import Community
import Office
import OpLog
import Store

/// A row that changes behind the program's back, as a bad disk or a bad program would change it.
extension World {
  /// Changes one row at an office or at the hub; the next sync finds that row and no other, and a
  /// rebuild mends it.
  func changeARow() throws(Violation) {
    guard let office = random.pick(offices.filter(\.isCurrent)), try !isRollCallOpen() else {
      return
    }
    let isAtHub = random.happens(500)
    office.session = nil
    let before = office.lastSync?.time
    guard try syncAtOnce(office) == nil, office.lastSync?.time != before || before == time,
      office.lastSync?.isDigestEqual == true
    else { return }
    let store = isAtHub ? hub.store : office.store
    guard let (table, key) = try changeARow(in: store) else { return }
    marks.hit(.rowChanged)
    note("a row of \(table.name) changes at \(isAtHub ? "the hub" : "\(office.replica)")")
    try expectFound(1, by: office, table, key)
    marks.hit(Look.rowFound)
    try must("rebuild") { try store.rebuild() }
    try expectFound(0, by: office, table, key)
  }

  /// Tables of which nothing follows that an office's program writes by itself during a sync.
  private static let idle = [Tables.award, Tables.activity, Tables.item, Tables.field]

  private func changeARow(in store: Store) throws(Violation) -> (Table, [Int64])? {
    guard let table = random.pick(Self.idle),
      let row = random.pick(try must("read \(table.name)") { try store.rows(of: table) }),
      let column = random.pick(Array(row.indices.dropFirst(table.keyCount))),
      case .integer(let value) = row[column]
    else { return nil }
    var changed = row
    changed[column] = .integer(value ^ 1)
    // What a row posts is changed with it, in another table.
    guard table.postings?(changed) == table.postings?(row) else { return nil }
    try must("change a row") { try replace(table, row, by: changed, in: store) }
    return (table, table.key(of: row))
  }

  /// After a sync both sides know of so many rows that differ, of this one at most.
  private func expectFound(
    _ count: Int, by office: OfficeNode, _ table: Table, _ key: [Int64]
  ) throws(Violation) {
    if let error = try syncAtOnce(office, mayDiffer: true) {
      throw Violation("I9", "a row differs, and \(office.replica) cannot sync: \(error)")
    }
    for store in [office.store, hub.store] {
      let rows = try must("read what differs") { try store.differences() }
        .filter { $0.finder == office.replica }.map(\.row)
      guard rows.count == count,
        rows.allSatisfy({ $0.partition.table == table.number && $0.key == key })
      else {
        throw Violation(
          "I9", "\(key) of \(table.name) was changed; \(office.replica) found \(rows)")
      }
    }
  }
}
