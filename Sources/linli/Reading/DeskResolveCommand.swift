import Community
import Office
import OpLog
import Pages
import Store
import Wire

/// Takes an entry off the desk, by an approver's word.
enum DeskResolveCommand: Command {
  static let name = "desk resolve"
  static let summary = Words("处理一条待处理事项", "take an entry off the desk")
  static let usage = """
    linli desk resolve SUBJECT [--reason CODE] --outcome OUTCOME --as STAFF [--on DATE] \
    [--line N] [--record OP] [--undo OP] [--key KEY] \
    [--pin-file FILE]
    """
  static let example = """
    linli desk resolve 4097-12 --reason double-award --outcome noted --as 4096-5 \
    --data office
    """

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 1)
    let subject = try arguments.subject()
    let outcome = try arguments.required("outcome")
    let office = try DataFolder(arguments).openOffice()
    if arguments.option("reason") == RefusedRecords.code {
      try office.signIn(arguments)
      try RefusedRecords.resolve(subject, outcome, in: office.store, arguments.console)
      return ExitCode.ok
    }
    let reason = try arguments.reason(of: subject, in: office.store)
    try check(outcome, of: reason, isUndo: arguments.option("undo") != nil)
    try office.signIn(arguments)
    var fields = ["subject": subject, "reason": reason, "outcome": outcome]
    if let undone = arguments.option("undo") { fields["undoes"] = undone }
    if let line = arguments.option("line"), line != "0" { fields["line"] = line }
    if let record = arguments.option("record") { fields["record"] = record }
    if arguments.option("line") == nil, fields["record"] == nil {
      let part = try part(of: subject, reason, undoing: fields["undoes"], in: office.store)
      if let part { fields[OpID(packed: part) == nil ? "line" : "record"] = name(of: part) }
    }
    let request = RecordRequest(
      kind: "desk.resolve", fields: fields, actor: arguments.option("as"),
      occurredOn: arguments.option("on"), key: arguments.option("key"))
    try office.checkDay(request.occurredOn)
    let made = try CommandError.wrap { () throws(OfficeError) in
      try office.record(request, now: Machine.now(), random: Machine.random)
    }
    arguments.console.answer(Words("已处理 \(made.op)", "resolved by \(made.op)")) {
      $0.members(of: made)
    }
    return ExitCode.ok
  }

  static func details(of words: [String], in language: Language) -> String {
    language(
      Words(
        """
        CODE 和 OUTCOME 见 linli desk show SUBJECT；只有一种事由时 --reason 可以不写。同一对象、同一事由有几条时，再写明是哪一条:
          --line N    兑换单的第几行、硬币的编号或同意事项的编号；见 linli desk 方括号里的数，0 是没有编号的那一条
          --record OP 有争议的是哪条记录
        --undo OP 收回以前的处理: OP 是那次处理的编号，OUTCOME 写 reopened；linli show resolutions 可查
        """,
        """
        linli desk show SUBJECT tells CODE and OUTCOME; --reason may be left out where there is one. Where a subject has several entries with one
        reason, say which:
          --line N    the line of a sale, the number of a coin, or that of a consent: what linli desk shows in
                      brackets; 0 is the entry without one
          --record OP the record that is contested
        --undo OP takes an earlier resolution back: OP is its id, and the OUTCOME is reopened; linli show
        resolutions lists them
        """))
  }

  /// The detail of the only entry of a subject and reason, or of the one that was taken off before.
  ///
  /// Nil where the subject and the reason say it all. The purpose 0 of a consent is an entry like the
  /// others.
  static func part(
    of subject: String, _ reason: String, undoing undone: String?, in store: Store
  ) throws(CommandError) -> Int64? {
    let view = undone == nil ? "desk_entries" : "resolutions"
    let listing = try CommandError.wrap { () throws(StoreError) in
      try store.listing(of: view, where: ("subject", subject))
    }
    let details = listing.records.filter {
      $0["reason"] == reason && (undone == nil || $0["id"] == undone)
    }.compactMap { $0["detail"].flatMap { Int64($0) } }
    // An op's own entry has detail −1.
    let parts = Set(details.map { max(0, $0) }).sorted()
    guard parts.count > 1 else { return parts.first.flatMap { $0 > 0 ? $0 : nil } }
    let names = parts.map(name).joined(separator: ", ")
    throw .usage(
      Words("有多条，请用 --line 或 --record 指明: \(names)", "say which by --line or --record: \(names)"))
  }

  private static func name(of part: Int64) -> String {
    OpID(packed: part)?.description ?? String(part)
  }

  /// Reads a reason and an outcome that it allows.
  @discardableResult
  static func check(
    _ outcome: String, of code: String, isUndo: Bool
  ) throws(CommandError) -> (DeskReason, Resolution) {
    guard code != SamePerson.code else {
      throw .refused(
        "settles-itself", Words("这一条会自动消除", "this entry ends by itself"), advice: SamePerson.advice)
    }
    guard let reason = DeskReason(rawValue: code) else {
      let codes = DeskReason.allCases.filter { !$0.resolutions.isEmpty }.map(\.rawValue)
      throw .badValue(option: "reason", code, codes.joined(separator: ", "))
    }
    let allowed = reason.resolutions.map(\.name) + (isUndo ? [Resolution.reopened.name] : [])
    guard !allowed.isEmpty else {
      throw .refused(
        "settles-itself", Words("这一条会自动消除", "this entry ends by itself"), advice: reason.advice)
    }
    let meant = Resolution.allCases.first { $0.name == outcome }
    guard let meant, allowed.contains(outcome) else {
      throw .badValue(option: "outcome", outcome, allowed.joined(separator: ", "))
    }
    return (reason, meant)
  }
}

/// Shows what stands on the desk about one op or entity, and how it may end.
enum DeskShowCommand: Command {
  static let name = "desk show"
  static let summary = Words("查看一条待处理事项和可选处理", "one entry of the desk and how it may end")
  static let usage = "linli desk show SUBJECT"
  static let example = "linli desk show 4097-12 --data office"

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 1)
    let subject = try arguments.subject()
    let store = try DataFolder(arguments).openStore()
    let rows = try CommandError.wrap { () throws(StoreError) in
      try store.listing(of: "desk_entries", where: ("subject", subject)).rows
        + (try DeskCommand.samePersons(in: store).filter { $0[0] == subject || $0[2] == subject })
    }
    let console = arguments.console
    if rows.isEmpty, !console.isJSON { console.out(Words("没有待处理事项", "nothing to look at")) }
    for row in rows {
      guard let code = row[1] else { continue }
      let outcomes = DeskReason(rawValue: code)?.resolutions.map(\.name) ?? []
      guard console.isJSON else {
        let (words, advice) = DeskCommand.words(of: code, about: OpID(subject))
        console.out("\(code): \(console.language(words))")
        if code == SamePerson.code { console.out("  \(row[0] ?? ""), \(row[2] ?? "")") }
        console.out("  \(console.language(advice))")
        if !outcomes.isEmpty { console.out("  --outcome \(outcomes.joined(separator: " | "))") }
        continue
      }
      console.json { json in
        json.member("subject", subject)
        json.member("reason", code)
        json.member("outcomes", texts: outcomes)
      }
    }
    return ExitCode.ok
  }
}

extension Arguments {
  /// The reason that `--reason` names; without it that of a subject's entries, where they have one.
  func reason(of subject: String, in store: Store) throws(CommandError) -> String {
    if let code = option("reason") { return code }
    let rows = try CommandError.wrap { () throws(StoreError) in
      try store.listing(of: "desk_entries", where: ("subject", subject)).rows
    }
    let codes = Set(rows.compactMap { $0[1] }).sorted()
    guard codes.count > 1 else {
      guard let only = codes.first else { return try required("reason") }
      return only
    }
    throw .usage(
      Words("缺少选项 --reason", "option --reason is missing"),
      advice: Words(
        "可用: \(codes.joined(separator: "、"))", "one of \(codes.joined(separator: ", "))"))
  }

  /// What an entry of the desk is about.
  func subject() throws(CommandError) -> String {
    // What concerns the whole street has the hub's id and no op's number.
    if let text = positional(0), text.hasSuffix("-0"),
      UInt32(text.dropLast(2)).flatMap({ ReplicaID(rawValue: $0) })?.isHub == true
    {
      return text
    }
    return try id(of: Words("对象", "the subject"), listedBy: "linli desk").description
  }
}

/// Lists the desk under the name that its siblings suggest.
enum DeskListCommand: Command {
  static let name = "desk list"
  static let summary = DeskCommand.summary
  static let usage = "linli desk list [--limit N] [--after ID]"
  static let example = "linli desk list --data office"

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try await DeskCommand.run(arguments)
  }
}
