import Community
import Glibc
import Office
import Wire

extension DataFolder {
  /// Keeps every other process from serving or rebuilding this hub, until this one ends.
  ///
  /// The operating system lets go of it however the process ends, so a file that stays means nothing.
  ///
  /// - Throws: A refusal while another process has it.
  func lockHub() throws(CommandError) {
    guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
      throw CommandError(OfficeError.folder(path))
    }
    let descriptor = open(path + "/hub.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw CommandError(OfficeError.folder(path)) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      throw .refused(
        "hub-in-use",
        Words("街道服务正在这个文件夹里运行", "the hub of this folder is being served, or rebuilt"),
        advice: Words("先停止 linli hub serve，再试一次", "stop linli hub serve first, then try again"))
    }
  }
}
