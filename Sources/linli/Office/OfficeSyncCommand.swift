import Community
import HTTPClient
import Office

/// Exchanges with the hub.
enum OfficeSyncCommand: Command {
  static let name = "office sync"
  static let summary = Words("与街道同步", "exchange with the hub")
  static let usage = "linli office sync [--hub URL] [--attempts N] [--watch SECONDS]"
  static let example = "linli office sync --data office"

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 0)
    let attempts = try arguments.integer("attempts", in: 1...100) ?? 5
    let folder = DataFolder(arguments)
    let office = try folder.openOffice()
    let kept = try CommandError.wrap { () throws(OfficeError) in try office.hubAddress }
    let hub = arguments.option("hub") ?? kept
    let (line, console) = (try HubLine.open(hub), arguments.console)
    let seconds = try arguments.integer("watch", in: 1...3_600)
    if seconds == nil || hub != kept {
      show(try await HubLine.sync(office, through: line, attempts: attempts, console), console)
      if hub != kept {
        try CommandError.wrap { () throws(OfficeError) in try office.keep(hubAddress: hub) }
      }
      await BundleForwarding.run(office, in: folder, through: line, console)
    }
    guard let seconds else { return ExitCode.ok }
    return try await watch(office, in: folder, through: line, every: seconds, console)
  }

  static func details(of words: [String], in language: Language) -> String {
    language(
      Words(
        """
        街道的电脑换了地址时，用 --hub 给出新地址；同步成功后就记住它。
        --watch 每隔若干秒同步一次，直到收到停止信号；其他站点申请额度时，由它代表本站答复。
        断线不会退出，下一次再试。
        """,
        """
        When the hub's PC has another address, --hub gives it; it is kept once a sync succeeded.
        --watch syncs every so many seconds until it is told to stop; so this office answers others who
        ask it for points. A line that is down does not end it: it tries again next time.
        """))
  }

  /// Syncs again and again until a signal comes; what moved is said, and what failed.
  private static func watch(
    _ office: OfficeCore, in folder: DataFolder, through line: HTTPTransport, every seconds: Int,
    _ console: Console
  ) async throws(CommandError) -> Int32 {
    let signals = StopSignals()
    repeat {
      do throws(CommandError) {
        let summary = try await HubLine.sync(office, through: line, attempts: 1, console)
        if summary.pushed + summary.pulled + summary.bodies > 0 { show(summary, console) }
        await BundleForwarding.run(office, in: folder, through: line, console)
      } catch  where error.exit == ExitCode.unreachable { console.report(error) }
    } while await !signals.wait(milliseconds: Int64(seconds) * 1_000)
    return ExitCode.ok
  }

  private static func show(_ summary: SyncSummary, _ console: Console) {
    console.answer(summary.words) { $0.summary(summary) }
  }
}
