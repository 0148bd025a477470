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
    [--to DATE]
    """

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 1)
    guard let name = arguments.positional(0) else {
      throw .usage(Words("请写明姓名", "name the person"))
    }
    let person = try NewStaff(
      name: name, roles: try NewStaff.roles(arguments),
      from: try arguments.date("from"), to: try arguments.date("to"))
    _ = try arguments.required("community")
    let store = try DataFolder(arguments).openHubStore()
    let community = try store.communityNamed(by: arguments)
    let id = try CommandError.wrap { () throws(StoreError) in
      try HubAdmin.appoint(person, to: community, in: store, now: Machine.now())
    }
    HubStaff.show(id, Words("\(name)  \(id)", "\(name)  \(id)"), arguments.console)
    return ExitCode.ok
  }
}

/// Ends an appointment.
enum HubStaffEndCommand: Command {
  static let name = "hub staff end"
  static let summary = Words("结束任用，以前的记录不变", "end an appointment; what was recorded stays")
  static let usage = "linli hub staff end STAFF [--on DATE]"

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    let staff = try HubStaff.named(arguments)
    let day = try arguments.date("on") ?? BusinessDate(stamp: Machine.now())
    let store = try DataFolder(arguments).openHubStore()
    let op = try CommandError.wrap { () throws(StoreError) in
      try HubAdmin.end(staff, on: day, in: store, now: Machine.now())
    }
    guard let op else { throw HubStaff.unknown(staff) }
    let words = Words(
      "\(staff) 的任用到 \(day) 为止", "the appointment of \(staff) ends with \(day)")
    HubStaff.show(op, words, arguments.console)
    return ExitCode.ok
  }
}

/// Takes a member of staff's PINs away at every office.
enum HubStaffResetPINCommand: Command {
  static let name = "hub staff reset-pin"
  static let summary = Words("重设一名工作人员的口令", "take somebody's PINs away at every office")
  static let usage = "linli hub staff reset-pin STAFF"

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    let staff = try HubStaff.named(arguments)
    let store = try DataFolder(arguments).openHubStore()
    let op = try CommandError.wrap { () throws(StoreError) in
      try HubAdmin.resetPIN(of: staff, in: store, now: Machine.now())
    }
    guard let op else { throw HubStaff.unknown(staff) }
    let words = Words(
      "\(staff) 的口令已重设，各站同步后生效",
      "the PINs of \(staff) are reset; each office follows with its next sync")
    HubStaff.show(op, words, arguments.console)
    return ExitCode.ok
  }
}

/// Lists the staff of the street, under the name that its siblings suggest.
enum HubStaffListCommand: Command {
  static let name = "hub staff list"
  static let summary = Words("列出工作人员和权限", "list the staff and their roles")
  static let usage = "linli hub staff list"

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 0)
    let store = try DataFolder(arguments).openHubStore()
    let console = arguments.console
    let sheet = try CommandError.wrap { () throws(StoreError) in
      try Directory.staff.sheet(of: store, in: console.language)
    }
    ShowCommand.write(sheet, to: console)
    return ExitCode.ok
  }
}

/// What the commands about staff share.
private enum HubStaff {
  static func named(_ arguments: Arguments) throws(CommandError) -> OpID {
    try arguments.expect(atMost: 1)
    guard let staff = arguments.positional(0).flatMap({ OpID($0) }) else {
      throw .usage(Words("请写明人员编号", "name the member of staff by id"), advice: list)
    }
    return staff
  }

  static func unknown(_ staff: OpID) -> CommandError {
    CommandError(
      exit: ExitCode.refused, code: "unknown-staff",
      message: Words("没有工作人员 \(staff)", "there is no member of staff \(staff)"), advice: list)
  }

  static func show(_ op: OpID, _ words: Words, _ console: Console) {
    guard console.isJSON else { return console.out(words) }
    console.json { json in
      json.key("op")
      json.opID(op)
    }
  }

  private static let list = Words(
    "linli hub staff list 会列出编号", "linli hub staff list lists the ids")
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
    name: String, roles: [Role], from: BusinessDate? = nil, to: BusinessDate? = nil
  ) throws(CommandError) {
    try CommandError.check(name, fits: FieldType.text(1...60), option: "staff")
    var json = JSONWriter()
    json.openObject()
    json.key("name")
    json.text(name)
    json.closeObject()
    let content = String(decoding: json.bytes, as: UTF8.self)
    guard let body = Body(salt: Machine.random(16), content: content) else {
      preconditionFailure("a name of 60 bytes fits into a body")
    }
    self.init(roles: roles, body: body, from: from, to: to)
  }
}

extension Arguments {
  /// The date that an option gives; nil when it is not given.
  fileprivate func date(_ name: String) throws(CommandError) -> BusinessDate? {
    guard let text = option(name) else { return nil }
    guard let date = BusinessDate(text) else { throw .badValue(option: name, text, "2026-01-13") }
    return date
  }
}
