/// Reads CSV after RFC 4180, as spreadsheet programs write it: UTF-8 with or without a byte order mark.
struct CSVReader {
  /// Bytes of a file: 5,000 residents with 200 bytes each are 1 MB.
  static let bytesMax = 16 << 20

  /// What is wrong with a file.
  enum Problem: Error, Equatable {
    /// A quote is opened in this line and never closed, or closed in the middle of a cell.
    case quote(line: Int)
    /// It is not UTF-8.
    case encoding
  }

  /// The rows with the number of the line in which each begins; empty lines are left out.
  ///
  /// - Throws: ``Problem`` for what is no CSV.
  static func rows(_ bytes: [UInt8]) throws(Problem) -> [(line: Int, cells: [String])] {
    guard let text = String(validating: bytes, as: UTF8.self) else { throw .encoding }
    var reader = CSVReader()
    for scalar in text.unicodeScalars where !(scalar == "\u{FEFF}" && reader.isAtStart) {
      try reader.take(scalar)
    }
    guard reader.state != .quoted else { throw .quote(line: reader.first) }
    reader.endRow()
    return reader.rows
  }

  private enum State { case start, plain, quoted, closed }

  private var rows: [(line: Int, cells: [String])] = []
  private var cells: [String] = []
  private var cell = ""
  private var state = State.start
  private var line = 1
  private var first = 1

  private var isAtStart: Bool { rows.isEmpty && cells.isEmpty && cell.isEmpty && line == 1 }

  private mutating func take(_ scalar: Unicode.Scalar) throws(Problem) {
    if scalar == "\n" { line += 1 }
    switch (state, scalar) {
    case (.quoted, "\""): state = .closed
    case (.quoted, _): cell.unicodeScalars.append(scalar)
    case (.start, "\""): state = .quoted
    case (.closed, "\""):
      cell += "\""
      state = .quoted
    case (_, ","): endCell()
    case (_, "\n"): endRow()
    case (_, "\r"): break
    case (.closed, _): throw .quote(line: first)
    default:
      cell.unicodeScalars.append(scalar)
      state = .plain
    }
  }

  private mutating func endCell() {
    cells.append(cell)
    cell = ""
    state = .start
  }

  private mutating func endRow() {
    endCell()
    if cells != [""] { rows.append((first, cells)) }
    cells = []
    first = line
  }
}
