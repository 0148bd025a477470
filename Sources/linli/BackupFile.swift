import Community
import Glibc
import Store
import Wire

/// Writes backups of an office's or a hub's database.
enum BackupFile {
  /// Writes a backup of a store into the file that the command line names.
  static func write(_ store: Store, _ arguments: Arguments) throws(CommandError) -> Int32 {
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
    try BundlePath.checkWritable(file)
    try CommandError.wrap { () throws(StoreError) in
      try store.backUp(to: file, now: Machine.now())
    }
    arguments.console.answer(
      Words(
        "已备份到 \(file)；其中有个人信息，请妥善保管，30 天后删除",
        "backed up to \(file); it holds personal data: keep it safe, delete it after 30 days")
    ) { $0.member("file", file) }
    return ExitCode.ok
  }
}
