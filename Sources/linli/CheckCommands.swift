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
  static let example = "linli office rebuild --data office"

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
  static let example = "linli hub rebuild --data hub"

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 0)
    return try Check.rebuild(DataFolder(arguments).openHubStore(), arguments.console)
  }
}

/// Checks an office's log, seals, tables, and database file.
enum OfficeVerifyCommand: Command {
  static let name = "office verify"
  static let summary = Words(
    "核对每条记录、印章、各表和数据库文件", "check every op, the seals, the tables, and the file")
  static let usage = "linli office verify"
  static let example = "linli office verify --data office"

  private static let advice = Words(
    """
    怎么办: 停止在本机登记，复制整个文件夹并保留；请街道管理员给新的入网码，
    在新文件夹入网 (linli office init)。街道已收到的记录不会丢失，同步后会回来；
    还没送到街道的，用 linli log 查看副本后重新登记。
    """,
    """
    What to do: stop recording here, copy the whole folder, and keep the copy. Ask the street's
    administrator for a new code and enrol in a new folder (linli office init). Nothing that reached
    the hub is lost: it comes back with the sync. What had not, record again from linli log.
    """)

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 0)
    let office = try DataFolder(arguments).openOffice()
    var report = try Check.walk(office.store, arguments.console)
    try CommandError.wrap { () throws(OfficeError) in try office.verifySeals(&report) }
    let differences = try Check.tables(of: office.store)
    return Check.show(report, differences, advice, arguments.console)
  }
}

/// Checks a hub's log, the offices' seals, its tables, and its database file.
enum HubVerifyCommand: Command {
  static let name = "hub verify"
  static let summary = OfficeVerifyCommand.summary
  static let usage = "linli hub verify"
  static let example = "linli hub verify --data hub"

  private static let advice = Words(
    """
    怎么办: 停止街道服务，复制整个文件夹并保留，不要删除任何文件。各站点可以继续登记，
    它们存有街道写过的全部记录。再检查磁盘，用最近的完好副本对照。
    """,
    """
    What to do: stop the hub, copy the whole folder, and delete nothing. The offices may go on
    recording: they hold copies of all that the hub wrote. Then check the disk, and compare with the
    last sound copy.
    """)

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 0)
    let hub = try DataFolder(arguments).openHub()
    var report = try Check.walk(hub.store, arguments.console)
    try CommandError.wrap { () throws(StoreError) in try hub.verifySeals(&report) }
    let differences = try Check.tables(of: hub.store)
    return Check.show(report, differences, advice, arguments.console)
  }
}

/// What the checks of offices and hubs share.
private enum Check {
  static func rebuild(_ store: Store, _ console: Console) throws(CommandError) -> Int32 {
    let history = try CommandError.wrap { () throws(StoreError) in
      try store.read { () throws(StoreError) in try store.history() }
    }
    guard history == nil else {
      throw .refused(
        "history-coming",
        Words(
          "历史记录还没有接收完、整理好，不能重建",
          "the history is not all here and in order yet: it cannot be rebuilt"),
        advice: Words("先运行 linli office sync，直到完成", "run linli office sync until it is"))
    }
    let report = try CommandError.wrap { () throws(StoreError) in
      try store.rebuildAndCompare { console.progress("\($0)") }
    }
    let (before, after, ops) = (report.before, report.after, report.ops)
    console.endProgress()
    if console.isJSON {
      console.json { json in
        json.member("before", before.description)
        json.member("after", after.description)
        json.member("equal", before == after)
        json.member("ops", ops)
        if before != after {
          json.member("advice", console.language(rebuildAdvice))
        }
      }
    } else {
      console.out(Words("重建前 \(before)", "before \(before)"))
      console.out(Words("重建后 \(after)", "after  \(after)"))
      console.out(
        before == after
          ? Words("\(ops) 条记录，各表一致", "\(ops) ops, the tables are equal")
          : Words("\(ops) 条记录，各表不一致", "\(ops) ops, the tables differ"))
      console.out(
        Words(
          "(这是本机全部各表的摘要；status 的摘要只含与街道比对的部分，两者不同)",
          "(a digest of all tables here; that of status is of what office and hub compare, and is another)"
        ))
      if before != after { console.out(rebuildAdvice) }
    }
    return before == after ? ExitCode.ok : ExitCode.checkFailed
  }

  private static let rebuildAdvice = Words(
    "各表现已按记录重建，可以继续使用；原来的表有误，请运行 verify 并告知街道管理员",
    "the tables are now what the log says and may be used; the old ones were wrong: "
      + "run verify and tell the street's administrator")

  static func walk(_ store: Store, _ console: Console) throws(CommandError) -> VerifyReport {
    defer { console.endProgress() }
    return try CommandError.wrap { () throws(StoreError) in
      try store.verify { console.progress("\($0)") }
    }
  }

  /// Compares the tables with the sums kept of their rows, keeps what is found for the next sync to
  /// look into, and returns all that is known to be wrong.
  static func tables(of store: Store) throws(CommandError) -> Differences {
    try CommandError.wrap { () throws(StoreError) in
      let damaged = try store.read { () throws(StoreError) in try store.damagedPartitions() }
      if !damaged.isEmpty {
        try store.write { () throws(StoreError) in
          try store.keep(damaged: damaged, at: Machine.now())
        }
      }
      return try Differences(of: store)
    }
  }

  static func show(
    _ report: VerifyReport, _ differences: Differences, _ advice: Words, _ console: Console
  ) -> Int32 {
    let isSound = report.findings.isEmpty
    let isWell = isSound && differences.isEmpty
    if console.isJSON {
      console.json { json in
        json.member("ok", isWell)
        json.member("ops", report.ops)
        json.member("unproved", report.unproved.reduce(0) { $0 + Int64($1.count) })
        json.member("put_away", report.putAway.reduce(0) { $0 + $1.count })
        json.member("first_bad_op", report.firstBadOp)
        json.member("findings", texts: report.findings)
        if !isSound {
          json.member("advice", console.language(advice))
        }
        differences.write(to: &json)
      }
    } else {
      for finding in report.findings { console.out(finding) }
      for log in report.unproved {
        console.out(
          Words(
            "副本 \(log.replica) 有 \(log.count) 条记录正在接收，尚未证实，不计入",
            "\(log.count) ops of \(log.replica) are being received: not proved yet, they do not count"
          ))
      }
      for log in report.putAway {
        console.out(
          Words(
            "副本 \(log.replica) 有 \(log.count) 条记录的编号归了先送到的记录，另存，不计入",
            "\(log.count) ops of \(log.replica) lost their ids to ops received first: kept, not counted"
          ))
      }
      if let id = report.firstBadOp {
        console.out(Words("第一条坏记录 \(id)", "first bad op \(id)"))
      }
      if !isSound { console.out(advice) }
      for line in differences.words { console.out(line) }
      if isWell { console.out(Words("\(report.ops) 条记录完好", "\(report.ops) ops are sound")) }
    }
    return isWell ? ExitCode.ok : ExitCode.checkFailed
  }
}
