import OpLog
import Store

/// Rows as CSV that spreadsheet programs open as they stand.
///
/// UTF-8 with a byte order mark, lines and quotes after RFC 4180; a text that a program would take for
/// a formula, or an id that it would take for a month (`4097-3`), gets an apostrophe before it.
enum Spreadsheet {
  /// The bytes of a file.
  static func csv(_ listing: Listing) -> [UInt8] {
    var text = "\u{FEFF}" + line(listing.columns)
    for row in listing.rows { text += line(row.map { $0 ?? "" }) }
    return Array(text.utf8)
  }

  private static func line(_ cells: [String]) -> String {
    cells.map(cell).joined(separator: ",") + "\r\n"
  }

  /// One cell: numbers stay numbers, also negative ones.
  static func cell(_ text: String) -> String {
    var text = text
    let isFormula = text.unicodeScalars.first.map("=+-@\t\r".unicodeScalars.contains) ?? false
    if isFormula && Int64(text) == nil || OpID(text) != nil { text = "'" + text }
    guard text.unicodeScalars.contains(where: { "\",\r\n".unicodeScalars.contains($0) }) else {
      return text
    }
    let quoted = text.unicodeScalars.map { $0 == "\"" ? "\"\"" : String($0) }.joined()
    return "\"\(quoted)\""
  }
}
