import Community
import OpLog
import Store

/// What redemptions did, as seen at any replica at any time.
///
/// Only a void or a return changes what a redemption did (I5), and points are taken if and only if
/// goods are (I7).
struct SaleWatch {
  /// Who paid how many points, and what was handed out: item, pieces, and price of each line.
  private struct Sale: Equatable {
    let payer: Cell
    let points: Int64
    let lines: [[Int64]]
  }

  private var sales: [OpID: Sale] = [:]

  /// Forgets what is in no log any more.
  mutating func forget(_ isLost: (OpID) -> Bool) { sales = sales.filter { !isLost($0.key) } }

  /// Compares what a replica says with itself and with all that was seen before.
  mutating func look(at store: Store, of name: String) throws(Violation) {
    let (rows, lines, steps) = try must("read redemptions of \(name)") {
      (
        try store.rows(of: Tables.redemption),
        Dictionary(grouping: try store.rows(of: Tables.redemptionLine)) { $0[0] },
        Dictionary(grouping: try store.rows(of: Tables.redemptionStep)) { $0[0] }
      )
    }
    for row in rows {
      guard let id = row[0].id else { continue }
      let lines = lines[row[0]] ?? []
      // A step changes the state and leaves what was taken as it was.
      let counts = row[1] != .text("pending")
      try checkLegs(of: id, counts, lines, store, name)
      let price = lines.reduce(0) { $0 + ($1[4].integer ?? 0) * ($1[5].integer ?? 0) }
      try checkReturns(of: id, price, row, steps[row[0]] ?? [], name)
      guard counts else { continue }
      let sale = Sale(
        payer: row[9] == .null ? row[2] : row[9], points: row[5].integer ?? 0,
        lines: lines.map { line in [3, 4, 5].map { line[$0].integer ?? 0 } })
      if let before = sales.updateValue(sale, forKey: id), before != sale {
        throw Violation("I5", "\(name): \(id) did \(before), and now \(sale)")
      }
    }
  }

  /// I7: goods are off the shelf in every line, or in none and no points are taken.
  private func checkLegs(
    of id: OpID, _ counts: Bool, _ lines: [[Cell]], _ store: Store, _ name: String
  ) throws(Violation) {
    for line in lines {
      let isGoods = try must("look up an item") {
        try store.row(Tables.item, id: line[3].integer ?? 0)?[2] == .integer(0)
      }
      guard (line[6] == .integer(1)) != (counts && isGoods) else { continue }
      throw Violation(
        "I7", "\(name): \(id) counts: \(counts), and its line moves goods: \(line[6])")
    }
  }

  /// I5: no more comes back than was taken.
  private func checkReturns(
    of id: OpID, _ price: Int64, _ row: [Cell], _ steps: [[Cell]], _ name: String
  ) throws(Violation) {
    let back = steps.reduce(0) { $0 + ($1[3] == .text("posted") ? $1[6].integer ?? 0 : 0) }
    guard back > max(price, row[5].integer ?? 0) else { return }
    throw Violation("I5", "\(name): \(id) came to \(price) points, and \(back) came back")
  }
}
