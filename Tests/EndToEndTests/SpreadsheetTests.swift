import Testing

@testable import linli

@Suite struct SpreadsheetTests {
  @Test(
    "a cell is what a spreadsheet takes for text or for a number, never for a formula",
    arguments: [
      ("", ""), ("毛巾", "毛巾"), ("-3", "-3"), ("12", "12"), ("4097-2", "'4097-2"),
      ("0", "0"), ("05328888", "'05328888"),
      ("=1+1", "'=1+1"), ("+8613800001234", "'+8613800001234"), ("-1+2", "'-1+2"),
      ("@SUM(A1)", "'@SUM(A1)"), ("＝1", "'＝1"), ("\t=1", "'\t=1"),
      ("a,b", "\"a,b\""), ("a\"b", "\"a\"\"b\""), ("a\r\nb", "\"a\r\nb\""),
      ("\r=1", "\"'\r=1\""), ("=\"a\"", "\"'=\"\"a\"\"\""),
    ])
  func cells(text: String, cell: String) {
    #expect(Spreadsheet.cell(text) == cell)
    if !cell.hasPrefix("\"") { #expect(Spreadsheet.text(cell) == text, "an import takes it back") }
  }

  @Test func `a file has a byte order mark, headings, and lines that end as RFC 4180 says`() {
    let bytes = Spreadsheet.csv(["date", "name"], [["2026-01-13", nil], [nil, "a,b"]])
    #expect(
      bytes == [0xEF, 0xBB, 0xBF] + Array("date,name\r\n2026-01-13,\r\n,\"a,b\"\r\n".utf8))
  }
}
