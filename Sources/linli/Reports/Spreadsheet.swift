import OpLog

/// Rows as CSV that spreadsheet programs open as they stand.
///
/// UTF-8 with a byte order mark, lines and quotes after RFC 4180; a text that a program would take for
/// a formula, or an id that it would take for a month (`4097-3`), or a number that starts with 0 (a phone), gets an
/// apostrophe before it.
enum Spreadsheet {
  /// The bytes of a file.
  static func csv(_ headings: [String], _ rows: [[String?]]) -> [UInt8] {
    var text = "\u{FEFF}" + line(headings)
    for row in rows { text += line(row.map { $0 ?? "" }) }
    return Array(text.utf8)
  }

  /// What stands in a cell that came back: without the apostrophe that ``cell(_:)`` put there.
  static func text(_ cell: String) -> String { cell.first == "'" ? String(cell.dropFirst()) : cell }

  private static func line(_ cells: [String]) -> String {
    cells.map(cell).joined(separator: ",") + "\r\n"
  }

  /// What begins a formula, in the wide forms of Chinese input too.
  private static let formulaStarts = "=+-@\t\r\n＝＋－＠".unicodeScalars

  /// One cell: numbers stay numbers, also negative ones; +86… is a text.
  static func cell(_ text: String) -> String {
    var text = text
    let first = text.unicodeScalars.first
    let isFormula = first.map(formulaStarts.contains) ?? false
    let isNegative = first == "-" && Int64(text) != nil
    let isCode = text.count > 1 && first == "0" && text.allSatisfy(\.isNumber)
    if isFormula && !isNegative || isCode || OpID(text) != nil { text = "'" + text }
    guard text.unicodeScalars.contains(where: { "\",\r\n".unicodeScalars.contains($0) }) else {
      return text
    }
    let quoted = text.unicodeScalars.map { $0 == "\"" ? "\"\"" : String($0) }.joined()
    return "\"\(quoted)\""
  }
}
