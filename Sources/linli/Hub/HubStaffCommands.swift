import Community
import Hub
import OpLog
import Store
import Wire

/// Appoints a member of staff to a community that the street has.
enum HubStaffAppointCommand: Command {
  static let name = "hub staff appoint"
  static let summary = Words("任用一名工作人员", "appoint a member of staff")
  static let usage = """
    linli hub staff appoint NAME --community NAME [--roles clerk,approver,grid] [--from DATE] \
    [--to DATE] [--person STAFF] [--renamed] [--other-person] [--yes]
    """
  static let example = "linli hub staff appoint 赵强 --community 青龙街 --roles clerk --data hub"

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 1)
    guard let name = arguments.positional(0), !PersonName.tidied(name).isEmpty else {
      throw .usage(Words("请写明姓名", "name the person"))
    }
    let person = try NewStaff(
      name: name, roles: try NewStaff.roles(arguments),
      from: try arguments.date("from"), to: try arguments.date("to"),
      identity: try HubStaff.identity(arguments))
    _ = try arguments.required("community")
    let store = try DataFolder(arguments).openHubStore()
    let community = try store.communityNamed(by: arguments)
    let id = try CommandError.wrap { () throws(StaffRefusal) in
      try HubAdmin.appoint(
        person, to: community, isSure: arguments.flag("yes"), in: store, now: Machine.now())
    }
    arguments.console.answer(Words("\(name)  \(id)", "\(name)  \(id)")) { $0.member("op", id) }
    return ExitCode.ok
  }

  static func details(of words: [String], in language: Language) -> String {
    language(
      Words(
        "不写 --from，任用从 2000-01-01 起有效，以前的纸质记录也可补登；不写 --to 则到 linli hub staff end 为止。",
        """
        Without --from the appointment holds from 2000-01-01, so that old paper sheets can be entered too;
        without --to it holds until linli hub staff end.
        """))
  }
}

/// Ends an appointment.
enum HubStaffEndCommand: Command {
  static let name = "hub staff end"
  static let summary = Words("结束任用，以前的记录不变", "end an appointment; what was recorded stays")
  static let usage = "linli hub staff end STAFF [--on DATE] [--undo] [--yes]"
  static let example = "linli hub staff end 4096-5 --on 2026-02-28 --data hub"

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    guard !arguments.flag("undo") else { return try undo(arguments) }
    let day = try arguments.date("on") ?? BusinessDate(stamp: Machine.now())
    var ending: StaffEnding?
    return try HubStaff.change(arguments) { (staff, store) throws(StaffRefusal) in
      ending = try HubAdmin.ending(of: staff, on: day, in: store)
      return try HubAdmin.end(
        staff, on: day, isSure: arguments.flag("yes"), in: store, now: Machine.now())
    } words: { staff in
      let ended = Words(
        "\(staff) 的任用到 \(day) 为止", "the appointment of \(staff) ends with \(day)")
      return Words.joined([ended] + (ending?.fewer(than: HubAdmin.signers + 1) ?? []))
    }
  }

  /// Takes an end back: the appointment goes on.
  private static func undo(_ arguments: Arguments) throws(CommandError) -> Int32 {
    guard arguments.option("on") == nil else {
      throw .usage(Words("--on 和 --undo 只能选一个", "--on and --undo exclude each other"))
    }
    return try HubStaff.change(arguments) { (staff, store) throws(StaffRefusal) in
      try HubAdmin.undoEnd(of: staff, in: store, now: Machine.now())
    } words: { staff in
      Words("\(staff) 的任用继续有效", "the appointment of \(staff) goes on")
    }
  }
}

/// Takes a member of staff's PINs away at every office.
enum HubStaffResetPINCommand: Command {
  static let name = "hub staff reset-pin"
  static let summary = Words("重设一名工作人员的口令", "take somebody's PINs away at every office")
  static let usage = "linli hub staff reset-pin STAFF"
  static let example = "linli hub staff reset-pin 4096-5 --data hub"

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try HubStaff.change(arguments) { (staff, store) throws(StaffRefusal) in
      try HubAdmin.resetPIN(of: staff, in: store, now: Machine.now())
    } words: { staff in
      Words(
        "\(staff) 的口令已重设，各站同步后生效",
        "the PINs of \(staff) are reset; each office follows with its next sync")
    }
  }
}

/// Lists the staff of the street, under the name that its siblings suggest.
enum HubStaffListCommand: Command {
  static let name = "hub staff list"
  static let summary = Words("列出工作人员和权限", "list the staff and their roles")
  static let usage = "linli hub staff list"
  static let example = "linli hub staff list --data hub"

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 0)
    let store = try DataFolder(arguments).openHubStore()
    let console = arguments.console
    let sheet = try CommandError.wrap { () throws(StoreError) in
      try Directory.staff.sheet(of: store, in: console.language)
    }
    ShowCommand.write(sheet, of: "staff", to: console)
    return ExitCode.ok
  }
}

/// What the commands about a member of staff share.
private enum HubStaff {
  static let list = "linli hub staff list"

  /// Has the street write something about the member of staff whom a command names, and says so.
  static func change(
    _ arguments: Arguments,
    by change: (_ staff: OpID, _ store: Store) throws(StaffRefusal) -> OpID,
    words: (OpID) -> Words
  ) throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 1)
    let staff = try arguments.id(of: Words("人员", "the member of staff"), listedBy: list)
    let store = try DataFolder(arguments).openHubStore()
    let op = try CommandError.wrap { () throws(StaffRefusal) in try change(staff, store) }
    arguments.console.answer(words(staff)) { $0.member("op", op) }
    return ExitCode.ok
  }

  /// Who is meant where somebody of the name is known.
  static func identity(_ arguments: Arguments) throws(CommandError) -> NewStaff.Identity {
    guard let text = arguments.option("person") else {
      guard !arguments.flag("renamed") else {
        throw .usage(Words("--renamed 要和 --person 一起用", "--renamed goes with --person"))
      }
      return arguments.flag("other-person") ? .somebodyElse : .byName
    }
    guard !arguments.flag("other-person"), let id = OpID(text) else {
      throw .badStaff(option: "person", text)
    }
    return arguments.flag("renamed") ? .renamed(id) : .sameAs(id)
  }
}

extension StaffRefusal: WordedError {
  var commandError: CommandError {
    switch self {
    case .namesake(let known):
      let roles = Role.allCases.filter { $0.mask & known.roles != 0 }.map(\.name)
        .joined(separator: ",")
      return .refused(
        "namesake",
        Words(
          "这里已有同名人员 \(known.id)（\(roles)）",
          "somebody of this name is \(known.id) here (\(roles))"),
        advice: Words(
          "同一个人加 --person \(known.id)，同名的另一人加 --other-person",
          "the same person: add --person \(known.id); somebody else: add --other-person"))
    case .otherName(let known):
      return .refused(
        "other-name",
        Words("\(known) 登记的是另一个姓名", "\(known) has another name"),
        advice: Words(
          "\(HubStaff.list) 可查姓名；确是同一个人、改了名，再加 --renamed",
          "\(HubStaff.list) lists the names; if it is one person, who has a new name, add --renamed"
        ))
    case .namesMissing(let ids):
      let list = ids.map(\.description).joined(separator: ", ")
      return .refused(
        "names-missing",
        Words(
          "这些人员的姓名不在本机，无法核对是不是同一个人: \(list)",
          "of these nobody knows the name here, so each may be the same person: \(list)"),
        advice: Words(
          "向他们或各站核实，再用 linli hub staff appoint: 是其中一人加 --person 编号，都不是加 --other-person",
          "ask them or their offices, then linli hub staff appoint: one of them --person with the "
            + "id, none of them --other-person"))
    case .endsBeforeStart(let first):
      return .refused(
        "ends-before-start",
        Words("任用从 \(first) 开始", "the appointment begins on \(first)"),
        advice: Words("结束日期不能更早", "it cannot end before"))
    case .notConfirmed(let ending):
      var parts: [Words] = []
      if ending.waiting > 0 { parts.append(ending.waitingWords) }
      parts += ending.fewer(than: HubAdmin.signers)
      return .refused(
        ending.waiting > 0 ? "records-would-wait" : "few-approvers", Words.joined(parts),
        advice: Words(
          "用 --on 选更晚的日期，或加 --yes 确认", "choose a later day with --on, or add --yes"))
    case .rollCallIsOpen(let standing):
      let list = standing.map(\.description).joined(separator: ", ")
      return .refused(
        "not-confirmed",
        Words(
          "点名还没有结束，可签字的审核人员: \(list.isEmpty ? "无" : list)",
          "the roll-call is open; approvers who may end it: \(list.isEmpty ? "none" : list)"),
        advice: Words(
          "两人能签字就先结束点名；确实不够两人或联系不上，加 --yes 任用，各站的待处理都会列出",
          "let two of them end it; where they are fewer, or cannot be reached, add --yes: every desk "
            + "will show the appointment"))
    case .onlyApprover:
      return .refused(
        "roll-call",
        Words("点名结束前只能任用审核人员", "before the roll-call has ended only an approver is appointed"),
        advice: Words("加 --roles approver，其他权限以后再给", "add --roles approver; other roles can wait"))
    case .nobodyCalled: return SuccessionRefusal.nobodyCalled.commandError
    case .notEnded(let staff):
      return .refused(
        "not-ended", Words("\(staff) 的任用没有结束", "the appointment of \(staff) has not ended"),
        advice: Words("无需处理", "nothing is to be done"))
    case .unknown(let staff):
      return .refused(
        "unknown-staff", Words("没有工作人员 \(staff)", "there is no member of staff \(staff)"),
        advice: Words("\(HubStaff.list) 会列出编号", "\(HubStaff.list) lists the ids"))
    case .store(let error): return CommandError(error)
    }
  }
}

extension StaffEnding {
  fileprivate var waitingWords: Words {
    Words(
      "\(day) 之后有 \(waiting) 条积分或物品记录，结束任用后要重新审核，相关积分先收回",
      "\(waiting) entries about points or goods are dated after \(day): they would wait for an "
        + "approver, and their points with them")
  }

  /// What it means that so few approvers stay, in the street and in the community; nothing where that
  /// many stay, or as many as before.
  fileprivate func fewer(than enough: Int) -> [Words] {
    var parts: [Words] = []
    if let left = approversLeft, left < enough { parts.append(Self.words(ofStreet: left)) }
    if let left = communityLeft, left < min(enough, HubAdmin.signers) {
      parts.append(
        Words(
          "本社区只剩 \(left) 名审核人员，审核人员自己记录的事没有第二人审核，电脑丢了也不能由另一台接替",
          "the community has \(left) approvers left then: nobody decides what an approver recorded there, "
            + "and no other PC takes a lost one's place"))
    }
    return parts
  }

  private static func words(ofStreet left: Int) -> Words {
    left < HubAdmin.signers
      ? Words(
        "此后街道只剩 \(left) 名审核人员，而服务器坏了重建要两人签字",
        "the street has \(left) approvers left then, and a hub's recovery needs two to sign")
      : Words(
        "此后街道只剩 2 名审核人员，服务器坏了重建两人都要签字，最好再任用一名",
        "the street has 2 approvers left then, and a hub's recovery needs both: better appoint a third"
      )
  }
}

extension Words {
  /// Several clauses as one sentence.
  fileprivate static func joined(_ parts: [Words]) -> Words {
    Words(
      parts.map(\.chinese).joined(separator: "；"), parts.map(\.english).joined(separator: "; "))
  }
}

extension NewStaff {
  /// The roles that a command line names; all that record and decide where it names none.
  static func roles(_ arguments: Arguments) throws(CommandError) -> [Role] {
    let text = arguments.option("roles") ?? "clerk,approver,grid"
    guard case .integer(let mask)? = FieldText.parse(text, as: .choices(Role.names)) else {
      throw .badValue(option: "roles", text, Role.names.joined(separator: ","))
    }
    return Role.allCases.filter { $0.mask & mask != 0 }
  }

  /// Takes a name as it stands on a command line.
  init(
    name: String, roles: [Role], from: BusinessDate? = nil, to: BusinessDate? = nil,
    identity: Identity = .byName
  ) throws(CommandError) {
    let name = PersonName.tidied(name)
    try CommandError.check(name, fits: FieldType.text(1...60), option: "staff")
    guard PersonName.isReadable(name), !name.contains(where: PersonName.separators.contains) else {
      throw .usage(
        Words("\(name) 不是一个人的姓名", "\(name) is not the name of one person"),
        advice: Words(
          "一次任用一人；几个人用 linli hub invite --staff A,B",
          "appoint one person at a time; linli hub invite --staff A,B takes several"))
    }
    var json = JSONWriter()
    json.openObject()
    json.member("name", name)
    json.closeObject()
    let content = String(decoding: json.bytes, as: UTF8.self)
    guard let body = Body(salt: Machine.random(16), content: content) else {
      preconditionFailure("a name of 60 bytes fits into a body")
    }
    self.init(roles: roles, body: body, from: from, to: to, identity: identity)
  }
}
