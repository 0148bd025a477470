import Community
import Office
import OpLog
import Pages
import Store
import Wire

/// Grants the awards that the attendance of an activity has earned.
enum AwardCommand: Command {
  static let name = "award"
  static let summary = Words(
    "按签到给一次活动的参加者发放积分", "grant the awards that an activity's attendance has earned")
  static let usage = """
    linli award --activity ID --as STAFF [--points N] [--pin-file FILE] [--yes]
    """
  static let example = "linli award --activity 4097-2 --as 4096-4 --data office"

  /// What became of one part.
  private enum Outcome {
    /// It would be granted.
    case open
    /// Nobody wrote down that the person left, so nothing is credited yet.
    case here
    /// It has an award, and nobody checked the person in.
    case unattended
    case granted(Acknowledgement)
    case refused(CommandError)
  }

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 0)
    let text = try arguments.required("activity")
    let actor = try arguments.required("as")
    let fewer = try arguments.integer("points", in: 1...1_000)
    let office = try DataFolder(arguments).openOffice()
    let found = try CommandError.wrap { () throws(StoreError) in
      try Self.parts(of: text, in: office.store)
    }
    let history = try ComingHistory.read(from: office.store)
    guard let (parts, unseen) = found else {
      throw history.flatMap { history in OpID(text).map(history.missing) } ?? .noActivity(text)
    }
    let console = arguments.console
    let others = unseen.map { ($0, Outcome.unattended) }
    guard arguments.flag("yes") else {
      let rows = parts.map { ($0, $0.minutes == nil ? Outcome.here : .open) }
      if let history { return try show(rows + others, history, at: office, console) }
      try show(rows + others, at: office, console)
      guard !console.isJSON, rows.contains(where: { $0.0.minutes != nil }) else {
        return ExitCode.ok
      }
      let published = try CommandError.wrap { () throws(StoreError) in
        try OpID(text).flatMap { (id) throws(StoreError) in
          try office.store.points(ofActivity: id)
        }
      }
      let points = fewer.map(Int64.init) ?? published ?? 0
      console.out(
        Words(
          "每人 \(points) 分(公布 \(published ?? 0) 分)。还没有发放；确认后加 --yes",
          "\(points) points each (\(published ?? 0) published). Nothing is granted yet: add --yes to go on"
        ))
      return ExitCode.ok
    }
    if let history { throw .cannotAward(history) }
    try office.signIn(arguments)
    var rows: [(Store.Part, Outcome)] = []
    for part in parts {
      console.progress("\(rows.count)/\(parts.count)")
      rows.append(
        (part, outcome(part, of: text, by: actor, arguments.option("points"), at: office)))
    }
    console.endProgress()
    try show(rows + others, at: office, console)
    let isRefused = rows.contains { if case .refused = $0.1 { true } else { false } }
    return isRefused ? ExitCode.refused : ExitCode.ok
  }

  /// The parts without an award, and those of awards without attendance; nil where there is no such
  /// activity.
  private static func parts(
    of activity: String, in store: Store
  ) throws(StoreError) -> (open: [Store.Part], unseen: [Store.Part])? {
    guard let id = OpID(activity), try store.row(Tables.activity, [id.packed]) != nil else {
      return nil
    }
    return (try store.unawarded(id), try store.unattended(of: id).map(\.part))
  }

  static func details(of words: [String], in language: Language) -> String {
    language(
      Words(
        """
        不加 --yes 只列出签到了、签退了、还没有发放的人，以及已发放但没有签到的人；每人每场只发一次，\
        中断后再来一遍只补没发的。分值按活动公布的，要少发用 --points。
        """,
        """
        Without --yes it lists who came, left, and has no award yet, and who has one without a \
        check-in. Each part is awarded once, so after an interruption the same command goes on where \
        it stopped. The points are those that the activity announced; --points grants fewer.
        """))
  }

  private static func outcome(
    _ part: Store.Part, of activity: String, by actor: String, _ points: String?,
    at office: OfficeCore
  ) -> Outcome {
    guard let minutes = part.minutes else { return .here }
    var fields = [
      "activity": activity, "resident": part.resident.description,
      "session": String(part.session), "role": role(of: part), "minutes": String(minutes),
    ]
    fields["points"] = points
    do throws(CommandError) {
      return .granted(
        try office.acknowledge(
          RecordRequest(
            kind: "award.grant", fields: fields, actor: actor,
            occurredOn: part.day?.description)))
    } catch { return .refused(error) }
  }

  private static func role(of part: Store.Part) -> String {
    let field = Catalogue.kind(named: "award.grant")?.schema.fields.first { $0.name == "role" }
    guard case .choice(let names)? = field?.type, names.indices.contains(Int(part.role)) else {
      preconditionFailure("attendance has the roles of awards")
    }
    return names[Int(part.role)]
  }

  /// Shows what is known while check-ins and awards are still to come.
  private static func show(
    _ rows: [(Store.Part, Outcome)], _ history: ComingHistory, at office: OfficeCore,
    _ console: Console
  ) throws(CommandError) -> Int32 {
    if !rows.isEmpty { try show(rows, at: office, console) }
    if console.isJSON {
      console.json { json in
        json.member("incomplete", "history-coming")
        history.write(to: &json)
      }
    }
    console.error(history.ofReport)
    return ExitCode.checkFailed
  }

  private static func show(
    _ rows: [(Store.Part, Outcome)], at office: OfficeCore, _ console: Console
  ) throws(CommandError) {
    if console.isJSON {
      for (part, outcome) in rows { line(part, outcome, console) }
      return
    }
    guard !rows.isEmpty else {
      return console.out(
        Words("签到的人都已发放，或没有人签到", "whoever came has an award, or nobody checked in"))
    }
    let people = DeskSubject(office.store, console.language)
    let cells = try CommandError.wrap { () throws(StoreError) in
      var cells: [[String]] = []
      for (part, outcome) in rows {
        cells.append([
          part.resident.description, try people.name(of: part.resident) ?? "",
          String(part.session), part.minutes.map(String.init) ?? "",
          console.language(words(of: outcome)),
        ])
      }
      return cells
    }
    console.table(
      [
        Words("居民", "resident"), Words("姓名", "name"), Words("场次", "session"),
        Words("分钟", "minutes"), Words("结果", "outcome"),
      ], cells)
  }

  private static func words(of outcome: Outcome) -> Words {
    switch outcome {
    case .open: Words("待发放", "to be granted")
    case .here: Words("还没有签退", "has not checked out")
    case .unattended: Words("已发放，但没有签到", "has an award, and nobody checked the person in")
    case .granted(let it): it.verdict.outcome.words
    case .refused(let error): error.message
    }
  }

  private static func line(_ part: Store.Part, _ outcome: Outcome, _ console: Console) {
    console.json { json in
      json.member("resident", part.resident)
      json.member("session", Int(part.session))
      json.member("minutes", part.minutes.map(Int.init))
      switch outcome {
      case .open: json.member("status", "open")
      case .here: json.member("status", "not-checked-out")
      case .unattended: json.member("status", "unattended")
      case .granted(let acknowledgement): json.members(of: acknowledgement)
      case .refused(let error):
        json.member("status", "refused")
        json.error(error, in: console.language)
      }
    }
  }
}

extension CommandError {
  fileprivate static func cannotAward(_ history: ComingHistory) -> CommandError {
    .refused(
      "history-coming",
      Words(
        "历史记录还在接收(\(history.percent) %)，看不出谁来过、谁已发放；没有发放",
        "the history is still coming (\(history.percent) %), so nothing tells who came and who has an award: "
          + "nothing was granted"),
      advice: Words(
        "收完再发放，进度见 linli office status",
        "grant them once it is here, see linli office status"))
  }

  fileprivate static func noActivity(_ text: String) -> CommandError {
    .refused(
      "unknown-activity", Words("本机没有活动 \(text)", "no activity \(text) is known here"),
      advice: Words("linli show activities 可查编号", "linli show activities lists them"))
  }
}
