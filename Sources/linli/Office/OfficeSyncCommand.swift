import Community
import HTTPClient
import Office

/// Exchanges with the hub.
enum OfficeSyncCommand: Command {
  static let name = "office sync"
  static let summary = Words("与街道同步", "exchange with the hub")
  static let usage =
    "linli office sync [--hub URL] [--attempts N] [--watch [SECONDS]] [--budget MB|off]"
  static let example = "linli office sync --data office"

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 0)
    let attempts = try arguments.integer("attempts", in: 1...100) ?? 5
    let folder = DataFolder(arguments)
    let office = try folder.openOffice()
    if let text = arguments.option("budget") {
      guard let budget = ByteBudget(text) else {
        throw .badValue(option: "budget", text, example: "20, 0.5, off (0.1 … MB)")
      }
      try CommandError.wrap { () throws(OfficeError) in try office.keep(byteBudget: budget.bytes) }
    }
    let kept = try CommandError.wrap { () throws(OfficeError) in try office.hubAddress }
    let hub = arguments.option("hub") ?? kept
    let (line, console) = (try HubLine.open(hub), arguments.console)
    let seconds = try arguments.integer("watch", in: 1...3_600)
    let isWatching = seconds != nil || arguments.flag("watch")
    if !isWatching || hub != kept {
      let summary = try await HubLine.sync(office, through: line, attempts: attempts, console)
      console.answer(summary.words) { $0.summary(summary) }
      if hub != kept {
        try CommandError.wrap { () throws(OfficeError) in try office.keep(hubAddress: hub) }
      }
      await BundleForwarding.run(office, in: folder, through: line, console)
      // A hub can agree with an old copy: it may lack what was written under the numbers that come next.
      if let stop = try CommandError.wrap({ () throws(OfficeError) in try office.stop }) {
        throw .afterSync(stop)
      }
    }
    let fault = try CommandError.wrap { () throws(OfficeError) in try EnrolmentFault(of: office) }
    if let fault, !console.isJSON { console.out(fault.words) }
    guard isWatching else { return ExitCode.ok }
    try await OfficeWatch(
      office: office, folder: folder, line: line, console: console, every: seconds
    ).run()
    return ExitCode.ok
  }

  static func details(of words: [String], in language: Language) -> String {
    language(
      Words(
        """
        街道的电脑换了地址时，用 --hub 给出新地址；同步成功后就记住它。
        --watch 一直同步，直到收到停止信号: 街道有新记录马上就来，本站登记后两秒就送出。写上秒数，
        就每隔那么久收一次，流量少些。其他站点申请额度时，由它代表本站答复。断线不会退出，下一次再试。
        --budget 是每天的流量上限，以 MB 计，记住直到改掉(off 取消)。用完后当天只送出本站记录，
        资料和别站的记录等到明天，office status 看得到。
        """,
        """
        When the hub's PC has another address, --hub gives it; it is kept once a sync succeeded.
        --watch goes on until it is told to stop: what others record comes at once, what is recorded here
        goes after two seconds. With SECONDS it asks only so often, which costs less. So this office
        answers others who ask it for points. A line that is down does not end it: it tries again.
        --budget is how many MB may go over the line in a day; it is kept until it is changed (off takes
        it away). When they are spent, only own ops go for the rest of the day; bodies and what others
        recorded wait. linli office status shows it.
        """))
  }
}
