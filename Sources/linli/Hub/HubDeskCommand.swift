import Community
import Hub
import OpLog
import Store
import Wire

/// Lists what offices ask the hub for.
enum HubDeskListCommand: Command {
  static let name = "hub desk list"
  static let summary = Words(
    "待街道决定的申请，和编号归了别条的记录", "what waits for the street's decision, and records without a number")
  static let usage = "linli hub desk list"
  static let example = "linli hub desk list --data hub"

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 0)
    let console = arguments.console
    let store = try DataFolder(arguments).openHubStore()
    let requests = try HubRequest.all(in: store, console.language)
    let lost = try CommandError.wrap { () throws(StoreError) in
      try store.read { () throws(StoreError) in try LostRecords(of: store, console.language) }
    }
    guard !console.isJSON else {
      for request in requests { console.json { request.write(to: &$0) } }
      lost.showJSON(console)
      return ExitCode.ok
    }
    show(requests, console)
    lost.show(console)
    return ExitCode.ok
  }

  private static func show(_ requests: [HubRequest], _ console: Console) {
    guard !requests.isEmpty else {
      return console.out(Words("没有待决定的申请", "nothing waits for a decision"))
    }
    let titles = [
      Words("编号", "id"), Words("申请", "request"), Words("居民", "residents"),
      Words("经办人", "recorder"), Words("日期", "date"), Words("期限", "due"),
    ]
    let rows = requests.map { request in
      let asked = request.asked
      let residents = request.residents.map { "\($0.id) \($0.name)" }.joined(separator: ", ")
      return [
        asked.id.description, console.language(asked.words), residents,
        asked.recorder ?? asked.actor?.description ?? "", asked.occurredOn.description,
        request.dueOn ?? "",
      ]
    }
    console.table(titles, rows)
  }
}

/// Shows one request: what it says, the records that it is about, and the residents side by side.
enum HubDeskShowCommand: Command {
  static let name = "hub desk show"
  static let summary = Words("查看一项申请", "show one request")
  static let usage = "linli hub desk show REQUEST"
  static let example = "linli hub desk show 4097-12 --data hub"

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 1)
    let id = try arguments.request()
    let store = try DataFolder(arguments).openHubStore()
    let console = arguments.console
    guard let request = try HubRequest.all(in: store, only: id, console.language).first else {
      throw .notOpen(id)
    }
    guard !console.isJSON else {
      console.json { request.write(to: &$0) }
      return ExitCode.ok
    }
    show(request.asked, console)
    if let day = request.dueOn { console.out(Words("期限: \(day)", "due_on: \(day)")) }
    for record in request.records {
      console.out("")
      show(record, console)
    }
    for sheet in [residents(of: request), request.memberships] where !sheet.rows.isEmpty {
      console.out("")
      ShowCommand.write(sheet, of: "requests", to: console)
    }
    return ExitCode.ok
  }

  /// A record in a line, then what its fields say, in the order of its form.
  private static func show(_ record: RequestRecord, _ console: Console) {
    console.out("\(record.id) \(record.about)")
    for field in record.fields {
      let heading = Headings.text(field.name, in: console.language)
      let value = field.value.map { CellWords.text($0, in: field.name, console.language) }
      let text = value ?? console.language(absent)
      console.out("\(heading): \(text)\(field.called.map { " \($0)" } ?? "")")
    }
  }

  private static let absent = Words("(不在本机: 尚未传到，或已删除)", "(not here: not arrived yet, or erased)")

  private static func residents(of request: HubRequest) -> Sheet {
    let columns = ["id", "community"] + ResidentFile.fields + ["balance", "uncovered"]
    return Sheet(
      columns: columns,
      rows: request.residents.map { resident in
        [resident.id.description, resident.community]
          + ResidentFile.fields.map { resident.file[$0] }
          + [String(resident.balance), String(resident.uncovered)]
      })
  }
}

/// Decides one request, once for all.
enum HubDeskDecideCommand: Command {
  static let name = "hub desk decide"
  static let summary = Words("批准或驳回一项申请，只能一次", "approve or refuse a request, once for all")
  static let usage = """
    linli hub desk decide REQUEST approve|refuse [--by STAFF,STAFF] [--remedy OP|none]
    """
  static let example = "linli hub desk decide 4097-12 approve --by 4096-4,4096-5 --data hub"

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 2)
    let id = try arguments.request()
    guard let answer = arguments.positional(1), ["approve", "refuse"].contains(answer) else {
      throw .usage(
        Words("请写明 approve 或 refuse", "say approve or refuse"),
        advice: Words("approve 批准，refuse 驳回", "an appeal is upheld by approve"))
    }
    let store = try DataFolder(arguments).openHubStore()
    let deciders = try deciders(arguments)
    let remedy = try remedy(arguments, of: id, isApproved: answer == "approve", store)
    let outcome = try CommandError.wrap { () throws(StoreError) in
      try HubAdmin.decide(
        id, isApproved: answer == "approve", remedy: remedy, by: deciders, in: store,
        now: Machine.now())
    }
    let decision: OpID
    switch outcome {
    case .decided(let op): decision = op
    case .notOpen: throw .notOpen(id)
    case .unfitRemedy(let kinds): throw .unfitRemedy(arguments.option("remedy") ?? "", kinds)
    case .unfitDecider(let staff): throw .unfitDecider(staff)
    case .approvedElsewhere(let other): throw .approvedElsewhere(other)
    case .twoPersonsNeeded:
      throw .refused(
        "two-persons",
        Words("合并、拆分、删除和作弊处理要两人决定", "merging, parting, erasing, and a sanction take two persons"),
        advice: Words(
          "用 --by 写两位不同的审核人员，不含申请人",
          "name two approvers with --by, neither of them who asks"))
    }
    let verb = answer == "approve" ? Words("已批准", "approved") : Words("已驳回", "refused")
    arguments.console.answer(Words("\(verb.chinese) \(id)", "\(verb.english) \(id)")) { json in
      json.member("request", id)
      json.member("decision", decision)
      json.member("answer", answer)
    }
    return ExitCode.ok
  }

  /// Who answers for the decision; where the option is absent nobody is named, and the hub says whether
  /// that will do.
  private static func deciders(_ arguments: Arguments) throws(CommandError) -> [OpID] {
    guard let text = arguments.option("by") else { return [] }
    let names = arguments.list("by")
    let deciders = names.compactMap { OpID($0) }
    guard !deciders.isEmpty, deciders.count == names.count, deciders.count <= 8 else {
      throw .badValue(option: "by", text, example: "4096-4,4096-5")
    }
    return deciders
  }

  /// The record that puts right what an appeal is against; one that is upheld says what was done.
  private static func remedy(
    _ arguments: Arguments, of request: OpID, isApproved: Bool, _ store: Store
  ) throws(CommandError) -> OpID? {
    let open = try CommandError.wrap { () throws(StoreError) in try store.openRequests() }
    guard let asked = open.first(where: { $0.id == request }) else { return nil }
    let isAppeal = asked.kind == HubAdmin.appealKind
    guard let text = arguments.option("remedy") else {
      guard isAppeal, isApproved else { return nil }
      throw .usage(
        Words("请写明怎样补救", "say what was done about it"),
        advice: Words(
          "先记录补救(如 award.reverse)，再加 --remedy 编号；无需补救则加 --remedy none",
          "record what puts it right first (such as award.reverse) and add --remedy with its id; "
            + "--remedy none where nothing is to be done"))
    }
    guard isAppeal, isApproved else {
      throw .usage(
        Words("只有支持异议时才写 --remedy", "--remedy goes with an appeal that is upheld"))
    }
    guard text != "none" else { return nil }
    guard let id = OpID(text) else {
      throw .badValue(option: "remedy", text, example: "4097-12, none")
    }
    return id
  }
}

extension Arguments {
  /// The request that a command is about.
  fileprivate func request() throws(CommandError) -> OpID {
    try id(of: Words("申请", "the request"), listedBy: "linli hub desk list")
  }
}

extension CommandError {
  /// A record that does not put right what an appeal is against.
  fileprivate static func unfitRemedy(_ text: String, _ kinds: [KindNumber]) -> CommandError {
    let names = kinds.compactMap { Catalogue.kind($0)?.name }.joined(separator: ", ")
    return .refused(
      "unfit-remedy",
      Words("\(text) 不是对这条记录的补救", "\(text) does not put right what the appeal is against"),
      advice: names.isEmpty
        ? Words("没有可记录的补救，写 --remedy none", "nothing can be recorded: give --remedy none")
        : Words("补救是针对同一对象的 \(names)", "a remedy is one of \(names) about the same"))
  }

  /// Somebody who cannot answer for a decision.
  fileprivate static func unfitDecider(_ id: OpID) -> CommandError {
    .refused(
      "unfit-decider",
      Words("\(id) 不能决定这项申请", "\(id) cannot decide this request"),
      advice: Words(
        "须是在任的工作人员，且不是申请人；合并、拆分和删除须是审核人员；linli hub staff list 会列出",
        "name staff who stand today, other than the one who asks; approvers for merging, parting, and "
          + "erasing; linli hub staff list lists them"))
  }

  /// A membership that an approved one rules out.
  fileprivate static func approvedElsewhere(_ id: OpID) -> CommandError {
    .refused(
      "approved-elsewhere",
      Words(
        "街道已批准同一时间在另一户的 \(id)", "the street approved \(id), in another household on the same days"),
      advice: Words(
        "驳回这一项；如 \(id) 有误或已搬走，请社区登记 household.set_member 并写 replaces=\(id)",
        "refuse this one; if \(id) is wrong or they moved, an office records household.set_member "
          + "with replaces=\(id)"))
  }

  /// Nothing with this id waits for the hub.
  fileprivate static func notOpen(_ id: OpID) -> CommandError {
    .refused(
      "not-open", Words("\(id) 不是待决定的申请", "\(id) is no request that waits for a decision"),
      advice: Words(
        "linli hub desk list 会列出；决定只能作一次",
        "linli hub desk list lists them; each is decided once"))
  }
}
