import Community
import Glibc
import Hub
import Store
import Wire

/// Writes a backup of the hub's database while the hub runs.
enum HubBackupCommand: Command {
  static let name = "hub backup"
  static let summary = Words("备份街道数据(服务运行时也可)", "back up the hub's database, also while it runs")
  static let usage = "linli hub backup FILE"
  static let example = "linli hub backup /media/usb/hub-2026-01.db --data hub"

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 1)
    guard let file = arguments.positional(0) else {
      throw .usage(Words("请写明备份文件", "name the file of the backup"))
    }
    guard access(file, F_OK) != 0 else {
      throw CommandError(
        exit: ExitCode.refused, code: "exists",
        message: Words("\(file) 已存在", "\(file) is there already"),
        advice: Words("换一个文件名", "name another file"))
    }
    let store = try DataFolder(arguments).openHubStore()
    try CommandError.wrap { () throws(StoreError) in
      try store.backUp(to: file, now: Machine.now())
    }
    if arguments.console.isJSON {
      arguments.console.json { json in
        json.key("file")
        json.text(file)
      }
    } else {
      arguments.console.out(
        Words(
          "已备份到 \(file)；其中有个人信息，请妥善保管，30 天后删除",
          "backed up to \(file); it holds personal data: keep it safe, delete it after 30 days"))
    }
    return ExitCode.ok
  }
}
