import Community
import Office

/// Exchanges with the hub.
enum OfficeSyncCommand: Command {
  static let name = "office sync"
  static let summary = Words("与街道同步", "exchange with the hub")
  static let usage = "linli office sync [--attempts N]"

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 0)
    let attempts = try arguments.integer("attempts", in: 1...100) ?? 5
    let office = try DataFolder(arguments).openOffice()
    let hub = try CommandError.wrap { () throws(OfficeError) in try office.hubAddress }
    let console = arguments.console
    let summary = try await HubLine.sync(
      office, through: try HubLine.open(hub), attempts: attempts, console)
    if console.isJSON {
      console.json { $0.summary(summary) }
    } else {
      console.out(summary.words)
    }
    return ExitCode.ok
  }
}
