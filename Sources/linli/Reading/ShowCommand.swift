import Community
import OpLog
import Store
import Wire

/// Lists rows of a documented view, or one resident.
enum ShowCommand: Command {
  static let name = "show"
  static let summary = Words("查看居民、活动、物品、流水等", "list residents, activities, items, the ledger, …")
  static let usage = "linli show VIEW [ID] [--limit N]"

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 2)
    let limit = try arguments.integer("limit", in: 1...1_000_000) ?? 1_000
    guard let view = arguments.positional(0) else {
      throw .usage(
        Words("请写明要看什么", "name what to show"),
        advice: Words("可用: \(names)", "views: \(names)"))
    }
    let store = try DataFolder(arguments).openStore()
    guard view != "resident" else {
      return try showResident(arguments.positional(1), limit, store, arguments.console)
    }
    guard Store.viewNames.contains(view) else {
      throw .usage(
        Words("没有 \(view) 可看", "there is no view \(view)"),
        advice: Words("可用: \(names)", "views: \(names)"))
    }
    let rows = try listing(view, id: arguments.positional(1), limit, store)
    if arguments.console.isJSON {
      for row in rows.rows { arguments.console.json { $0.members(rows.columns, row) } }
    } else {
      show(rows, arguments.console)
    }
    return ExitCode.ok
  }

  private static let names = (["resident ID"] + Store.viewNames).joined(separator: ", ")

  /// Rows of a view, of one id where it is given: the view's own, else the resident's.
  private static func listing(
    _ view: String, id: String?, _ limit: Int, _ store: Store
  ) throws(CommandError) -> Listing {
    guard let id else {
      return try CommandError.wrap { () throws(StoreError) in
        try store.listing(of: view, limit: limit)
      }
    }
    let columns = try CommandError.wrap { () throws(StoreError) in
      try store.listing(of: view, limit: 0).columns
    }
    let keys = ["id", "resident", "subject", "office"]
    guard let column = keys.first(where: columns.contains) else {
      preconditionFailure("every view has one of the keys")
    }
    // The one view whose ids are numbers.
    let packed = view == "file_values" ? OpID(id).map { String($0.packed) } : nil
    return try CommandError.wrap { () throws(StoreError) in
      try store.listing(of: view, where: (column, packed ?? id), limit: limit)
    }
  }

  /// Shows a resident's file, balance, and ledger.
  private static func showResident(
    _ text: String?, _ limit: Int, _ store: Store, _ console: Console
  ) throws(CommandError) -> Int32 {
    guard let text, let id = OpID(text) else {
      throw .usage(
        Words("请写明居民编号", "name the resident by id"),
        advice: Words("例如 linli show resident 4097-2", "for example linli show resident 4097-2"))
    }
    let (person, file, ledger) = try CommandError.wrap { () throws(StoreError) in
      (
        try store.listing(of: "residents", where: ("id", text), limit: 1),
        try store.listing(of: "file_values", where: ("resident", String(id.packed))),
        try store.listing(of: "ledger", where: ("resident", text), limit: limit)
      )
    }
    guard let row = person.rows.first else { throw CommandError(StoreError.unknownReference(id)) }
    let values = file.rows.map { (name: $0[2] ?? "", value: $0[3]) }
    if console.isJSON {
      console.json { json in
        json.members(person.columns, row)
        json.key("file")
        json.openObject()
        json.members(values.map(\.name), values.map(\.value))
        json.closeObject()
        json.key("ledger")
        json.openArray()
        for row in ledger.rows {
          json.openObject()
          json.members(ledger.columns, row)
          json.closeObject()
        }
        json.closeArray()
      }
    } else {
      show(person, console)
      for (name, value) in values { if let value { console.out("\(name): \(value)") } }
      show(ledger, console)
    }
    return ExitCode.ok
  }

  private static func show(_ listing: Listing, _ console: Console) {
    var table = Table(listing.columns)
    for row in listing.rows { table.add(row.map { $0 ?? "" }) }
    for line in table.lines { console.out(line) }
  }
}

extension JSONWriter {
  /// Columns of the views that hold numbers; all others hold text, digits or not.
  private static let numbers: Set<String> = [
    "home", "balance", "earned", "spent", "uncovered", "points", "awards", "value_fen", "on_hand",
    "received", "issued", "round", "office", "bytes", "detail", "session",
    "role", "points_granted", "points_redeemed", "year",
  ]

  /// Writes a row as members; NULL is left out.
  fileprivate mutating func members(_ columns: [String], _ row: [String?]) {
    for (column, cell) in zip(columns, row) {
      guard let cell else { continue }
      key(column)
      if Self.numbers.contains(column), let number = Int64(cell) {
        integer(number)
      } else {
        text(cell)
      }
    }
  }
}
