import Community
import Hub
import Office
import OpLog
import Store
import Wire

/// Makes an office's tables again from its log.
enum OfficeRebuildCommand: Command {
  static let name = "office rebuild"
  static let summary = Words(
    "由记录重建各表，前后应一致", "make the tables again from the log; they must be equal")
  static let usage = "linli office rebuild"

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 0)
    return try Check.rebuild(DataFolder(arguments).openOffice().store, arguments.console)
  }
}

/// Makes a hub's tables again from its log.
enum HubRebuildCommand: Command {
  static let name = "hub rebuild"
  static let summary = OfficeRebuildCommand.summary
  static let usage = "linli hub rebuild"

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 0)
    return try Check.rebuild(DataFolder(arguments).openHubStore(), arguments.console)
  }
}

/// Checks an office's log, seals, and database file.
enum OfficeVerifyCommand: Command {
  static let name = "office verify"
  static let summary = Words("核对每条记录、印章和数据库文件", "check every op, the seals, and the database file")
  static let usage = "linli office verify"

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 0)
    let office = try DataFolder(arguments).openOffice()
    var report = try Check.walk(office.store, arguments.console)
    try CommandError.wrap { () throws(OfficeError) in try office.verifySeals(&report) }
    return Check.show(report, arguments.console)
  }
}

/// Checks a hub's log, the offices' seals, and its database file.
enum HubVerifyCommand: Command {
  static let name = "hub verify"
  static let summary = OfficeVerifyCommand.summary
  static let usage = "linli hub verify"

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 0)
    let hub = try DataFolder(arguments).openHub()
    var report = try Check.walk(hub.store, arguments.console)
    try CommandError.wrap { () throws(StoreError) in try hub.verifySeals(&report) }
    return Check.show(report, arguments.console)
  }
}

/// What the checks of offices and hubs share.
private enum Check {
  static func rebuild(_ store: Store, _ console: Console) throws(CommandError) -> Int32 {
    let (before, after, ops) = try CommandError.wrap { () throws(StoreError) in
      let before = try store.tablesDigest()
      try store.rebuild { console.progress("\($0)") }
      var ops: UInt64 = 0
      for replica in try store.replicas() { ops += try store.foldedHead(of: replica).seq }
      return (before, try store.tablesDigest(), ops)
    }
    console.endProgress()
    if console.isJSON {
      console.json { json in
        json.key("before")
        json.text(before.description)
        json.key("after")
        json.text(after.description)
        json.key("equal")
        json.flag(before == after)
        json.key("ops")
        json.integer(Int64(ops))
      }
    } else {
      console.out(Words("重建前 \(before)", "before \(before)"))
      console.out(Words("重建后 \(after)", "after  \(after)"))
      console.out(
        before == after
          ? Words("\(ops) 条记录，各表一致", "\(ops) ops, the tables are equal")
          : Words("\(ops) 条记录，各表不一致", "\(ops) ops, the tables differ"))
    }
    return before == after ? ExitCode.ok : ExitCode.checkFailed
  }

  static func walk(_ store: Store, _ console: Console) throws(CommandError) -> VerifyReport {
    defer { console.endProgress() }
    return try CommandError.wrap { () throws(StoreError) in
      try store.verify { console.progress("\($0)") }
    }
  }

  static func show(_ report: VerifyReport, _ console: Console) -> Int32 {
    let isWell = report.findings.isEmpty
    if console.isJSON {
      console.json { json in
        json.key("ok")
        json.flag(isWell)
        json.key("ops")
        json.integer(Int64(report.ops))
        if let id = report.firstBadOp {
          json.key("first_bad_op")
          json.opID(id)
        }
        json.key("findings")
        json.openArray()
        for finding in report.findings { json.text(finding) }
        json.closeArray()
      }
    } else {
      for finding in report.findings { console.out(finding) }
      if let id = report.firstBadOp { console.out("first bad op \(id)") }
      if isWell { console.out(Words("\(report.ops) 条记录完好", "\(report.ops) ops are sound")) }
    }
    return isWell ? ExitCode.ok : ExitCode.checkFailed
  }
}
