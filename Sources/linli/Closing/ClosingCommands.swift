import Community
import Hub
import OpLog
import Pages
import Store
import Wire

/// Closes a month of a community, or of every community where it is still open.
enum HubCloseCommand: Command {
  static let name = "hub close"
  static let summary = Words("月结: 锁定社区的月份", "close a month, in one community or in all")
  static let usage = "linli hub close --month YYYY-MM [--community NAME]"
  static let example = "linli hub close --month 2026-01 --data hub"

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 0)
    let month = try arguments.month()
    guard arguments.option("community") == nil else {
      let (store, community) = try Closing.open(arguments)
      let op = try CommandError.wrap { () throws(ClosingRefusal) in
        try HubAdmin.close(month, of: community, in: store, now: Machine.now())
      }
      return try Closing.show([op], store, arguments.console)
    }
    let store = try DataFolder(arguments).openHubStore()
    var ops: [OpID] = []
    for community in try store.communities(by: arguments) {
      do throws(ClosingRefusal) {
        ops.append(try HubAdmin.close(month, of: community, in: store, now: Machine.now()))
      } catch {
        if case .closedBefore = error { continue }
        throw error.commandError
      }
    }
    return try Closing.show(ops, store, arguments.console, none: Words("都已结账", "all are closed"))
  }
}

/// Opens a closed month again.
enum HubReopenCommand: Command {
  static let name = "hub reopen"
  static let summary = Words("重开已结的月份(两人)", "open a closed month again, by two persons")
  static let usage = """
    linli hub reopen --community NAME --month YYYY-MM --by A,B \
    --reason late_records|wrong_totals|audit
    """
  static let example = """
    linli hub reopen --community 青龙街 --month 2026-01 --by 4096-4,4096-5 \
    --reason late_records --data hub
    """

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 0)
    let month = try arguments.month()
    let approvers = try arguments.twoPersons("by")
    let reason = try arguments.choice(
      "reason", of: ["late_records", "wrong_totals", "audit"])
    let (store, community) = try Closing.open(arguments)
    let op = try CommandError.wrap { () throws(ClosingRefusal) in
      try HubAdmin.reopen(
        month, of: community, approvers: approvers, reason: reason, in: store,
        now: Machine.now())
    }
    return try Closing.show([op], store, arguments.console)
  }
}

/// Settles a month between communities.
enum HubSettleCommand: Command {
  static let name = "hub settle"
  static let summary = Words("社区间结算", "settle a month between communities")
  static let usage = "linli hub settle --month YYYY-MM"
  static let example = "linli hub settle --month 2026-01 --data hub"

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 0)
    let month = try arguments.month()
    let store = try DataFolder(arguments).openHubStore()
    let ops = try CommandError.wrap { () throws(ClosingRefusal) in
      try HubAdmin.settle(month, in: store, now: Machine.now())
    }
    return try Closing.show(
      ops, store, arguments.console,
      none: Words(
        "没有要结算的: 社区之间没有兑换，或其中一方还没有结这个月(hub close)，或已经结算",
        "nothing to settle: no points crossed communities, or one of the two has not closed the month "
          + "(hub close), or it is settled"))
  }
}

/// Ends a year's points in a community.
enum HubExpireCommand: Command {
  static let name = "hub expire"
  static let summary = Words("年度清零/结转", "end a year's points in a community")
  static let usage = "linli hub expire --community NAME --year YYYY"
  static let example = "linli hub expire --community 青龙街 --year 2025 --data hub"

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 0)
    _ = try arguments.required("year")
    let year = try arguments.integer("year", in: 1970...9_997) ?? 0
    let (store, community) = try Closing.open(arguments)
    let ops = try CommandError.wrap { () throws(ClosingRefusal) in
      try HubAdmin.expire(Int64(year), of: community, in: store, now: Machine.now())
    }
    return try Closing.show(ops, store, arguments.console)
  }
}

/// Takes back that a year's points ended, or a settlement.
enum HubReverseCommand: Command {
  static let name = "hub reverse"
  static let summary = Words(
    "撤销年度清零或结算(两人)", "take a year's end or a settlement back, by two persons")
  static let usage = """
    linli hub reverse OP --by A,B \
    --reason wrong_period|wrong_community|wrong_totals|audit
    """
  static let example = """
    linli hub reverse 4096-812 --by 4096-4,4096-5 --reason wrong_totals --data hub
    """

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 1)
    let closing = try arguments.id(
      of: Words("清零或结算", "the year's end or settlement"), listedBy: "linli show settlements")
    let approvers = try arguments.twoPersons("by")
    let reason = try arguments.choice(
      "reason", of: ["wrong_period", "wrong_community", "wrong_totals", "audit"])
    let store = try DataFolder(arguments).openHubStore()
    let op = try CommandError.wrap { () throws(ClosingRefusal) in
      try HubAdmin.reverse(
        closing, approvers: approvers, reason: reason, in: store, now: Machine.now())
    }
    return try Closing.show([op], store, arguments.console)
  }
}

/// Lets goods go that were kept for somebody who did not come.
enum HubExpireReservationsCommand: Command {
  static let name = "hub expire-reservations"
  static let summary = Words("取消过期的预约", "release what was kept up to a day that is over")
  static let usage = "linli hub expire-reservations"
  static let example = "linli hub expire-reservations --data hub"

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 0)
    let store = try DataFolder(arguments).openHubStore()
    let ops = try CommandError.wrap { () throws(StoreError) in
      try HubAdmin.expireReservations(in: store, now: Machine.now())
    }
    return try Closing.show(
      ops, store, arguments.console, none: Words("没有过期的预约", "nothing is kept too long"))
  }
}

/// What the commands of closing share.
private enum Closing {
  static func open(_ arguments: Arguments) throws(CommandError) -> (Store, OpID) {
    _ = try arguments.required("community")
    let store = try DataFolder(arguments).openHubStore()
    return (store, try store.communityNamed(by: arguments))
  }

  /// Shows the ops that were written and what became of them.
  static func show(
    _ ops: [OpID], _ store: Store, _ console: Console,
    none: Words = Words("没有要结算的", "nothing to settle")
  ) throws(CommandError) -> Int32 {
    if ops.isEmpty, !console.isJSON { console.out(none) }
    for op in ops {
      let (outcome, kind) = try CommandError.wrap { () throws(StoreError) in
        (try store.verdict(of: op).outcome, Catalogue.kind(try store.op(op).kind))
      }
      let (words, what) = (outcome.words, kind?.words ?? Words("", ""))
      console.answer(
        Words(
          "\(op) \(what.chinese) \(words.chinese)", "\(op) \(what.english): \(words.english)")
      ) { json in
        json.member("op", op)
        json.member("outcome", outcome.rawValue)
      }
    }
    return ExitCode.ok
  }
}

extension ClosingRefusal: WordedError {
  var commandError: CommandError {
    switch self {
    case .tooEarly(let day):
      .refused(
        "too-early",
        Words("还没有到期: 到 \(day) 前一天为止", "it is too early: it ends on the day before \(day)"),
        advice: Words("\(day) 起可以做", "do it from \(day) on"))
    case .closedBefore(let op):
      .refused(
        "closed-before", Words("已经做过: \(op)", "it was done before: \(op)"),
        advice: Words("无需处理", "nothing is to be done"))
    case .nothingToDo:
      .refused(
        "nothing-to-do", Words("没有可处理的", "there is nothing to do"),
        advice: Words("核对月份和社区规则", "check the month and the community's rules"))
    case .appointmentEnded(let staff):
      .refused(
        "appointment-ended", Words("\(staff) 的任用已经结束", "the appointment of \(staff) has ended"),
        advice: Words("请另一位审核人员签字", "let another approver sign"))
    case .notApprover(let staff):
      .refused(
        "not-approver", Words("\(staff) 现在不是审核人员", "\(staff) is no approver here now"),
        advice: Words("linli hub staff list 列出权限", "linli hub staff list lists the roles"))
    case .onePerson:
      .refused(
        "one-person", Words("两个编号是同一个人", "both ids are one person"),
        advice: Words("请另一位审核人员签字", "let another approver sign"))
    case .settled(let op):
      .refused(
        "settled", Words("这个月已经结算: \(op)", "the month is settled: \(op)"),
        advice: Words(
          "补记会计入未结的月份；结算有误先用 linli hub reverse 撤销",
          "late records count in the open month; linli hub reverse takes a wrong settlement back"))
    case .officeAway(let office):
      .refused(
        "office-away",
        Words(
          "其余居民已清零；站点 \(office.rawValue) 在期限之后还没有送来过记录",
          "the year ended for the others; no record of office \(office.rawValue) has come since its last day"
        ),
        advice: Words(
          "它送来一条记录(哪一种都行) 7 天后再运行；不再使用的站点先用 linli hub retire 注销",
          "run it again 7 days after a sync that brought a record of it, whichever; linli hub retire takes "
            + "an office out of use"))
    case .store(let error): CommandError(error)
    }
  }
}
