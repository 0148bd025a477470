import Community
import Hub
import OpLog
import Store
import Wire

/// Lists what offices ask the hub for.
enum HubDeskListCommand: Command {
  static let name = "hub desk list"
  static let summary = Words("待街道决定的申请", "what waits for the street's decision")
  static let usage = "linli hub desk list"

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 0)
    let rows = try HubDeskRow.all(in: try DataFolder(arguments).openHubStore())
    let console = arguments.console
    if console.isJSON {
      for row in rows { console.json { row.write(to: &$0) } }
    } else if rows.isEmpty {
      console.out(Words("没有待决定的申请", "nothing waits for a decision"))
    } else {
      let titles = [
        Words("编号", "id"), Words("申请", "request"), Words("居民", "residents"),
        Words("经办人", "recorder"), Words("日期", "date"),
      ]
      var table = Table(titles.map { console.language($0) })
      for row in rows {
        let residents = row.residents.map { "\($0.id) \($0.name)" }.joined(separator: ", ")
        table.add([
          row.id.description, console.language(row.words), residents,
          row.actor?.description ?? "", row.occurredOn.description,
        ])
      }
      for line in table.lines { console.out(line) }
    }
    return ExitCode.ok
  }
}

/// Shows one request, with the residents whom it is about side by side.
enum HubDeskShowCommand: Command {
  static let name = "hub desk show"
  static let summary = Words("查看一项申请", "show one request")
  static let usage = "linli hub desk show REQUEST"

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 1)
    let id = try HubDeskRow.request(arguments)
    let store = try DataFolder(arguments).openHubStore()
    guard let row = try HubDeskRow.all(in: store).first(where: { $0.id == id }) else {
      throw .notOpen(id)
    }
    let console = arguments.console
    if console.isJSON {
      console.json { row.write(to: &$0) }
      return ExitCode.ok
    }
    console.out("\(row.id) \(console.language(row.words))")
    for (field, value) in row.fields { console.out("\(field): \(value)") }
    guard !row.residents.isEmpty else { return ExitCode.ok }
    let titles = ["id"] + ResidentFile.fields
    var table = Table(titles)
    for resident in row.residents {
      table.add([resident.id.description] + ResidentFile.fields.map { resident.file[$0] ?? "" })
    }
    for line in table.lines { console.out(line) }
    return ExitCode.ok
  }
}

/// Decides one request, once for all.
enum HubDeskDecideCommand: Command {
  static let name = "hub desk decide"
  static let summary = Words("批准或驳回一项申请，只能一次", "approve or refuse a request, once for all")
  static let usage = "linli hub desk decide REQUEST approve|refuse [--remedy OP|none]"

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 2)
    let id = try HubDeskRow.request(arguments)
    guard let answer = arguments.positional(1), ["approve", "refuse"].contains(answer) else {
      throw .usage(
        Words("请写明 approve 或 refuse", "say approve or refuse"),
        advice: Words("approve 批准，refuse 驳回", "an appeal is upheld by approve"))
    }
    let store = try DataFolder(arguments).openHubStore()
    let remedy = try remedy(arguments, of: id, isApproved: answer == "approve", store)
    let outcome = try CommandError.wrap { () throws(StoreError) in
      try HubAdmin.decide(
        id, isApproved: answer == "approve", remedy: remedy, in: store, now: Machine.now())
    }
    let decision: OpID
    switch outcome {
    case .decided(let op): decision = op
    case .notOpen: throw .notOpen(id)
    case .unfitRemedy(let kinds): throw .unfitRemedy(arguments.option("remedy") ?? "", kinds)
    }
    show(decision, of: id, answer, arguments.console)
    return ExitCode.ok
  }

  /// The record that puts right what an appeal is against; one that is upheld says what was done.
  private static func remedy(
    _ arguments: Arguments, of request: OpID, isApproved: Bool, _ store: Store
  ) throws(CommandError) -> OpID? {
    let open = try CommandError.wrap { () throws(StoreError) in try store.openRequests() }
    let isAppeal = open.contains { $0.id == request && $0.kind == HubAdmin.appealKind }
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
    guard let id = OpID(text) else { throw .badValue(option: "remedy", text, "4097-12 | none") }
    return id
  }

  private static func show(
    _ decision: OpID, of id: OpID, _ answer: String, _ console: Console
  ) {
    if console.isJSON {
      console.json { json in
        json.key("request")
        json.opID(id)
        json.key("decision")
        json.opID(decision)
        json.key("answer")
        json.text(answer)
      }
    } else {
      let verb = answer == "approve" ? Words("已批准", "approved") : Words("已驳回", "refused")
      console.out(Words("\(verb.chinese) \(id)", "\(verb.english) \(id)"))
    }
  }
}

/// An open request with what the administrator wants to see of it.
private struct HubDeskRow {
  struct Resident {
    let id: OpID
    /// The values of the file by field, as far as they are here.
    let file: [String: String]

    var name: String { file["name"] ?? "" }
  }

  let id: OpID
  let words: Words
  let kind: String
  let actor: OpID?
  let occurredOn: BusinessDate
  /// The payload's fields as text.
  let fields: [(name: String, value: String)]
  let residents: [Resident]

  static func all(in store: Store) throws(CommandError) -> [HubDeskRow] {
    try CommandError.wrap { () throws(StoreError) in
      try store.read { () throws(StoreError) -> [HubDeskRow] in
        var rows: [HubDeskRow] = []
        for request in try store.openRequests() {
          guard let row = try HubDeskRow(request, in: store) else { continue }
          rows.append(row)
        }
        return rows
      }
    }
  }

  static func request(_ arguments: Arguments) throws(CommandError) -> OpID {
    guard let id = arguments.positional(0).flatMap({ OpID($0) }) else {
      throw .usage(
        Words("请写明申请编号", "name the request by its id"),
        advice: Words("linli hub desk list 会列出编号", "linli hub desk list lists the ids"))
    }
    return id
  }

  private init?(_ request: OpenRequest, in store: Store) throws(StoreError) {
    let op = try store.op(request.id)
    guard let kind = Catalogue.kind(op.kind),
      case .payload(let payload)? = try? kind.schema.decode(op)
    else { return nil }
    id = op.id
    words = kind.words
    self.kind = kind.name
    actor = op.actor
    occurredOn = op.occurredOn
    fields = zip(kind.schema.fields, payload.values).compactMap { field, value in
      value.map { (field.name, Self.text($0, field.type)) }
    }
    var residents: [Resident] = []
    for resident in request.residents {
      var file: [String: String] = [:]
      for field in ResidentFile.fields {
        let values = try ResidentFile.values(of: resident, field: field, in: store)
        let known = values.compactMap(\.value)
        if !known.isEmpty { file[field] = known.joined(separator: " | ") }
      }
      residents.append(Resident(id: resident, file: file))
    }
    self.residents = residents
  }

  func write(to json: inout JSONWriter) {
    json.key("request")
    json.opID(id)
    json.key("kind")
    json.text(kind)
    if let actor {
      json.key("as")
      json.opID(actor)
    }
    json.key("on")
    json.text(occurredOn.description)
    json.key("fields")
    json.openObject()
    for field in fields {
      json.key(field.name)
      json.text(field.value)
    }
    json.closeObject()
    json.key("residents")
    json.openArray()
    for resident in residents {
      json.openObject()
      json.key("id")
      json.opID(resident.id)
      for field in ResidentFile.fields {
        guard let value = resident.file[field] else { continue }
        json.key(field)
        json.text(value)
      }
      json.closeObject()
    }
    json.closeArray()
  }

  private static func text(_ value: PayloadValue, _ type: FieldType) -> String {
    switch (value, type) {
    case (.integer(let index), .choice(let names)) where names.indices.contains(Int(index)):
      names[Int(index)]
    case (.integer(let day), .date): BusinessDate(day: day)?.description ?? String(day)
    case (.integer(let number), _): String(number)
    case (.text(let text), _): text
    case (.reference(let id), _): id.description
    case (.references(let ids), _): ids.map(\.description).joined(separator: ", ")
    case (.bytes, _), (.records, _): "…"
    }
  }
}

extension CommandError {
  /// A record that does not put right what an appeal is against.
  fileprivate static func unfitRemedy(_ text: String, _ kinds: [KindNumber]) -> CommandError {
    let names = kinds.compactMap { Catalogue.kind($0)?.name }.joined(separator: ", ")
    return CommandError(
      exit: ExitCode.refused, code: "unfit-remedy",
      message: Words("\(text) 不是对这条记录的补救", "\(text) does not put right what the appeal is against"),
      advice: names.isEmpty
        ? Words("没有可记录的补救，写 --remedy none", "nothing can be recorded: give --remedy none")
        : Words("补救是针对同一对象的 \(names)", "a remedy is one of \(names) about the same"))
  }

  /// Nothing with this id waits for the hub.
  fileprivate static func notOpen(_ id: OpID) -> CommandError {
    CommandError(
      exit: ExitCode.refused, code: "not-open",
      message: Words("\(id) 不是待决定的申请", "\(id) is no request that waits for a decision"),
      advice: Words(
        "linli hub desk list 会列出；决定只能作一次",
        "linli hub desk list lists them; each is decided once"))
  }
}
