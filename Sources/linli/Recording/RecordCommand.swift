import Community
import Office
import OpLog
import Pages
import Store
import Wire

/// Records something at the counter, or a stream of things.
enum RecordCommand: Command {
  static let name = "record"
  static let summary = Words(
    "记录一件事；--json - 从标准输入逐行记录", "record something; --json - takes lines from stdin")
  static let usage = """
    linli record KIND field=value … [--as STAFF] [--on DATE] [--key KEY] [--anyway] \
    [--pin-file FILE]
    linli record --json - [--as STAFF] [--on DATE] [--pin-file FILE]
    """
  static let example = """
    linli record award.grant activity=4097-2 resident=4097-1 --as 4096-4 \
    --data office
    """

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    guard let kind = arguments.positional(0) else {
      throw .usage(
        Words("请写明记录种类", "name the kind of record"),
        advice: Words("linli help record 列出各种类", "linli help record lists the kinds"))
    }
    let office = try DataFolder(arguments).openOffice()
    try office.signIn(arguments)
    if kind == "-", arguments.flag("json") {
      try arguments.expect(atMost: 1)
      return RecordStream(
        office: office, actor: arguments.option("as"), occurredOn: arguments.option("on"),
        console: arguments.console
      ).run()
    }
    let request = RecordRequest(
      kind: kind, fields: try fields(arguments.positionals.dropFirst()),
      actor: arguments.option("as"), occurredOn: arguments.option("on"),
      key: arguments.option("key"))
    try office.checkDay(request.occurredOn)
    if !arguments.flag("anyway") { try office.checkPerson(in: request) }
    let unseen =
      kind == "resident.register" ? try UnseenPeople.read(from: office.store) : nil
    let acknowledgement = try office.acknowledge(request)
    show(acknowledgement, unseen, arguments.console)
    if !arguments.console.isJSON {
      for reason in try office.warnings(about: acknowledgement.op) {
        arguments.console.out(reason.words)
      }
    }
    return ExitCode.ok
  }

  /// The kinds, or the fields of the one that is named.
  static func details(
    of words: [String], in language: Language
  ) throws(CommandError) -> String {
    guard let name = words.first, name != "-" else { return KindHelp.list(in: language) }
    guard let kind = Catalogue.kind(named: name) else {
      throw CommandError(OfficeError.unknownKind(name))
    }
    return KindHelp.fields(of: kind, in: language)
  }

  private static func show(
    _ acknowledgement: Acknowledgement, _ unseen: UnseenPeople?, _ console: Console
  ) {
    if let unseen { console.error(unseen.warning) }
    guard !console.isJSON else {
      return console.json { json in
        json.members(of: acknowledgement)
        if let unseen { json.member("incomplete", unseen.code) }
      }
    }
    let op = acknowledgement.op
    let outcome = acknowledgement.verdict.outcome.words
    console.out(
      acknowledgement.isRepeat
        ? Words("此前已记录 \(op) (\(outcome.chinese))", "already recorded \(op) (\(outcome.english))")
        : Words("已记录 \(op) (\(outcome.chinese))", "recorded \(op) (\(outcome.english))"))
    for reason in acknowledgement.verdict.reasons { console.out(reason.words) }
  }

  /// `field=value` words by name.
  private static func fields(
    _ words: some Sequence<String>
  ) throws(CommandError) -> [String: String] {
    var fields: [String: String] = [:]
    for word in words {
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, !parts[0].isEmpty else {
        throw .usage(Words("\(word) 不是 字段=值", "\(word) is not field=value"))
      }
      guard fields.updateValue(String(parts[1]), forKey: String(parts[0])) == nil else {
        throw .usage(
          Words("字段 \(parts[0]) 出现了两次", "field \(parts[0]) is given twice"))
      }
    }
    return fields
  }
}

extension OfficeCore {
  /// Records something now, and words what is against it.
  func acknowledge(_ request: RecordRequest) throws(CommandError) -> Acknowledgement {
    guard request.fields["items"] == nil || request.fields["lines"] == nil else {
      throw .usage(Words("items 和 lines 只能写一个", "items and lines exclude each other"))
    }
    do throws(OfficeError) {
      try checkReset(request)
      return try record(request, now: Machine.now(), random: Machine.random)
    } catch { throw CommandError(error, of: request, in: store) }
  }
}

extension OfficeCore {
  /// Refuses a day that is certainly still to come: the clock agreed with the hub's within a day, and
  /// the hub's receipt would hold the record back, or, of a kind where a date decides nothing, the mistyped
  /// day would stand in the resident's file.
  ///
  /// Only for what somebody types: what is recorded is never judged by a clock.
  func checkDay(_ occurredOn: String?) throws(CommandError) {
    let now = Machine.now()
    let today = BusinessDate(stamp: now)
    guard let day = occurredOn.flatMap({ BusinessDate($0) }), day > today.adding(days: 1)
    else { return }
    let heard = try CommandError.wrap { () throws(StoreError) in try store.number(.lastContact) }
    guard let heard, abs(now - heard) <= 86_400_000 else { return }
    throw CommandError(Refusal.dateAhead(today: today))
  }

  /// Refuses to open a second file for somebody who seems to have one: each would earn of its own.
  fileprivate func checkPerson(in request: RecordRequest) throws(CommandError) {
    guard request.kind == "resident.register" else { return }
    let known = try CommandError.wrap { () throws(StoreError) -> String? in
      let made = try request.key.flatMap { RequestKey($0) }.flatMap { (key) throws(StoreError) in
        try store.madeBefore(key)
      }
      return made == nil ? try KnownPeople(in: store).like(request.fields) : nil
    }
    if let known { throw .knownPerson(known) }
  }

  /// What the desk will say of a record although it counts: a limit left its points out, or a clerk
  /// dated it back further than the rules allow.
  fileprivate func warnings(about id: OpID) throws(CommandError) -> [DeskReason] {
    try CommandError.wrap { () throws(StoreError) in
      var warnings: [DeskReason] = []
      for reason in [DeskReason.dailyCap, .monthlyCap, .overlap]
      where try store.isOnDesk(DeskEntry(reason, subject: id.packed)) { warnings.append(reason) }
      let op = try store.op(id)
      let roles = try op.actor.flatMap { (actor) throws(StoreError) in
        try store.row(Tables.staff, id: actor.packed)?[2].integer
      }
      let rules = try store.policyValues(of: community)
      let isApprover = (roles ?? 0) & Role.approver.mask != 0
      if let kind = Catalogue.kind(op.kind), kind.isDated, !isApprover,
        let days = rules?[Policy.Name.backdateDays.rawValue],
        op.occurredOn.adding(days: days) < BusinessDate(stamp: Machine.now())
      {
        warnings.append(.backdated)
      }
      return warnings
    }
  }
}

extension CommandError {
  fileprivate static func knownPerson(_ file: String) -> CommandError {
    .refused(
      "known-person",
      Words("此人可能已建档: \(file)", "this person seems to have a file: \(file)"),
      advice: Words(
        "请用 linli show resident \(file) 核对；确是另一人再加 --anyway",
        "look at linli show resident \(file); for another person add --anyway"))
  }
}

extension JSONWriter {
  /// Writes the members of an acknowledgement.
  mutating func members(of acknowledgement: Acknowledgement) {
    member("status", acknowledgement.isRepeat ? "already" : "recorded")
    member("key", acknowledgement.key)
    member("op", acknowledgement.op)
    member("outcome", acknowledgement.verdict.outcome.rawValue)
    key("reasons")
    openArray()
    for reason in acknowledgement.verdict.reasons { text(reason.rawValue) }
    closeArray()
  }
}
