import Community
import Store

/// The ledger as text: everything that no clock may change.
struct LedgerText: Equatable {
  /// The rows of each table, and each op's outcome where it is not posted.
  let lines: [String]

  /// Reads a replica's ledger; the shown side of an undecided fork is left out.
  init(_ store: Store) throws(Violation) {
    lines = try must("read the ledger") {
      var lines: [String] = []
      for table in Tables.all where table.layer != .reference || table.name == "field" {
        for row in try store.rows(of: table) {
          var row = row
          if table.name == "field" { row[2] = .null }
          lines.append("\(table.name) \(row)")
        }
      }
      for row in try store.listing(of: "ops", limit: 100_000).rows {
        lines.append("\(row[0] ?? "") \(row[1] ?? "") \(row[4] ?? "")")
      }
      return lines
    }
  }

  /// The first line that differs, in words.
  func difference(from other: LedgerText) -> String {
    for (mine, theirs) in zip(lines, other.lines) where mine != theirs {
      return "\(mine) against \(theirs)"
    }
    return "\(lines.count) lines against \(other.lines.count)"
  }
}
