import Community
import Foundation
import Office
import OpLog
import Store
import Wire

/// Imports residents, items, or opening balances in three steps: check, preview, run.
enum ImportCommand: Command {
  static let name = "import"
  static let summary = Words(
    "导入居民、物品、期初余额: check 检查，preview 预览，run 执行",
    "import residents, items, or balances: check, preview, run")
  static let usage = """
    linli import STEP WHAT FILE.csv [--rows N] [--points N] [--as STAFF] [--on DATE] \
    [--anyway] [--skip-doubtful] [--pin-file FILE]
    """
  static let example = "linli import check residents 居民.csv --data office"

  /// The steps, the sorts with their columns, and the control totals.
  static func details(of words: [String], in language: Language) -> String {
    let width = ImportSort.allCases.map(\.rawValue.count).max() ?? 0
    let optional = language(Words("可有", "may have"))
    let sorts = ImportSort.allCases.map { sort in
      let columns = sort.columns
      let more =
        columns.optional.isEmpty ? "" : "; \(optional): \(columns.optional.joined(separator: ", "))"
      return "  \(sort.rawValue.padded(to: width))  "
        + "\(columns.required.joined(separator: ", "))\(more)"
    }
    return ([language(steps)] + sorts + [language(totals)]).joined(separator: "\n")
  }

  private static let steps = Words(
    """
    STEP 三步: check 检查每一行；preview 再看哪些行是新的、哪些导入过；run 执行，同一文件再执行不会重复。
    文件是 CSV UTF-8，第一行是列名；每种的列，各列的值同 linli help 所列字段
    (resident.register、item.define；余额为 award.grant):
    """,
    """
    STEP: check looks at each row; preview says which rows are new and which were imported before; run
    records them, and the same file again records nothing twice. The file is CSV in UTF-8 with the names
    of its columns in the first line; the values are as linli help lists them for the fields of
    resident.register and item.define, and of award.grant for balances. WHAT and its columns:
    """)

  private static let totals = Words(
    """
    --rows N    控制数: 文件的行数(不含列名)，由人另行清点；run 必须写明，不符则不导入
    --points N  控制数: points 一列的合计；导入余额 (balances) 时必须写明
    --anyway    有行可能重复(此人已建档、已有期初余额)时，run 不导入；核对无误后加上它；
                有居民的档案还没有到本机时也一样
    --skip-doubtful  只导入没有疑问的行，看得出可能重复的行不导入；有居民的档案没到时还要 --anyway
    """,
    """
    --rows N    control total: how many rows the file has without its first line, counted by a person
                beforehand; run needs it, and records nothing where it differs
    --points N  control total: the sum of the column points; run of balances needs it
    --anyway    run records nothing where a row may be here already (a person with a file, a resident
                with an opening balance), or where files of residents are not here yet; give it once you
                have looked at them
    --skip-doubtful  records the other rows, and none of which it is seen that it may be here already;
                where files are not here it takes --anyway besides
    """)

  private enum Step: String, CaseIterable { case check, preview, run }

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 3)
    guard let step = arguments.positional(0).flatMap(Step.init),
      let sort = arguments.positional(1).flatMap(ImportSort.init),
      let file = arguments.positional(2)
    else {
      throw .usage(
        Words(
          "用法: import check|preview|run residents|items|balances 文件", "name step, sort, and file"),
        advice: Words(
          "例如 linli import check residents 居民.csv", "like linli import check residents people.csv"))
    }
    let office = try DataFolder(arguments).openOffice()
    let unseen = try unseenFiles(sort, office)
    let date = try arguments.date("on")
    try office.checkDay(arguments.option("on"))
    let sheet = try ImportSheet(
      sort, file: file, bytes: try bytes(of: file),
      on: date ?? BusinessDate(stamp: Machine.now()), office: office)
    let isRight = try checkTotals(sheet, step, arguments)
    // Of those whose files are not here no row can be told apart: only --anyway answers for them.
    let isCertain =
      arguments.flag("anyway")
      || unseen == 0 && (sheet.isCertain || arguments.flag("skip-doubtful"))
    guard step == .run, sheet.isSound, isCertain, isRight else {
      for row in sheet.rows { show(row, try state(row, step, office), nil, arguments.console) }
      UnseenPeople.words(unseen).map(arguments.console.error)
      if !isCertain { arguments.console.error(unseen == 0 ? doubtful : anybody) }
      if step == .run { arguments.console.error(nothingDone) }
      return sheet.isSound && isCertain && isRight ? ExitCode.ok : ExitCode.checkFailed
    }
    try office.signIn(arguments)
    return try execute(sheet, office, arguments)
  }

  /// How many residents' files are not here, so that any new row may be one of them.
  ///
  /// - Throws: A refusal while the history is coming. A file may never come, so there a person may answer
  ///   for that.
  private static func unseenFiles(
    _ sort: ImportSort, _ office: OfficeCore
  ) throws(CommandError) -> Int {
    switch try UnseenPeople.read(from: office.store) {
    case .history(let history)?: throw UnseenPeople.history(history).refusal
    case .files(let count)? where sort == .residents: return count
    case .files?, nil: return 0
    }
  }

  private static let doubtful = Words(
    "有的行可能重复: 请核对；都要导入则 run 加 --anyway，只导入其余的加 --skip-doubtful",
    "some rows may be here already: look at them, then run with --anyway, or with --skip-doubtful to "
      + "leave them out")
  private static let anybody = Words(
    "任何一行都可能是他们: 先同步；档案确实找不回来的，核对无误后 run 加 --anyway",
    "any row may be one of them: sync first; where their files never come, look at the rows, then run with "
      + "--anyway")
  private static let nothingDone = Words(
    "没有导入任何一行；改好以后再 run", "nothing was recorded: mend what is wrong, and run it again")

  private static func bytes(of file: String) throws(CommandError) -> [UInt8] {
    guard let data = FileManager.default.contents(atPath: file), data.count <= CSVReader.bytesMax
    else {
      throw .storage(
        "file", Words("无法读取 \(file)", "cannot read \(file)"),
        advice: Words("核对路径，文件不超过 16 MiB", "check the path; a file has at most 16 MiB"))
    }
    return Array(data)
  }

  /// Compares the control totals; a run needs the number of rows, and of points where there are any.
  private static func checkTotals(
    _ sheet: ImportSheet, _ step: Step, _ arguments: Arguments
  ) throws(CommandError) -> Bool {
    if step == .run {
      _ = try arguments.required("rows")
      if sheet.sort == .balances { _ = try arguments.required("points") }
    }
    let rows = try arguments.integer("rows") ?? sheet.rows.count
    let points = try arguments.integer("points") ?? Int(sheet.points)
    guard rows != sheet.rows.count || points != Int(sheet.points) else { return true }
    arguments.console.error(
      Words(
        "控制数不符: 文件有 \(sheet.rows.count) 行 \(sheet.points) 分",
        "the control total differs: the file has \(sheet.rows.count) rows and \(sheet.points) points"
      ))
    return false
  }

  private static func execute(
    _ sheet: ImportSheet, _ office: OfficeCore, _ arguments: Arguments
  ) throws(CommandError) -> Int32 {
    var common: [String: String] = [:]
    if sheet.sort == .balances { common["activity"] = try opening(sheet, office, arguments) }
    var exit = ExitCode.ok
    for row in sheet.rows {
      guard row.doubt == nil || !arguments.flag("skip-doubtful") else {
        show(row, "doubtful", nil, arguments.console)
        continue
      }
      do throws(CommandError) {
        var (isRepeat, last): (Bool, OpID?) = (true, nil)
        for (fields, key) in row.records {
          let made = try record(
            sheet.sort.kind, fields.merging(common) { own, _ in own }, key, office, arguments)
          isRepeat = isRepeat && made.isRepeat
          last = made.op
        }
        show(row, isRepeat ? "already" : "recorded", last, arguments.console)
      } catch {
        guard error.exit != ExitCode.storage else { throw error }
        var failed = row
        failed.problem = error.message
        show(failed, "refused", nil, arguments.console)
        exit = ExitCode.refused
      }
    }
    return exit
  }

  /// The activity whose awards opening balances are; made once for a file, whatever day it was.
  private static func opening(
    _ sheet: ImportSheet, _ office: OfficeCore, _ arguments: Arguments
  ) throws(CommandError) -> String {
    let made = try CommandError.wrap { () throws(StoreError) in
      try sheet.key.flatMap { (key) throws(StoreError) in try office.store.madeBefore(key) }
    }
    if let made { return made.description }
    let date = arguments.option("on") ?? BusinessDate(stamp: Machine.now()).description
    let fields = ["title": "期初余额", "category": "opening", "points": "1000", "held_on": date]
    return try record("activity.publish", fields, sheet.key, office, arguments).op.description
  }

  private static func record(
    _ kind: String, _ fields: [String: String], _ key: RequestKey?, _ office: OfficeCore,
    _ arguments: Arguments
  ) throws(CommandError) -> Acknowledgement {
    let request = RecordRequest(
      kind: kind, fields: fields, actor: arguments.option("as"),
      occurredOn: arguments.option("on"), key: key?.description)
    return try CommandError.wrap { () throws(OfficeError) in
      try office.record(request, now: Machine.now(), random: Machine.random)
    }
  }

  private static func state(
    _ row: ImportRow, _ step: Step, _ office: OfficeCore
  ) throws(CommandError) -> String {
    guard row.problem == nil else { return "wrong" }
    guard row.doubt == nil else { return "doubtful" }
    guard step != .check, let key = row.records.last?.key else { return "ok" }
    let made = try CommandError.wrap { () throws(StoreError) in try office.store.madeBefore(key) }
    return made == nil ? "new" : "already"
  }

  private static func show(
    _ row: ImportRow, _ state: String, _ op: OpID?, _ console: Console
  ) {
    guard console.isJSON else {
      let more =
        op?.description ?? (row.problem ?? row.doubt).map { console.language($0) } ?? ""
      let word = CellWords.text(state, in: "status", console.language)
      return console.out("\(row.line)  \(word)  \(more)")
    }
    console.json { json in
      json.member("line", row.line)
      json.member("status", state)
      json.member("op", op)
      if let problem = row.problem ?? row.doubt, op == nil {
        json.member("problem", console.language(problem))
      }
    }
  }
}
