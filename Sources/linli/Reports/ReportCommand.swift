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
    "月报、流水、公示、库存、到期通知、待盘点等报表",
    "monthly reports: month, ledger, notice, stock, …; expiring points, uncounted shelves")
  static let usage = """
    linli report NAME [--month YYYY-MM] [--community NAME] [--csv] [--out FILE] \
    [--days N] [--on DATE] [--public]
    """
  static let example = "linli report month --month 2026-01 --csv --out 2026-01.csv --data hub"

  private static let names =
    ["month"] + Store.reportNames
    + [NoticeSheet.name, ExpirySheet.name, GoodsSheet.name, CountSheet.name]

  /// The reports that are no view of a month.
  private static func ownListing(
    _ name: String, _ arguments: Arguments
  ) throws(CommandError) -> Listing? {
    switch name {
    case ExpirySheet.name: try ExpirySheet.listing(arguments)
    case GoodsSheet.name: try GoodsSheet.listing(arguments)
    case CountSheet.name: try CountSheet.listing(arguments)
    case NoticeSheet.name: try NoticeSheet.listing(arguments)
    default: nil
    }
  }

  /// The reports.
  static func details(of words: [String], in language: Language) -> String {
    let width = names.map(\.count).max() ?? 0
    return
      ([language(Words("报表 (NAME):", "NAME:"))]
      + names.map { "  \($0.padded(to: width))  \(language(meanings[$0] ?? Words("", "")))" })
      .joined(separator: "\n")
  }

  private static let meanings = [
    "month": Words("月报，每个社区一行", "the monthly columns, a row for each community"),
    "ledger": Words("积分流水", "what each account gained and lost"),
    "redemptions": Words(
      "兑换明细，每件物品一行，按单价；月报的兑换积分只计从账户扣的，含优惠、不含信用币",
      "each line of each redemption at its price; points_redeemed of the month is what accounts paid, offers "
        + "too and no coins"),
    "stock": Words("库存变动", "what came to the shelves and left them"),
    "donors": Words("捐赠入库", "goods that were given"),
    "medals": Words("学校勋章名单；未同意的只计人数", "for the school: by name those who agreed"),
    "settlement": Words("社区间结算", "what communities owe each other"),
    "audit": Words(
      "审计清单，并重算已结账的月份", "all that did not simply count; closed months are folded again"),
    "expiring": Words(
      "到期通知，不用 --month；--public 为张贴用，姓名已遮盖",
      "whose points end soon, without --month; --public masks names for a wall"),
    "notice": Words(
      "发放公示，张贴用: 同意上榜的写姓名(已遮盖)，其余写编号", "awards for the wall: masked names of who agreed"),
    "uncounted": Words(
      "该盘点的货架，不用 --month", "shelves that are to be counted, without --month"),
    "expiring-goods": Words(
      "快到期的物品，不用 --month", "goods whose date comes soon, without --month"),
  ]

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 1)
    guard let name = arguments.positional(0), names.contains(name) else {
      throw .usage(
        Words("请写明报表名称", "name a report"),
        advice: Words(
          "可用: \(names.joined(separator: "、"))", "reports: \(names.joined(separator: ", "))"))
    }
    if let listing = try ownListing(name, arguments) {
      return try finish(name, listing, [], try DataFolder(arguments).openStore(), arguments)
    }
    for option in ["days", "on"] where arguments.option(option) != nil {
      throw .onlyForExpiring(option)
    }
    guard !arguments.flag("public") else {
      throw .usage(
        Words("--public 只用于 report expiring", "--public goes with report expiring only"))
    }
    let month = try arguments.month()
    let store = try DataFolder(arguments).openStore()
    let communities = try store.communities(by: arguments)
    var findings: [Words] = []
    let listing = try CommandError.wrap { () throws(StoreError) in
      try store.read { () throws(StoreError) in
        if name == "audit" { findings = try MonthAudit(store).findings(month, communities) }
        return name == "month"
          ? try MonthSheet.listing(month, communities, in: store)
          : try told(name, month, communities, in: store)
      }
    }
    return try finish(name, listing, findings, store, arguments)
  }

  /// Writes a report, and what is wrong with it.
  private static func finish(
    _ name: String, _ listing: Listing, _ findings: [Words], _ store: Store,
    _ arguments: Arguments
  ) throws(CommandError) -> Int32 {
    let history = try ComingHistory.read(from: store)
    try write(name, listing, history, arguments)
    let said = findings + [history?.ofReport].compactMap(\.self)
    for words in said { arguments.console.error(words) }
    return said.isEmpty ? ExitCode.ok : ExitCode.checkFailed
  }

  /// A report's rows; an auditor is told who recorded each op, or who answers for what the hub wrote.
  private static func told(
    _ name: String, _ month: BusinessDate, _ communities: [OpID], in store: Store
  ) throws(StoreError) -> Listing {
    var listing = try store.report(
      name, month: month, of: communities.count == 1 ? communities[0] : nil)
    guard name == "audit", let column = listing.columns.firstIndex(of: "op") else {
      return listing
    }
    listing.columns += ["as", "recorder"]
    for index in listing.rows.indices {
      guard let id = listing.rows[index][column].flatMap({ OpID($0) }) else { continue }
      let people = try answering(for: try store.op(id), in: store)
      let names = try people.map { (id) throws(StoreError) in
        try store.staffName(id) ?? id.description
      }
      listing.rows[index] +=
        people.isEmpty
        ? [nil, nil]
        : [people.map(\.description).joined(separator: " "), names.joined(separator: " ")]
    }
    return listing
  }

  /// The recorder of an op; of a decision of the hub the people whom it names as those who took it.
  private static func answering(for op: Op, in store: Store) throws(StoreError) -> [OpID] {
    if let actor = op.actor { return [actor] }
    guard let schema = Catalogue.kind(op.kind)?.schema,
      let index = schema.fields.firstIndex(where: { ["by", "approvers"].contains($0.name) }),
      let payload = schema.payload(of: op)
    else { return [] }
    return payload.references(index + 1)
  }

  private static func write(
    _ name: String, _ listing: Listing, _ history: ComingHistory?, _ arguments: Arguments
  ) throws(CommandError) {
    let console = arguments.console
    let bytes: [UInt8]
    if console.isJSON, !arguments.flag("csv") {
      let rows = listing.rows.map { row in
        line { $0.reportMembers(listing.columns, row) }
      }
      // A line of its own: there may be no row to say it in.
      let lack = history.map { history in
        line { json in
          json.member("incomplete", "history-coming")
          history.write(to: &json)
        }
      }
      bytes = (rows + [lack].compactMap(\.self)).flatMap(\.self)
    } else {
      let sheet = Sheet(columns: listing.columns, rows: listing.rows)
      let (headings, rows) = sheet.worded(as: name, in: console.language)
      if arguments.flag("csv") {
        bytes = Spreadsheet.csv(headings, rows)
      } else {
        let lines = Table(headings, rows.map { $0.map { $0 ?? "" } }).lines
          .map(\.withoutControls)
        bytes = Array((lines.joined(separator: "\n") + "\n").utf8)
      }
    }
    guard let file = arguments.option("out") else { return console.raw(bytes) }
    try save(bytes, to: file)
  }

  private static func line(_ members: (inout JSONWriter) -> Void) -> [UInt8] {
    var json = JSONWriter()
    json.openObject()
    members(&json)
    json.closeObject()
    return json.bytes + [UInt8(ascii: "\n")]
  }

  private static func save(_ bytes: [UInt8], to path: String) throws(CommandError) {
    guard access(path, F_OK) != 0 else {
      throw .refused(
        "exists", Words("\(path) 已存在", "\(path) is there already"),
        advice: Words("换一个文件名，或先删除它", "name another file, or delete it first"))
    }
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
      Words(
        "--\(option) 只用于 report expiring、expiring-goods、uncounted 和 notice",
        "--\(option) goes with report expiring, expiring-goods, uncounted, and notice only"))
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

extension JSONWriter {
  private static let texts: Set<String> = [
    "op", "resident", "redemption", "receipt", "date", "month", "item", "payer", "payee",
    "community", "name", "phone", "building", "ends_on", "as", "recorder", "donor", "expires_on",
    "activity", "award", "objections_until", "counted_on",
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
