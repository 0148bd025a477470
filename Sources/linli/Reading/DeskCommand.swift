import Community
import Office
import OpLog
import Pages
import Store
import Wire

/// Lists what somebody should look at.
enum DeskCommand: Command {
  static let name = "desk"
  static let summary = Words("待处理事项", "what somebody should look at")
  static let usage = "linli desk [--limit N] [--after ID]"
  static let example = "linli desk --data office"

  /// One entry, worded.
  private struct Row {
    let subject: String
    let about: String
    let reason: String
    let detail: String
    let words: Words
    let advice: Words
    let values: [ForkedValue]
  }

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 0)
    let cut = try Cut(arguments)
    let console = arguments.console
    let (store, office) = try DataFolder(arguments).openEither()
    var sheet = try CommandError.wrap { () throws(StoreError) in
      Sheet("desk_entries", try store.listing(of: "desk_entries", limit: Int.max))
    }
    sheet.rows += try CommandError.wrap { () throws(StoreError) in
      try samePersons(in: store) + RefusedRecords.rows(in: store, console.language)
    }
    let rest = try cut.apply(to: &sheet)
    let subjects = DeskSubject(store, console.language)
    var rows = try CommandError.wrap { () throws(StoreError) in
      try store.read { () throws(StoreError) -> [Row] in
        let isRefused = sheet.rows.contains { $0[1] == RefusedRecords.code }
        let former = DeskSubject(
          store, console.language, in: isRefused ? try store.allFormerOps() : [:])
        return try Self.rows(sheet.rows, of: store, subjects, former, console.language)
      }
    }
    let stop = try office.flatMap { (office) throws(CommandError) in
      try CommandError.wrap { () throws(OfficeError) in try office.stop }
    }
    // First of all: until that is looked after, nothing can be recorded about the others.
    if let stop { rows.insert(row(of: stop, at: store.identity.replica, console.language), at: 0) }
    for row in rows where console.isJSON { showJSON(row, console) }
    if !console.isJSON { show(rows, console) }
    Cut.tell(rest.more, after: rest.last, console)
    try ComingHistory.warn(of: store, console)
    return ExitCode.ok
  }

  /// Entries about people with two files here, as rows of `desk_entries`: the later file, then the
  /// earlier.
  static func samePersons(in store: Store) throws(StoreError) -> [[String?]] {
    try KnownPeople.doubles(in: store).filter(\.isSure).map {
      [$0.file.description, SamePerson.code, $0.of.description]
    }
  }

  private static func rows(
    _ entries: [[String?]], of store: Store, _ subjects: DeskSubject, _ former: DeskSubject,
    _ language: Language
  ) throws(StoreError) -> [Row] {
    var rows: [Row] = []
    let waits = entries.contains { $0[1] == DeskReason.awaitingApproval.rawValue }
    let unattended = waits ? Set(try store.unattended().map(\.award)) : []
    for cells in entries {
      guard let subject = cells[0], let code = cells[1] else { continue }
      let reason = DeskReason(rawValue: code)
      let id = OpID(subject)
      let (words, advice) = Self.words(of: code, about: id)
      let isRefused = code == RefusedRecords.code
      let about = try id.map { (id) throws(StoreError) in
        try (isRefused ? former : subjects).about(id)
      }
      var detail = ""
      var fork: Fork?
      switch reason {
      case .fork:
        fork = try OpID(subject).flatMap { (id) throws(StoreError) in
          try Fork(of: id, detail: cells[2], in: store)
        }
        detail = fork?.field ?? ""
      case .coinsUnissued:
        detail = language(Words("\(cells[2] ?? "") 分币", "coins of \(cells[2] ?? "")"))
      case .stockNegative, .priceDiffers, .itemLimit, .coinsMissing, .coinAgain:
        detail = cells[2] ?? ""
      case .guardianConsent: detail = purpose(cells[2])
      case .awaitingApproval where id.map(unattended.contains) == true:
        detail = language(Words("没有签到", "nobody checked the person in"))
      default: if isRefused || code == SamePerson.code { detail = cells[2] ?? "" }
      }
      rows.append(
        Row(
          subject: subject, about: about ?? language(Words("全街", "the street")), reason: code,
          detail: detail,
          words: words, advice: fork?.advice ?? advice, values: fork?.values ?? []))
    }
    return rows
  }

  /// A PC that records nothing more, as `office status` says it.
  private static func row(of stop: Stop, at office: ReplicaID, _ language: Language) -> Row {
    let error = CommandError(stop)
    return Row(
      subject: "\(office)", about: language(Words("本机", "this PC")), reason: error.code, detail: "",
      words: error.message, advice: error.advice, values: [])
  }

  /// A purpose of a consent by its number, which `desk resolve --line` takes, and its name.
  private static func purpose(_ detail: String?) -> String {
    guard let number = detail.flatMap({ Int($0) }),
      case .choice(let names)? = Catalogue.kind(named: "consent.set")?.schema.fields[1].type,
      names.indices.contains(number)
    else { return detail ?? "" }
    return "\(number) \(names[number])"
  }

  /// What an entry says, and what to do about it.
  static func words(of code: String, about id: OpID?) -> (Words, advice: Words) {
    switch code {
    case MissingBody.code: (MissingBody.words, MissingBody.advice)
    case SamePerson.code: (SamePerson.words, SamePerson.advice)
    case RefusedRecords.code: (RefusedRecords.words, RefusedRecords.advice)
    default:
      DeskReason(rawValue: code).map { ($0.words(about: id), $0.advice(about: id)) }
        ?? (Words(code, code), Words(code, code))
    }
  }

  private static func show(_ rows: [Row], _ console: Console) {
    guard !rows.isEmpty else { return console.out(Words("没有待处理事项", "nothing to look at")) }
    let titles = [
      Words("编号", "id"), Words("对象", "who and what"), Words("事由", "reason"),
      Words("怎么办", "what to do"),
    ]
    let lines = rows.map { row in
      let values = row.values.map { value in
        let text = value.value.map { $0.isEmpty ? console.language(cleared) : $0 } ?? "?"
        return "\(text) (\(value.op))"
      }.joined(separator: " | ")
      let more = [row.detail, values].filter { !$0.isEmpty }.joined(separator: ": ")
      // The code is what `desk resolve --reason` takes.
      let reason =
        "\(row.reason): \(console.language(row.words))" + (more.isEmpty ? "" : " [\(more)]")
      return [row.subject, row.about, reason, console.language(row.advice)]
    }
    console.table(titles, lines)
  }

  private static let cleared = Words("(已清除)", "(cleared)")

  private static func showJSON(_ row: Row, _ console: Console) {
    console.json { json in
      json.member("subject", row.subject)
      json.member("about", row.about)
      json.member("reason", row.reason)
      if !row.detail.isEmpty {
        json.member("detail", row.detail)
      }
      json.member("words", console.language(row.words))
      json.member("advice", console.language(row.advice))
      guard !row.values.isEmpty else { return }
      json.member("values", each: row.values) { json, value in
        json.member("op", value.op)
        json.member("value", value.value)
      }
    }
  }
}
