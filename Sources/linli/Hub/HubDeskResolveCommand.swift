import Community
import Hub
import OpLog
import Pages
import Store

/// Takes an entry off the desk at the hub: those about the street's own records.
enum HubDeskResolveCommand: Command {
  static let name = "hub desk resolve"
  static let summary = Words(
    "在街道处理一条待处理事项", "take an entry about the street's own records off the desk")
  static let usage = """
    linli hub desk resolve SUBJECT [--reason CODE] --outcome OUTCOME [--line N] [--record OP] \
    [--undo OP]
    """
  static let example = """
    linli hub desk resolve 4096-12 --reason late --outcome noted --data hub
    """

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 1)
    let id = try arguments.id(of: Words("对象", "the subject"), listedBy: "linli desk")
    let subject = id.description
    let store = try DataFolder(arguments).openHubStore()
    if arguments.option("reason") == LostRecords.code {
      try LostRecords.resolve(id, try arguments.required("outcome"), in: store, arguments.console)
      return ExitCode.ok
    }
    let code = try arguments.reason(of: subject, in: store)
    let undone = try arguments.optionalID("undo")
    let (reason, outcome) = try DeskResolveCommand.check(
      try arguments.required("outcome"), of: code, isUndo: undone != nil)
    guard !reason.isAboutHub else {
      throw .refused(
        "not-at-hub",
        Words("这一条说的是街道服务器自己", "this entry is about the hub itself"),
        advice: Words(
          "请站点另一位审核人员核对后，用 linli desk resolve 处理",
          "let an approver of an office whom it does not name take it off with linli desk resolve"))
    }
    var part = try arguments.line()
    if let record = try arguments.optionalID("record") { part = record.packed }
    if part == 0 {
      part = nil
    } else if part == nil {
      part = try DeskResolveCommand.part(
        of: subject, code, undoing: undone?.description, in: store)
    }
    let entry = HubResolution(id, reason, outcome, part: part, undoing: undone)
    let op = try CommandError.wrap { () throws(StoreError) in
      try HubAdmin.resolve(entry, in: store, now: Machine.now())
    }
    arguments.console.answer(Words("已处理 \(op)", "resolved by \(op)")) { json in
      json.member("op", op)
    }
    return ExitCode.ok
  }
}

extension Arguments {
  /// The line of a sale, or another number, that is meant; 0 for the entry without one, nil where none is
  /// given.
  fileprivate func line() throws(CommandError) -> Int64? {
    guard let text = option("line") else { return nil }
    guard let line = Int64(text), line >= 0 else {
      throw .badValue(option: "line", text, example: "2")
    }
    return line
  }

  /// The record that an option names; nil where it is not given.
  func optionalID(_ name: String) throws(CommandError) -> OpID? {
    guard let text = option(name) else { return nil }
    guard let id = OpID(text) else { throw .badValue(option: name, text, example: "4097-12") }
    return id
  }
}
