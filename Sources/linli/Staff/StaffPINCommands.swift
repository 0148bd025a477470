import Community
import Office
import OpLog
import Wire

/// Sets one's own PIN at an office.
enum StaffPINSetCommand: Command {
  static let name = "staff pin set"
  static let summary = Words("设置自己在本站的口令", "set one's own PIN at this office")
  static let usage = "linli staff pin set --as STAFF [--pin-file FILE] [--new-pin-file FILE]"
  static let example = "linli staff pin set --as 4096-4 --data office"

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 0)
    let text = try arguments.required("as")
    guard let staff = OpID(text) else { throw .badStaff(option: "as", text) }
    let office = try DataFolder(arguments).openOffice()
    try office.signIn(arguments)
    let pin = try PINInput.new(arguments)
    try CommandError.wrap { () throws(OfficeError) in
      try office.setPIN(of: staff, to: pin, random: Machine.random)
    }
    let console = arguments.console
    console.answer(
      Words(
        "已设置 \(staff) 的口令；以后在本站记录须输入",
        "the PIN of \(staff) is set; this office asks for it from now on")
    ) { json in
      json.member("pin_set", staff)
    }
    return ExitCode.ok
  }

  static func details(of words: [String], in language: Language) -> String {
    language(
      Words(
        """
        口令只保护这台电脑上的柜台: 不同步，不进记录，别的站点另设。4–12 位数字。
        没有口令的人照常记录。输错三次后要等，时间逐次加倍。
        新口令可在终端输入，或用 --new-pin-file 或 LINLI_NEW_PIN；原口令用 --pin-file 或 LINLI_PIN。
        """,
        """
        A PIN guards the counter on this PC alone: it is in no record and not synced, and other offices
        have their own. 4–12 digits. Whoever has none records as before. After three wrong tries there is
        a wait, twice as long each time. The new PIN is typed, or given by --new-pin-file or LINLI_NEW_PIN;
        the present one by --pin-file or LINLI_PIN.
        """))
  }
}

/// Takes somebody else's PIN away, as a record of its own.
enum StaffPINResetCommand: Command {
  static let name = "staff pin reset"
  static let summary = Words("审核员重设他人的口令", "an approver takes another's PIN away")
  static let usage = "linli staff pin reset STAFF --as APPROVER [--on DATE] [--pin-file FILE]"
  static let example = "linli staff pin reset 4096-4 --as 4096-5 --data office"

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 1)
    guard let staff = arguments.positional(0), OpID(staff) != nil else {
      throw .usage(
        Words("请写明人员编号", "name the member of staff by id"),
        advice: Words("linli show staff 会列出编号", "linli show staff lists the ids"))
    }
    let office = try DataFolder(arguments).openOffice()
    try office.signIn(arguments)
    let request = RecordRequest(
      kind: "staff.reset_pin", fields: ["staff": staff], actor: arguments.option("as"),
      occurredOn: arguments.option("on"))
    try office.checkDay(request.occurredOn)
    let made = try office.acknowledge(request)
    let console = arguments.console
    console.answer(
      Words(
        "\(staff) 的口令已重设 (\(made.op))；本人用 linli staff pin set 另设",
        "the PIN of \(staff) is reset (\(made.op)); they set another with linli staff pin set")
    ) { $0.members(of: made) }
    return ExitCode.ok
  }
}
