import Community
import Office

/// Writes a backup of the office's database.
enum OfficeBackupCommand: Command {
  static let name = "office backup"
  static let summary = Words("备份本站数据", "back up the office's database")
  static let usage = "linli office backup FILE"
  static let example = "linli office backup /media/usb/office-2026-01.db --data office"

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try BackupFile.write(DataFolder(arguments).openOffice().store, arguments)
  }

  static func details(of words: [String], in language: Language) -> String {
    language(
      Words(
        """
        备份是某一时刻的副本，只用来查阅 (sqlite3 文件)，不能代替本站继续登记: 其中没有本站的编号和密钥。
        电脑坏了就用新的入网码重新入网，街道已收到的记录会随同步回来。
        """,
        """
        A backup is a copy of one moment, to be read with sqlite3. No office can go on with it: it holds
        neither the office's number nor its keys. After a PC died, enrol again with a new code: what had
        reached the hub comes back with the sync.
        """))
  }
}
