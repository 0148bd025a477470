import Community
import OpLog
import Pages
import Store
import Wire

/// Lists ops as the log holds them.
enum LogCommand: Command {
  static let name = "log"
  static let summary = Words("按记录顺序列出原始记录", "list ops as the log holds them")
  static let usage = "linli log [--replica N] [--from SEQ] [--after ID] [--limit N]"
  static let example = "linli log --replica 4097 --limit 20 --data office"

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 0)
    let only = try arguments.integer("replica", in: 1...Int(EnvelopeLimits.replicaMax))
    let from = UInt64(
      try arguments.integer("from", in: 1...Int(EnvelopeLimits.seqMax)) ?? 1)
    let cut = try Cut(arguments)
    let after = try cut.after.map { (text) throws(CommandError) in
      guard let id = OpID(text) else { throw .badValue(option: "after", text, example: "4097-12") }
      return id
    }
    let store = try DataFolder(arguments).openStore()
    let codec = OpJSON(SchemaTable(Catalogue.schemas))
    let console = arguments.console
    let titles = [
      Words("编号", "id"), Words("日期", "date"), Words("种类", "kind"), Words("经办", "actor"),
      Words("结果", "outcome"),
    ]
    var rows: [[String]] = []
    var last: OpID?
    let more = try CommandError.wrap { () throws(StoreError) in
      try walk(store, only: only, from: from, after: after, limit: cut.limit) {
        (op) throws(StoreError) in
        last = op.id
        guard !console.isJSON else {
          var json = JSONWriter()
          codec.write(op, to: &json)
          return console.jsonLine(json.bytes)
        }
        let kind = Catalogue.kind(op.kind).map { console.language($0.words) } ?? "#\(op.kind)"
        rows.append([
          op.id.description, op.occurredOn.description, kind, op.actor?.description ?? "",
          console.language(try store.verdict(of: op.id).outcome.words),
        ])
      }
    }
    if !console.isJSON { console.table(titles, rows) }
    Cut.tell(more, after: last?.description, console)
    try ComingHistory.warn(of: store, console)
    return ExitCode.ok
  }

  /// Visits the ops of the logs, log by log, each in order.
  ///
  /// - Returns: How many more there are behind the limit.
  private static func walk(
    _ store: Store, only: Int?, from: UInt64, after: OpID?, limit: Int,
    _ visit: (Op) throws(StoreError) -> Void
  ) throws(StoreError) -> Int {
    var left = limit
    var more: UInt64 = 0
    for replica in try store.replicas() where only == nil || only == Int(replica.rawValue) {
      if let after, replica < after.replica { continue }
      let end = try store.storedHead(of: replica).seq
      var seq = after.map { $0.replica == replica ? max(from, $0.seq + 1) : from } ?? from
      while seq <= end, left > 0 {
        let batch = try store.ops(of: replica, in: seq...end, limit: min(left, 512))
        guard !batch.isEmpty else { throw .gap(replica: replica, held: seq - 1) }
        for op in batch { try visit(op) }
        seq += UInt64(batch.count)
        left -= batch.count
      }
      if seq <= end { more += end - seq + 1 }
    }
    return Int(more)
  }
}
