/// Rows for a terminal, aligned by what each character takes of the screen.
struct Table {
  private var rows: [[String]]

  /// A table with a first row of titles; each row has a cell for each of them.
  init(_ titles: [String], _ rows: [[String]] = []) { self.rows = [titles] + rows }

  /// Adds a row; it has a cell for each title.
  mutating func add(_ row: [String]) { rows.append(row) }

  /// The lines of the table, without spaces at their ends.
  var lines: [String] {
    let columns = rows.first?.count ?? 0
    let widths = (0..<columns).map { column in rows.map { $0[column].columns }.max() ?? 0 }
    return rows.map { row in
      let cells = zip(row, widths).map { $0.padded(to: $1) }
      return cells.joined(separator: "  ").withoutTrailingSpaces
    }
  }
}

extension String {
  /// How many columns of a terminal the text takes: 2 for each Chinese character.
  var columns: Int { unicodeScalars.reduce(0) { $0 + ($1.isWide ? 2 : 1) } }

  /// The text with spaces behind it up to a number of columns.
  func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - columns))
  }

  /// The text without spaces at its end.
  var withoutTrailingSpaces: String { String(reversed().drop { $0 == " " }.reversed()) }
}

extension Unicode.Scalar {
  /// East Asian Wide and Fullwidth, by the blocks that occur in names, goods, and punctuation.
  fileprivate var isWide: Bool {
    switch value {
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF,
      0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F900...0x1F9FF,
      0x20000...0x3FFFD:
      true
    default: false
    }
  }
}
