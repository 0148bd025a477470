import Community
import Glibc
import Office
import OpLog
import Store
import Wire

/// Writes a monthly report for people, for a spreadsheet, or for a program.
enum ReportCommand: Command {
  static let name = "report"
  static let summary = Words(
    "月报、流水、兑换、库存、到期通知等报表", "monthly reports: month, ledger, stock, …; expiring points")
  static let usage = """
    linli report NAME [--month YYYY-MM] [--community NAME] [--csv] [--out FILE] \
    [--days N] [--on DATE] [--public]
    """

  private static let names = ["month"] + Store.reportNames + [ExpirySheet.name]

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 1)
    guard let name = arguments.positional(0), names.contains(name) else {
      throw .usage(
        Words("请写明报表名称", "name a report"),
        advice: Words(
          "可用: \(names.joined(separator: "、"))", "reports: \(names.joined(separator: ", "))"))
    }
    guard name != ExpirySheet.name else {
      try write(try ExpirySheet.listing(arguments), arguments)
      return ExitCode.ok
    }
    for option in ["days", "on"] where arguments.option(option) != nil {
      throw .onlyForExpiring(option)
    }
    guard !arguments.flag("public") else { throw .onlyForExpiring("public") }
    let month = try arguments.month()
    let store = try DataFolder(arguments).openStore()
    let communities = try store.communities(by: arguments)
    var findings: [Words] = []
    let listing = try CommandError.wrap { () throws(StoreError) in
      try store.read { () throws(StoreError) in
        if name == "audit" { findings = try MonthAudit(store).findings(month, communities) }
        return name == "month"
          ? try MonthSheet.listing(month, communities, in: store)
          : try store.report(name, month: month, of: communities.count == 1 ? communities[0] : nil)
      }
    }
    try write(listing, arguments)
    for finding in findings { arguments.console.error(finding) }
    return findings.isEmpty ? ExitCode.ok : ExitCode.checkFailed
  }

  private static func write(_ listing: Listing, _ arguments: Arguments) throws(CommandError) {
    let console = arguments.console
    let file = arguments.option("out")
    let headings = listing.columns.map { Headings.text($0, in: console.language) }
    if arguments.flag("csv") {
      let bytes = Spreadsheet.csv(headings, listing.rows)
      return file == nil ? console.raw(bytes) : try save(bytes, to: file ?? "")
    }
    if console.isJSON {
      let lines = listing.rows.map { row in
        var json = JSONWriter()
        json.openObject()
        json.reportMembers(listing.columns, row)
        json.closeObject()
        return String(decoding: json.bytes, as: UTF8.self) + "\n"
      }
      let bytes = Array(lines.joined().utf8)
      return file == nil ? console.raw(bytes) : try save(bytes, to: file ?? "")
    }
    var table = Table(headings)
    for row in listing.rows { table.add(row.map { $0 ?? "" }) }
    let bytes = Array((table.lines.joined(separator: "\n") + "\n").utf8)
    file == nil ? console.raw(bytes) : try save(bytes, to: file ?? "")
  }

  private static func save(_ bytes: [UInt8], to path: String) throws(CommandError) {
    guard SmallFile.write(String(decoding: bytes, as: UTF8.self), to: path) else {
      throw .storage(
        "file", Words("无法写入 \(path)", "cannot write \(path)"),
        advice: Words("检查文件夹和磁盘", "check the folder and the disk"))
    }
  }
}

extension CommandError {
  fileprivate static func onlyForExpiring(_ option: String) -> CommandError {
    .usage(
      Words("--\(option) 只用于 report expiring", "--\(option) goes with report expiring only"))
  }
}

extension Arguments {
  /// The month that `--month` names, by its first day.
  func month() throws(CommandError) -> BusinessDate {
    let text = try required("month")
    guard let month = BusinessDate(month: text) else {
      throw .badValue(option: "month", text, "2026-01")
    }
    return month
  }
}

extension Store {
  /// The communities that a report is about: the one named, an office's own, else all.
  func communities(by arguments: Arguments) throws(CommandError) -> [OpID] {
    let own = try CommandError.wrap { () throws(StoreError) in try number(.community) }
    if arguments.option("community") != nil || own != nil {
      return [try communityNamed(by: arguments)]
    }
    return try CommandError.wrap { () throws(StoreError) in
      try rows(of: Tables.community).compactMap { $0[0].id }
    }
  }
}

extension Console {
  /// Writes bytes to stdout as they are.
  func raw(_ bytes: [UInt8]) {
    var left = bytes[...]
    while !left.isEmpty {
      let count = left.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
      guard count > 0 else { return }
      left = left.dropFirst(count)
    }
  }
}

extension JSONWriter {
  private static let texts: Set<String> = [
    "op", "resident", "redemption", "receipt", "date", "month", "item", "payer", "payee",
    "community", "name", "phone", "building", "ends_on",
  ]

  /// Writes a report's row: ids, names, and dates as text, figures as numbers.
  fileprivate mutating func reportMembers(_ columns: [String], _ row: [String?]) {
    for (column, cell) in zip(columns, row) {
      guard let cell else { continue }
      key(column)
      if !Self.texts.contains(column), let number = Int64(cell) {
        integer(number)
      } else {
        text(cell)
      }
    }
  }
}
