import Community
import OpLog
import Pages
import Store
import Wire

/// Lists what somebody should look at.
enum DeskCommand: Command {
  static let name = "desk"
  static let summary = Words("待处理事项", "what somebody should look at")
  static let usage = "linli desk [--limit N]"

  /// One entry, worded.
  private struct Row {
    let subject: String
    let reason: String
    let detail: String
    let words: Words
    let advice: Words
    let values: [ForkedValue]
  }

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 0)
    let limit = try arguments.integer("limit", in: 1...1_000_000) ?? 1_000
    let store = try DataFolder(arguments).openStore()
    let rows = try CommandError.wrap { () throws(StoreError) in
      try store.read { () throws(StoreError) -> [Row] in try Self.rows(of: store, limit: limit) }
    }
    for row in rows where arguments.console.isJSON { showJSON(row, arguments.console) }
    if !arguments.console.isJSON { show(rows, arguments.console) }
    return ExitCode.ok
  }

  private static func rows(of store: Store, limit: Int) throws(StoreError) -> [Row] {
    var rows: [Row] = []
    for cells in try store.listing(of: "desk_entries", limit: limit).rows {
      guard let subject = cells[0], let code = cells[1] else { continue }
      let reason = DeskReason(rawValue: code)
      let isBody = code == MissingBody.code
      let unknown = Words(code, code)
      var detail = ""
      var values: [ForkedValue] = []
      switch reason {
      case .fork:
        if let id = OpID(subject), let field = ResidentFile.field(cells[2]) {
          detail = field
          values = try ResidentFile.values(of: id, field: field, in: store)
        }
      case .stockNegative: detail = cells[2] ?? ""
      default: break
      }
      rows.append(
        Row(
          subject: subject, reason: code, detail: detail,
          words: isBody ? MissingBody.words : reason?.words ?? unknown,
          advice: isBody ? MissingBody.advice : reason?.advice ?? unknown, values: values))
    }
    return rows
  }

  private static func show(_ rows: [Row], _ console: Console) {
    guard !rows.isEmpty else { return console.out(Words("没有待处理事项", "nothing to look at")) }
    let titles = [Words("对象", "subject"), Words("事由", "reason"), Words("怎么办", "what to do")]
    var table = Table(titles.map { console.language($0) })
    for row in rows {
      let values = row.values.map { "\($0.value ?? "?") (\($0.op))" }.joined(separator: " | ")
      let more = [row.detail, values].filter { !$0.isEmpty }.joined(separator: ": ")
      let reason = console.language(row.words) + (more.isEmpty ? "" : " [\(more)]")
      table.add([row.subject, reason, console.language(row.advice)])
    }
    for line in table.lines { console.out(line) }
  }

  private static func showJSON(_ row: Row, _ console: Console) {
    console.json { json in
      json.key("subject")
      json.text(row.subject)
      json.key("reason")
      json.text(row.reason)
      if !row.detail.isEmpty {
        json.key("detail")
        json.text(row.detail)
      }
      json.key("words")
      json.text(console.language(row.words))
      json.key("advice")
      json.text(console.language(row.advice))
      guard !row.values.isEmpty else { return }
      json.key("values")
      json.openArray()
      for value in row.values {
        json.openObject()
        json.key("op")
        json.opID(value.op)
        if let text = value.value {
          json.key("value")
          json.text(text)
        }
        json.closeObject()
      }
      json.closeArray()
    }
  }
}
