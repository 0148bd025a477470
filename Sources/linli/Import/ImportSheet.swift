import Community
import Office
import OpLog
import Pages
import Store
import Wire

/// What an import brings.
enum ImportSort: String, CaseIterable {
  case residents, items, balances

  /// The columns that must be there, then those that may.
  var columns: (required: [String], optional: [String]) {
    switch self {
    case .residents: (["name"], ["phone", "birth_date", "address", "note", "age_band"])
    case .items: (["name", "sort", "points"], ["value_fen"])
    case .balances: (["resident", "points"], [])
    }
  }

  /// The column that a heading names, in English or Chinese; nil for one that is not known.
  func column(_ heading: String) -> String? {
    let heading = heading.filter { !$0.isWhitespace }
    return (columns.required + columns.optional).first { column in
      column == heading || Self.chinese[column]?.contains(heading) == true
    }
  }

  /// What sheets of paper and of spreadsheets call the columns.
  private static let chinese = [
    "name": ["姓名", "名称", "物品"], "phone": ["电话", "手机", "手机号"],
    "birth_date": ["出生日期", "生日"], "address": ["地址", "住址"], "note": ["备注"],
    "age_band": ["年龄段"], "sort": ["类别"], "points": ["积分"], "value_fen": ["价值(分)"],
    "resident": ["居民", "居民编号"],
  ]

  /// The kind of op that a row becomes.
  var kind: String {
    switch self {
    case .residents: "resident.register"
    case .items: "item.define"
    case .balances: "award.grant"
    }
  }
}

/// One row of an import: what it becomes, or what is wrong with it.
struct ImportRow {
  /// The line in the file.
  let line: Int
  /// The fields by name, without those that are empty.
  let fields: [String: String]
  /// The ops that it becomes, each with a request key: the same row of the same file is recorded once.
  let records: [(fields: [String: String], key: RequestKey?)]
  /// What is wrong; nil when it can be recorded.
  var problem: Words?
  /// What a person should look at before it is recorded; nil for nothing.
  var doubt: Words?
}

/// A file to import, read and checked.
struct ImportSheet {
  let sort: ImportSort
  private(set) var rows: [ImportRow] = []
  /// Names what the rows have in common: opening balances are awards of one activity.
  let key: RequestKey?

  /// The sum of the column `points`.
  ///
  /// What no row may have stands for as many as there can be.
  var points: Int64 {
    rows.reduce(0) { sum, row in
      let (next, isOver) = sum.addingReportingOverflow(Int64(row.fields["points"] ?? "") ?? 0)
      return isOver ? .max : next
    }
  }

  /// Whether every row can be recorded.
  var isSound: Bool { rows.allSatisfy { $0.problem == nil } }

  /// Whether no row may be one that is here already.
  var isCertain: Bool { rows.allSatisfy { $0.doubt == nil } }

  /// Reads and checks a file.
  ///
  /// - Throws: A usage error for what is no CSV or lacks a column.
  init(
    _ sort: ImportSort, file: String, bytes: [UInt8], on date: BusinessDate, office: OfficeCore
  ) throws(CommandError) {
    self.sort = sort
    let name = file.split(separator: "/").last.map(String.init) ?? file
    key = office.importKey([sort.rawValue, name])
    let lines: [(line: Int, cells: [String])]
    do throws(CSVReader.Problem) {
      lines = try CSVReader.rows(bytes)
    } catch { throw .badFile(error) }
    let header = try Self.header(lines.first?.cells ?? [], sort)
    var seen: [[String]: Int] = [:]
    var doubts = try ImportDoubts(sort, on: date, office)
    for (line, texts) in lines.dropFirst() {
      let cells = Self.used(texts.map(Spreadsheet.text), atLeast: header.count)
      // Spreadsheets write rows of nothing but commas.
      guard cells.contains(where: { !$0.isEmpty }) else { continue }
      seen[cells, default: 0] += 1
      let pairs = zip(header, cells).filter { !$0.1.isEmpty }
      let fields = Dictionary(pairs, uniquingKeysWith: { first, _ in first })
      // The same person twice in a file may be two people.
      let parts = [sort.rawValue, name] + cells + [String(seen[cells] ?? 0)]
      let records = Self.records(sort, fields).enumerated().map { index, fields in
        (fields, office.importKey(index == 0 ? parts : parts + ["\(index + 1)"]))
      }
      var row = ImportRow(line: line, fields: fields, records: records, problem: nil)
      row.problem =
        cells.count == header.count
        ? try problem(fields, on: date, office)
        : Words(
          "有 \(cells.count) 格，应有 \(header.count) 格", "\(cells.count) cells, not \(header.count)")
      row.doubt = row.problem == nil ? try doubts.doubt(about: row) : nil
      rows.append(row)
    }
  }

  /// The columns of a first line.
  ///
  /// - Throws: A usage error that names the column that is missing, unknown, or there twice.
  private static func header(
    _ headings: [String], _ sort: ImportSort
  ) throws(CommandError) -> [String] {
    let known = sort.columns.required + sort.columns.optional
    var header: [String] = []
    for heading in used(headings, atLeast: 0) {
      guard let column = sort.column(heading) else {
        throw .badHeader(Words("没有“\(heading)”这一列", "there is no column \(heading)"), known)
      }
      guard !header.contains(column) else {
        throw .badHeader(Words("列 \(column) 出现了两次", "column \(column) is there twice"), known)
      }
      header.append(column)
    }
    for column in sort.columns.required where !header.contains(column) {
      throw .badHeader(Words("缺少列 \(column)", "column \(column) is missing"), known)
    }
    return header
  }

  /// The cells of a line without the empty ones that spreadsheets put at its end.
  private static func used(_ cells: [String], atLeast count: Int) -> [String] {
    let end = cells.lastIndex { !$0.isEmpty } ?? -1
    return Array(cells.prefix(max(end + 1, count)))
  }

  /// A balance above what one award may be comes in several, each a session of its own.
  private static func records(
    _ sort: ImportSort, _ fields: [String: String]
  ) -> [[String: String]] {
    guard sort == .balances, var left = fields["points"].flatMap({ Int64($0) }),
      balances.contains(left)
    else { return [fields] }
    var records: [[String: String]] = []
    while left > 0 {
      var own = ["points": "\(min(left, perAward))"]
      if !records.isEmpty { own["session"] = "\(records.count + 1)" }
      records.append(fields.merging(own) { _, new in new })
      left -= perAward
    }
    return records
  }

  /// The points of an award, at most.
  private static let perAward: Int64 = 1_000
  /// What 99 sessions hold.
  private static let balances = 1...(99 * perAward)

  private func problem(
    _ fields: [String: String], on date: BusinessDate, _ office: OfficeCore
  ) throws(CommandError) -> Words? {
    for column in sort.columns.required where fields[column] == nil {
      return Words("缺少 \(column)", "\(column) is missing")
    }
    guard let kind = Catalogue.kind(named: sort.kind) else { return nil }
    for (column, text) in fields.sorted(by: { $0.key < $1.key }) {
      if let wanted = wanted(column, text, kind, on: date) {
        return Words(
          "\(column): \(text) 不是\(wanted.chinese)", "\(column): \(text) is not \(wanted.english)")
      }
      let isPayload = kind.schema.fields.contains { $0.name == column }
      if isPayload || PersonalData.freeTextFields.contains(column), PersonalData.isIn(text) {
        return Refusal.personalData(field: column).words
      }
    }
    guard sort == .balances, let resident = fields["resident"].flatMap({ OpID($0) }) else {
      return nil
    }
    let isKnown = try CommandError.wrap { () throws(StoreError) in
      try office.store.has(Tables.resident, id: resident.packed)
    }
    return isKnown ? nil : Words("没有居民 \(resident)", "there is no resident \(resident)")
  }

  /// What a cell must be; nil for one that fits.
  private func wanted(
    _ column: String, _ text: String, _ kind: Kind, on date: BusinessDate
  ) -> Words? {
    if let field = kind.body.first(where: { $0.name == column }) {
      let isReal = column != "birth_date" || OfficeCore.isBirthDate(text, recordedOn: date)
      return isReal && OfficeCore.isMeant(text, by: field) ? nil : field.words
    }
    guard let type = kind.schema.fields.first(where: { $0.name == column })?.type else {
      preconditionFailure("the columns are fields of the kind")
    }
    if sort == .balances, column == "points" {
      let fits = Int64(text).map(Self.balances.contains) == true
      return fits ? nil : FieldType.integer(Self.balances).words
    }
    return FieldText.parse(text, as: type).map { type.fits($0) } == true ? nil : type.words
  }
}

extension CommandError {
  fileprivate static func badFile(_ problem: CSVReader.Problem) -> CommandError {
    switch problem {
    case .encoding:
      .usage(
        Words("文件不是 UTF-8", "the file is not UTF-8"),
        advice: Words("另存为 CSV UTF-8", "save it as CSV UTF-8"))
    case .quote(let line):
      .usage(Words("第 \(line) 行的引号不对", "the quotes in line \(line) do not match"))
    }
  }

  fileprivate static func badHeader(_ problem: Words, _ known: [String]) -> CommandError {
    .usage(
      Words("第一行不对: \(problem.chinese)", "the first line is wrong: \(problem.english)"),
      advice: Words(
        "可有的列: \(known.joined(separator: ","))，或其中文名，如 姓名,电话",
        "columns: \(known.joined(separator: ","))"))
  }
}
