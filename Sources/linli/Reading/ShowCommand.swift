import Community
import Hub
import Office
import OpLog
import Pages
import Store
import Wire

/// Lists rows of a documented view, or one resident.
enum ShowCommand: Command {
  static let name = "show"
  static let summary = Words(
    "查看居民、活动、物品、流水、人员、规则等", "list residents, activities, items, the ledger, staff, rules, …")
  static let usage = "linli show VIEW [ID|TEXT] [--limit N] [--after ID] [--purse COINS]"
  static let example = "linli show residents --data office"

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 2)
    let cut = try Cut(arguments)
    guard let view = arguments.positional(0) else {
      throw .usage(
        Words("请写明要看什么", "name what to show"),
        advice: Words("可用: \(names)", "views: \(names)"))
    }
    let (store, office) = try DataFolder(arguments).openEither()
    let console = arguments.console
    guard view != "resident" else {
      return try showResident(arguments.positional(1), cut, store, office, console)
    }
    var sheet = try sheet(view, id: arguments.positional(1), store, console.language)
    if let id = arguments.positional(1), sheet.rows.isEmpty {
      console.error(Words("\(view) 中没有 \(id)", "\(view) has nothing for \(id)"))
    }
    if let coins = arguments.option("purse") {
      guard view == "items" else {
        throw .usage(
          Words("--purse 只用于 show items", "--purse goes with show items only"))
      }
      try Purse(coins).pay(for: &sheet)
    }
    let rest = try cut.apply(to: &sheet)
    write(sheet, of: view, to: console)
    Cut.tell(rest.more, after: rest.last, console)
    if !wholeAtOnce.contains(view) { try ComingHistory.warn(of: store, console) }
    return ExitCode.ok
  }

  /// Writes rows as a table, or as an object each.
  static func write(_ sheet: Sheet, of view: String, to console: Console) {
    guard console.isJSON else { return show(sheet, of: view, console) }
    for row in sheet.rows { console.json { $0.members(sheet.columns, row) } }
  }

  /// The views and their columns.
  static func details(
    of words: [String], in language: Language
  ) throws(CommandError) -> String {
    let width = allNames.map(\.count).max() ?? 0
    let columns = try ViewColumns()
    let lines = try allNames.map { (view) throws(CommandError) in
      "  \(view.padded(to: width))  \(try columns.names(of: view).joined(separator: ", "))"
    }
    let resident = Words("一位居民的资料和流水", "one resident's file and ledger")
    return
      ([language(Words("可看的内容和各列:", "Views and their columns:"))] + lines
      + ["  \("resident ID".padded(to: width))  \(language(resident))", language(notes)])
      .joined(separator: "\n")
  }

  private static let notes = Words(
    """
    items 的 points 是今天的价格，on_hand 是各站合计；本站货架见 stock。
    列表没有列完时，末行给出 --after 的值，照写就接着列。
    """,
    """
    In items, points is today's price and on_hand the sum of all offices; stock has each shelf.
    A list that stops names what --after takes to go on there.
    """)
  /// Views of which a working set has all: what lies on the shelves and what it costs.
  private static let wholeAtOnce: Set = ["items", "offers", "prices", "stock"]
  private static let allNames = Store.viewNames + Directory.allCases.map(\.rawValue)
  private static let names = (["resident ID"] + allNames).joined(separator: ", ")

  /// Rows of a view, of one id where it is given: the view's own, or the one whom they are about.
  ///
  /// Residents are found by name, phone, and volunteer number too.
  private static func sheet(
    _ view: String, id: String?, _ store: Store, _ language: Language
  ) throws(CommandError) -> Sheet {
    var sheet: Sheet
    if let directory = Directory(rawValue: view) {
      sheet = try CommandError.wrap { () throws(StoreError) in
        try directory.sheet(of: store, in: language)
      }
    } else if Store.viewNames.contains(view) {
      let listing = try CommandError.wrap { () throws(StoreError) in
        try store.listing(of: view, limit: Int.max)
      }
      sheet = Sheet(view, listing)
      if view == "items" { try price(&sheet, on: BusinessDate(stamp: Machine.now()), store) }
    } else {
      throw .usage(
        Words("没有 \(view) 可看", "there is no view \(view)"),
        advice: Words("可用: \(names)", "views: \(names)"))
    }
    guard let id else { return sheet }
    if view == "residents", OpID(id) == nil {
      let found = try CommandError.wrap { () throws(StoreError) in
        try store.residents(matching: id)
      }
      let ids = Set(found.map(\.description))
      sheet.rows.removeAll { row in row[0].map { !ids.contains($0) } ?? true }
      return sheet
    }
    let keys = ["id", "resident", "account", "subject", "office", "community"]
    let columns = keys.compactMap { sheet.columns.firstIndex(of: $0) }
    precondition(!columns.isEmpty, "every view has one of the keys")
    sheet.rows.removeAll { row in !columns.contains { row[$0] == id } }
    return sheet
  }

  /// Gives items the prices of a day: the view has the last that was announced, which may hold later.
  private static func price(
    _ sheet: inout Sheet, on day: BusinessDate, _ store: Store
  ) throws(CommandError) {
    guard let points = sheet.columns.firstIndex(of: "points"),
      let id = sheet.columns.firstIndex(of: "id")
    else { return }
    for row in sheet.rows.indices {
      guard let item = sheet.rows[row][id].flatMap({ OpID($0) }) else { continue }
      sheet.rows[row][points] = try CommandError.wrap { () throws(StoreError) in
        try store.points(ofItem: item, on: day)
      }.map { String($0) }
    }
  }

  /// The resident whom a name, a phone, or a volunteer number means.
  private static func resident(
    matching text: String, in store: Store
  ) throws(CommandError) -> OpID {
    let found = try CommandError.wrap { () throws(StoreError) in
      try store.residents(matching: text)
    }
    guard let only = found.first, found.count == 1 else {
      throw .refused(
        found.isEmpty ? "nobody-found" : "several-found",
        Words("有 \(found.count) 位居民符合 \(text)", "\(found.count) residents match \(text)"),
        advice: Words(
          "用 linli show residents \(text) 查看，再写明编号；其他社区居民的姓名不在本机",
          "linli show residents \(text) lists them: name one by id; names of other communities' "
            + "residents are not here"))
    }
    return only
  }

  /// What an id is that is no resident's.
  private static func noResident(
    _ id: OpID, _ store: Store, _ language: Language
  ) throws(CommandError) -> CommandError {
    let about = try CommandError.wrap { () throws(StoreError) -> String? in
      try store.read { () throws(StoreError) -> String? in
        guard try store.knowsLife(of: id.replica),
          try store.foldedHead(of: id.replica).seq >= id.seq
        else { return nil }
        return try DeskSubject(store, language).about(id)
      }
    }
    guard let about else { return CommandError(StoreError.unknownReference(id)) }
    return .refused(
      "no-resident",
      Words("\(id) 不是居民: \(about)", "\(id) is no resident: \(about)"),
      advice: Words(
        "linli show residents 可查居民编号；linli explain \(id) 可查这条记录",
        "linli show residents lists residents; linli explain \(id) tells of this record"))
  }

  /// Shows a resident's file, balance, and ledger.
  private static func showResident(
    _ text: String?, _ cut: Cut, _ store: Store, _ office: OfficeCore?, _ console: Console
  ) throws(CommandError) -> Int32 {
    var named = text.flatMap { OpID($0) }
    if let text, named == nil { named = try resident(matching: text, in: store) }
    guard let id = named else {
      throw .usage(
        Words("请写明居民编号或姓名、电话", "name the resident by id, name, or phone"),
        advice: Words("例如 linli show resident 4097-2", "for example linli show resident 4097-2"))
    }
    let today = BusinessDate(stamp: Machine.now())
    let (rights, person, file, files, entries, bar) = try CommandError.wrap {
      () throws(StoreError) in
      (
        try store.listing(of: "rights", where: ("account", id.description)),
        try store.listing(of: "residents", where: ("id", id.description), limit: 1),
        try store.listing(of: "file_values", where: ("resident", String(id.packed))),
        try store.listing(of: "person_files", where: ("resident", id.description)),
        try store.listing(of: "ledger", where: ("resident", id.description), limit: Int.max),
        try ResidentRule.refusal(of: id, on: Int64(today.day), in: store)
      )
    }
    guard let row = person.rows.first else { throw try noResident(id, store, console.language) }
    let promise = try office.flatMap { (office) throws(CommandError) in
      try CounterPromise(of: id, at: office, on: today)
    }
    var ledger = Sheet("ledger", entries)
    let rest = try cut.apply(to: &ledger)
    let values = file.rows.map { (name: $0[2] ?? "", value: $0[3]) }
    let holders = rights.records.filter { $0["held"] != "0" }
    if console.isJSON {
      console.json { json in
        json.members(person.columns, row)
        if let promise { json.promise(promise) } else { json.member("barred", bar?.code) }
        if !holders.isEmpty {
          json.member("held", each: holders) { $0.members(ofHolder: $1) }
        }
        json.member("file") { json in
          json.members(values.map(\.name), values.map(\.value))
        }
        if !files.rows.isEmpty {
          json.member("files", each: files.rows) { json, row in json.members(files.columns, row) }
        }
        json.member("ledger", each: ledger.rows) { json, row in
          json.members(ledger.columns, row)
        }
      }
    } else {
      show(Sheet("residents", person), of: "residents", console)
      if let words = promise?.words ?? bar?.words { console.out(words) }
      for right in holders { console.out(words(ofHolder: right)) }
      for (name, value) in values {
        if let value { console.out("\(heading(name, console.language)): \(value)") }
      }
      if !files.rows.isEmpty {
        console.out(
          Words(
            "此人有 \(files.rows.count) 份档案，积分各记各账，兑换时注明用哪一份:",
            "this person has \(files.rows.count) files, each with its own points; name the one that pays:"
          ))
        show(Sheet("person_files", files), of: "person_files", console)
      }
      show(ledger, of: "ledger", console)
    }
    Cut.tell(rest.more, after: rest.last, console)
    try ComingHistory.warn(of: store, console)
    return ExitCode.ok
  }

  /// Who may spend some of an account's points, and how they come back.
  static func words(ofHolder right: [String: String]) -> Words {
    let (office, points) = (right["office"] ?? "", right["held"] ?? "")
    return Words(
      "其中 \(points) 分已批准给 \(office)，没用完的次日同步后退回；要提前退，在该站运行 linli office rights return",
      "\(points) of the points are granted to \(office): what it does not use comes back the next day, or "
        + "at once with linli office rights return there")
  }

  private static func show(_ sheet: Sheet, of view: String, _ console: Console) {
    let (headings, rows) = sheet.worded(as: view, in: console.language)
    console.table(headings, rows.map { $0.map { $0 ?? "" } })
  }

  private static func heading(_ column: String, _ language: Language) -> String {
    Headings.text(column, of: "residents", in: language)
  }
}

/// The columns of every view, read from an empty database, so that they are always right.
private struct ViewColumns {
  private let store: Store

  init() throws(CommandError) {
    let key = HubKey(random: Machine.random)
    let identity = StoreIdentity(
      street: key.street, incarnation: key.incarnation, replica: key.incarnation.hub)
    store = try CommandError.wrap { () throws(StoreError) in
      try Store.create(path: ":memory:", identity)
    }
  }

  func names(of view: String) throws(CommandError) -> [String] {
    if let directory = Directory(rawValue: view) { return directory.columns }
    return try CommandError.wrap { () throws(StoreError) in
      try store.listing(of: view, limit: 0).columns
    }
  }
}

extension JSONWriter {
  /// Columns of the views that hold numbers; all others hold text, digits or not.
  private static let numbers: Set<String> = [
    "home", "balance", "earned", "spent", "uncovered", "points", "awards", "value_fen", "on_hand",
    "received", "issued", "round", "office", "bytes", "detail", "session",
    "ops", "held", "granted", "returned",
    "points_granted", "points_redeemed", "year", "minutes", "quantity", "vault", "out",
    "destroyed", "printed", "denomination", "counted", "booked", "difference", "adjusted",
    "written_off", "in_transit", "headcount", "starts", "ends", "per_person", "min_earned", "used",
    "coins", "as_of",
  ]

  /// Writes who holds how many points of an account.
  mutating func members(ofHolder right: [String: String]) {
    member("office", right["office"].flatMap { Int64($0) })
    member("points", right["held"].flatMap { Int64($0) })
  }

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
