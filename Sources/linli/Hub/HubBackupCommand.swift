import Community

/// Writes a backup of the hub's database while the hub runs.
enum HubBackupCommand: Command {
  static let name = "hub backup"
  static let summary = Words("备份街道数据(服务运行时也可)", "back up the hub's database, also while it runs")
  static let usage = "linli hub backup FILE"
  static let example = "linli hub backup /media/usb/hub-2026-01.db --data hub"

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try BackupFile.write(DataFolder(arguments).openHubStore(), arguments)
  }
}
